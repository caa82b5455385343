package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobOptions;
import dev.orchestrator.testkit.Gate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P11: closing lets attempts finish, hands back the rest uncounted, ends nothing, and returns in bounded time. */
class EngineCloseTest {
    private final EngineWorld world = EngineWorld.create();
    private final Gate gate = new Gate();

    @AfterEach
    void close() {
        gate.open();
        world.close();
    }

    @Test
    void an_attempt_that_leaves_in_time_is_recorded() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("wait", JobOptions.none(), (job, context) -> gate.pass("in time"));
        here.start().dispatch("wait", "a", "x");
        gate.awaitArrival();

        CompletableFuture<Void> closing = CompletableFuture.runAsync(here.engine::close);
        gate.open();
        closing.get(30, TimeUnit.SECONDS);

        assertThat(here.told.hasEnded("a")).isTrue();
        assertThat(world.find("a").state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void one_that_stays_is_cancelled_and_its_work_is_for_others_at_once() throws Exception {
        EngineWorld.Process here = world.process("here", EngineWorld.withGrace(Duration.ofMillis(50)));
        here.add("wait", JobOptions.none(), (job, context) -> gate.pass("late"));
        here.start().dispatch("wait", "a", "x");
        gate.awaitArrival();

        here.engine.close();

        assertThat(here.told.lines).containsExactly("a began 1");
        assertThat(world.find("a").state()).isEqualTo(JobState.WAITING);
        assertThat(world.find("a").attempts()).isZero();
        EngineWorld.Process next = world.process("next");
        next.add("wait", JobOptions.none(), (job, context) -> "attempt " + context.attempt());
        next.start();
        assertThat(next.told.awaitEnd("a").value()).isEqualTo("attempt 1");
    }

    @Test
    void code_that_never_leaves_is_not_waited_for() throws Exception {
        EngineWorld.Process here = world.process("here", EngineWorld.withGrace(Duration.ofMillis(50)));
        here.add("deaf", JobOptions.none(), (job, context) -> gate.passUninterruptibly("very late"));
        here.start().dispatch("deaf", "a", "x");
        gate.awaitArrival();

        here.engine.close();

        assertThat(world.find("a").state()).isEqualTo(JobState.WAITING);
    }

    @Test
    void from_inside_of_an_attempt_it_does_not_wait() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("close", JobOptions.none(), (job, context) -> {
            here.engine.close();
            return "closed";
        });
        here.start().dispatch("close", "a", "x");

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("closed");
        here.engine.close();
        assertThat(world.find("a").state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void it_may_be_closed_twice_and_without_a_start() {
        EngineWorld.Process here = world.process("here");

        here.engine.close();
        here.engine.close();
    }

    @Test
    void nothing_is_claimed_after_it_and_the_node_is_gone() throws Exception {
        EngineWorld.Process here = world.process("here");
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        here.start().dispatch("echo", "a", "x");
        here.told.awaitEnd("a");
        assertThat(world.store.nodes()).extracting(Store.Node::id).containsExactly("here");

        here.engine.close();
        here.dispatch("echo", "b", "x");

        assertThat(world.store.nodes()).isEmpty();
        assertThat(world.find("b").state()).isEqualTo(JobState.WAITING);
    }

    @Test
    void a_dispatcher_that_is_closed_before_costs_no_job() throws Exception {
        EngineWorld.Process here = world.process("here");
        var runs = new AtomicInteger();
        TextKind kind = here.add("wait", JobOptions.none(), (job, context) -> {
            runs.incrementAndGet();
            return gate.pass("late");
        });
        here.start().dispatch("wait", "a", "x");
        gate.awaitArrival();

        Thread.currentThread().interrupt(); // its patience is over at once
        kind.dispatcher.close();
        assertThat(Thread.interrupted()).isTrue();

        here.spy.awaitDone("giveBack");
        here.kinds.clear();
        here.add("wait", JobOptions.none(), (job, context) -> "done elsewhere");
        assertThat(here.told.awaitEnd("a").value()).isEqualTo("done elsewhere");
        assertThat(runs).hasValue(1);
    }
}
