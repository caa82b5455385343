package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobOptions;
import dev.orchestrator.durable.EngineWorld.Printed;
import dev.orchestrator.testkit.Gate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * P1: a worker that is gone loses its work, which is done again; and what a worker reports that has lost its work is refused,
 * so there is one recorded ending.
 */
class EngineLeaseTest {
    private static final Settings SHORT = EngineWorld.withLease(Duration.ofMillis(400));

    private final EngineWorld world = EngineWorld.create();
    private final EngineWorld.Process here = world.process("here", SHORT);

    @AfterEach
    void close() {
        world.close();
    }

    private void claimedBy(String node, long heartbeat) throws Exception {
        int changed = world.change(
                "update orch_queue set picked = true, picked_by = ?, last_heartbeat = TIME(?), version = version + 1",
                node,
                heartbeat);
        assertThat(changed).isEqualTo(1);
    }

    @Test
    void the_work_of_a_dead_process_is_done_again_as_the_next_attempt() throws Exception {
        here.add("echo", JobOptions.none(), (job, context) -> "attempt " + context.attempt());
        world.store.dispatch(EngineWorld.job("echo", "a", "x", "here"));
        claimedBy("dead", 1);
        here.start();

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("attempt 2");
    }

    @Test
    void a_process_that_does_no_such_works_finds_dead_ones_too() throws Exception {
        world.store.dispatch(EngineWorld.job("strange", "a", "x", "here"));
        claimedBy("dead", 1);
        here.start();

        here.spy.awaitDone("crashed");
        assertThat(world.find("a").state()).isEqualTo(JobState.WAITING);
    }

    @Test
    void a_work_that_loses_its_worker_too_often_fails() throws Exception {
        here.add("deadly", JobOptions.none(), (job, context) -> "not reached");
        world.store.dispatch(EngineWorld.job("deadly", "a", "x", "here"));
        world.change("update orch_job set crashes = 2 where id = 'a'");
        claimedBy("dead", 1);
        here.start();

        here.spy.awaitDone("crashed");
        DurableJob job = world.find("a");
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).contains("gone 3 times");
    }

    @Test
    void code_whose_claim_is_lost_is_stopped_and_its_result_is_dropped() throws Exception {
        var stopped = new CompletableFuture<String>();
        var gate = new Gate();
        here.add("wait", JobOptions.none(), (job, context) -> {
            try {
                return gate.pass("late");
            } catch (InterruptedException interrupted) {
                stopped.complete("stopped");
                return "a result all the same";
            }
        });
        here.start().dispatch("wait", "a", "x");
        gate.awaitArrival();

        claimedBy("other", world.store.now() + 60_000);

        assertThat(stopped.get(30, TimeUnit.SECONDS)).isEqualTo("stopped");
        here.close();
        assertThat(here.told.lines).containsExactly("a began 1");
        assertThat(world.find("a").state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void an_event_of_code_whose_claim_is_lost_is_refused() throws Exception {
        var thrown = new CompletableFuture<Throwable>();
        var gate = new Gate();
        EngineWorld.Process unaware = world.process("unaware"); // its lease is long: nothing else tells it
        unaware.add("print", JobOptions.none(), (job, context) -> {
            gate.pass("now");
            try {
                context.emit(new Printed("a", "too late"));
            } catch (RuntimeException refused) {
                thrown.complete(refused);
            }
            return "done";
        });
        unaware.start().dispatch("print", "a", "x");
        gate.awaitArrival();
        claimedBy("other", world.store.now() + 60_000);

        gate.open();

        assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(LostClaimException.class);
        unaware.close();
        assertThat(world.store.events("a", 0)).isEmpty();
        assertThat(unaware.told.lines).containsExactly("a began 1");
    }

    @Test
    void a_result_that_comes_after_the_claim_was_lost_is_dropped() throws Exception {
        var gate = new Gate();
        EngineWorld.Process unaware = world.process("unaware");
        unaware.add("wait", JobOptions.none(), (job, context) -> gate.pass("late"));
        unaware.start().dispatch("wait", "a", "x");
        gate.awaitArrival();
        claimedBy("other", world.store.now() + 60_000);

        gate.open();

        unaware.close();
        assertThat(unaware.told.hasEnded("a")).isFalse();
        assertThat(world.find("a").state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void code_is_stopped_when_its_lease_cannot_be_renewed_and_the_work_comes_back_uncounted() throws Exception {
        var stopped = new CompletableFuture<String>();
        var runs = new AtomicInteger();
        var gate = new Gate();
        here.add("wait", JobOptions.none(), (job, context) -> {
            if (runs.incrementAndGet() > 1) return "attempt " + context.attempt();
            try {
                return gate.pass("late");
            } finally {
                stopped.complete("stopped");
            }
        });
        here.start().dispatch("wait", "a", "x");
        gate.awaitArrival();

        here.spy.isQueueGone = true;
        assertThat(stopped.get(30, TimeUnit.SECONDS)).isEqualTo("stopped");
        here.spy.isQueueGone = false;

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("attempt 1");
    }

    @Test
    void a_long_attempt_keeps_its_lease() throws Exception {
        var gate = new Gate();
        Settings brief =
                EngineWorld.withLease(Duration.ofSeconds(1)); // but longer than a busy machine holds a thread up
        EngineWorld.Process other = world.process("other", brief).start();
        EngineWorld.Process patient = world.process("patient", brief);
        patient.add("wait", JobOptions.none(), (job, context) -> gate.pass("in time"));
        patient.start().dispatch("wait", "a", "x");
        gate.awaitArrival();
        // Several leases go by: each beat of the other process is a quarter of one.
        for (int beats = 0; beats < 8; beats++) other.spy.awaitDone("alive");

        gate.open();

        assertThat(patient.told.awaitEnd("a").value()).isEqualTo("in time");
        assertThat(other.spy.called("crashed")).isZero();
    }
}
