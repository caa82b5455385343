package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobOptions;
import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.testkit.Gate;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * P1, P7: a job that is claimed as it is stored is as safe as any other, and takes no turn of one that waits.
 *
 * <p>Whether a job is claimed so depends on what else is claimed at that moment; so tests dispatch until one is.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FirstClaimsTest {
    private final EngineWorld world = EngineWorld.create();
    private final Gate gate = new Gate();
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();

    @AfterEach
    void close() {
        gate.open();
        world.close();
    }

    private static Settings with(int workers, Duration poll) {
        Settings given = EngineWorld.SETTINGS;
        return new Settings(workers, poll, given.lease(), given.keep(), given.grace(), given.mostCrashes());
    }

    private String fresh() {
        return "j" + numbers.incrementAndGet();
    }

    /** Dispatches jobs of that type until one is claimed as it is stored; gives its id. */
    private String claimed(EngineWorld.Process process, String type) throws Exception {
        while (true) {
            String id = fresh();
            if (process.engine.dispatch(EngineWorld.job(type, id, "x", process.node)) instanceof Dispatched.Claimed)
                return id;
            process.told.awaitEnd(id);
        }
    }

    @Test
    void its_worker_begins_without_a_look_at_the_database() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("count", JobOptions.none(), (job, context) -> String.valueOf(runs.incrementAndGet()));
        here.start();
        here.told.awaitEnd(claimed(here, "count"));
        int looks;
        String id;
        do { // one that is not claimed so is looked at
            looks = here.spy.called("claimed");
            id = claimed(here, "count");
            here.told.awaitEnd(id);
        } while (here.spy.called("claimed") > looks);

        assertThat(here.told.awaitEnd(id).value()).isEqualTo(String.valueOf(runs.get()));
        assertThat(runs).hasValue(numbers.get());
        assertThat(world.find(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void no_more_are_claimed_than_there_are_workers_and_the_more_urgent_one_is_next() throws Exception {
        EngineWorld.Process here = world.process("here", with(1, Duration.ofMillis(20)));
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        here.add("wait", JobOptions.none(), (job, context) -> gate.pass("waited"));
        here.start();
        claimed(here, "echo");
        here.engine.dispatch(EngineWorld.job("wait", "first", "x", "here"));
        gate.awaitArrival();

        assertThat(here.engine.dispatch(EngineWorld.job("echo", "low", "x", "here")))
                .isEqualTo(new Dispatched.Added(true));
        here.engine.dispatch(EngineWorld.urgent("echo", "high", "x", "here", 9));
        gate.open();
        here.told.awaitEnd("low");

        assertThat(here.told.lines).containsSubsequence("high began 1", "low began 1");
    }

    @Test
    void what_waits_already_has_the_free_worker() throws Exception {
        EngineWorld.Process here = world.process("here", with(1, Duration.ofDays(1)));
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        for (int i = 0; i < 20; i++) world.store.dispatch(EngineWorld.job("echo", "early" + i, "x", "here"));
        here.start();
        here.engine.dispatch(EngineWorld.job("echo", "late", "x", "here"));
        here.told.awaitEnd("late");

        assertThat(here.told.lines.stream().filter(line -> line.endsWith("began 1")))
                .last()
                .isEqualTo("late began 1");
    }

    @Test
    void a_wish_to_stop_that_comes_before_the_attempt_is_heeded() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        here.start();
        here.spy.after("dispatch", done -> {
            if (!(done instanceof Dispatched.Claimed)) return;
            String id = "j" + numbers.get();
            assertThat(world.store.cancel(id, "at once")).isEqualTo(Store.Stopping.ASKED);
            assertThat(here.engine.stopHere(id, "at once")).isFalse();
        });
        String id = claimed(here, "echo");

        assertThat(here.told.awaitEnd(id).ending()).isEqualTo(new Store.Ending.Cancelled("at once"));
        assertThat(here.told.lines).doesNotContain(id + " began 1");
    }

    @Test
    void one_whose_storing_failed_after_the_commit_is_done_all_the_same() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("attempt", JobOptions.none(), (job, context) -> "attempt " + context.attempt());
        here.start();
        here.spy.failsAfterwards = true;
        while (here.spy.called("giveBack") == 0) {
            here.spy.fail("dispatch", 1);
            String id = fresh();
            assertThatThrownBy(() -> here.engine.dispatch(EngineWorld.job("attempt", id, "x", "here")))
                    .isInstanceOf(DurableStoreException.class);
            assertThat(here.told.awaitEnd(id).value()).isEqualTo("attempt 1");
        }
    }

    @Test
    void one_that_was_not_stored_keeps_no_worker() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        here.start();
        claimed(here, "echo");
        here.spy.fail("dispatch", 50);
        for (int i = 0; i < 50; i++)
            assertThatThrownBy(() -> here.engine.dispatch(EngineWorld.job("echo", "a", "x", "here")))
                    .isInstanceOf(DurableStoreException.class);

        here.told.awaitEnd(claimed(here, "echo"));
        here.engine.close();
        assertThat(world.store.find("a")).isEmpty();
    }

    @Test
    void its_lease_is_kept_while_it_runs() throws Exception {
        Settings brief = EngineWorld.withLease(Duration.ofSeconds(1));
        EngineWorld.Process other = world.process("other", brief).start();
        EngineWorld.Process here = world.process("here", brief);
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        here.start();
        claimed(here, "echo");
        var passing = new AtomicReference<>(new Gate());
        here.add("wait", JobOptions.none(), (job, context) -> passing.get().pass("in time"));
        String id = fresh();
        while (!(here.engine.dispatch(EngineWorld.job("wait", id, "x", "here")) instanceof Dispatched.Claimed)) {
            passing.get().open();
            here.told.awaitEnd(id);
            passing.set(new Gate());
            id = fresh();
        }
        passing.get().awaitArrival();
        for (int beats = 0; beats < 8; beats++) other.spy.awaitDone("alive");
        passing.get().open();

        assertThat(here.told.awaitEnd(id).value()).isEqualTo("in time");
        assertThat(other.spy.called("crashed")).isZero();
    }

    @Test
    void nothing_is_claimed_for_a_process_that_closes() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        here.start();
        claimed(here, "echo");
        here.engine.close();

        assertThat(here.engine.dispatch(EngineWorld.job("echo", "late", "x", "here")))
                .isEqualTo(new Dispatched.Added(true));
        assertThat(world.find("late").state()).isEqualTo(JobState.WAITING);
    }

    @Test
    void one_that_is_given_back_late_takes_no_claim_that_came_after_it() throws Exception {
        EngineWorld.Process here = world.process("here");
        var interrupted = new AtomicInteger();
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        here.add("wait", JobOptions.none(), (job, context) -> {
            runs.incrementAndGet();
            try {
                return gate.pass("once");
            } catch (InterruptedException stolen) {
                interrupted.incrementAndGet();
                throw stolen;
            }
        });
        here.start();
        String id = fresh();
        while (here.spy.called("giveBack") == 0) { // a first claim of it that is not stored, and given back later
            here.told.awaitEnd(claimed(here, "echo"));
            here.spy.fail("giveBack", 3);
            here.spy.fail("dispatch", 1);
            assertThatThrownBy(() -> here.engine.dispatch(EngineWorld.job("wait", id, "x", "here")))
                    .isInstanceOf(DurableStoreException.class);
        }
        here.dispatch("wait", id, "x");
        gate.awaitArrival();
        while (here.spy.called("giveBack") < 4) Thread.onSpinWait();
        gate.open();

        assertThat(here.told.awaitEnd(id).value()).isEqualTo("once");
        assertThat(runs).hasValue(1);
        assertThat(interrupted).hasValue(0);
    }

    @Test
    void one_that_cannot_be_begun_with_waits_for_a_worker() throws Exception {
        var isClaimed = new AtomicBoolean();
        Thread dispatching = Thread.currentThread();
        EngineWorld.Process here = world.process("here");
        here.add("attempt", JobOptions.none(), (job, context) -> "attempt " + context.attempt());
        here.start();
        here.spy.after("dispatch", done -> isClaimed.set(done instanceof Dispatched.Claimed));
        here.spy.after("now", now -> {
            if (Thread.currentThread() == dispatching && isClaimed.getAndSet(false))
                throw new IllegalStateException("no thread, for instance");
        });
        while (here.spy.called("giveBack") == 0) {
            String id = fresh();
            here.engine.dispatch(EngineWorld.job("attempt", id, "x", "here"));
            assertThat(here.told.awaitEnd(id).value()).isEqualTo("attempt 1");
        }
    }

    @Test
    void an_ending_that_was_recorded_here_is_told_by_its_worker() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        var isAboutToTell = new AtomicReference<Boolean>();
        here.spy.after("end", done -> isAboutToTell.compareAndSet(null, here.engine.isAboutToTell(world.find("a"))));
        here.add("wait", JobOptions.none(), (job, context) -> gate.pass("waited"));
        here.start().dispatch("echo", "a", "x");
        here.told.awaitEnd("a");
        here.dispatch("wait", "b", "x");
        gate.awaitArrival();

        assertThat(isAboutToTell).hasValue(true);
        assertThat(here.engine.isAboutToTell(world.find("b")))
                .as("while its code is inside")
                .isFalse();
        gate.open();
        here.told.awaitEnd("b");
        EngineWorld.Process other = world.process("other");
        assertThat(other.engine.isAboutToTell(world.find("a"))).isFalse();
        here.engine.close();
        assertThat(here.engine.isAboutToTell(world.find("a"))).isFalse();
    }
}
