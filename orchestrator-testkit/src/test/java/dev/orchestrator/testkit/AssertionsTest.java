package dev.orchestrator.testkit;

import static dev.orchestrator.testkit.OrchestratorAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobResult;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each assertion passes for what is so and fails for what is not, with what was found and the whole timeline. */
@OrchestratorTest
class AssertionsTest {
    record Load(int number) implements Job<String> {}

    record Never() implements Job<String> {}

    static final class Counter extends BaseOrchestrator<Integer> {
        Counter(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            on(Load.class).ended((job, result) -> update(state -> state + 1));
        }
    }

    private JobHandle<String> good;
    private JobHandle<String> bad;
    private JobHandle<String> cancelled;
    private JobHandle<String> open;
    private Counter counter;

    @BeforeEach
    void four_jobs(TestWorld world) {
        world.dispatcher()
                .registerAsync(
                        Load.class,
                        ScriptedExecutor.of(Load.class)
                                .reports(0.5)
                                .succeeds("done")
                                .fails(new IOException("gone"))
                                .hangs());
        counter = world.own(new Counter(world.dispatcher(), world.bus()));
        good = counter.dispatch(new Load(1));
        bad = counter.dispatch(new Load(2));
        cancelled = counter.dispatch(new Load(3));
        open = counter.dispatch(new Load(4));
        world.own(() -> open.cancel("the test is over"));
        world.runUntilIdle();
        cancelled.cancel("enough");
        world.runUntilIdle();
    }

    private static void fails(ThrowingCallable assertion, String... texts) {
        assertThatThrownBy(assertion).isInstanceOf(AssertionError.class).hasMessageContainingAll(texts);
    }

    @Test
    void endings(TestWorld world) {
        assertThat(world)
                .job(good)
                .started()
                .succeeded()
                .succeededWith("done")
                .wasRetried(0)
                .reported(0.5);
        assertThat(world).job(bad).failedWith(IOException.class).failed().hasMessage("gone");
        assertThat(world).job(cancelled).wasCancelled().wasCancelledBecause("enough");
        assertThat(world).job(open).isInFlight();
        String timeline = "Counter dispatched Load[number=1]";
        fails(() -> assertThat(world).job(good).failed(), "to fail, but it succeeded with done", timeline);
        fails(() -> assertThat(world).job(good).succeededWith("x"), "to succeed with x", timeline);
        fails(() -> assertThat(world).job(good).isInFlight(), "succeeded with done", timeline);
        fails(() -> assertThat(world).job(good).wasCancelled(), "to be cancelled", timeline);
        fails(() -> assertThat(world).job(good).timedOut(), "to time out", timeline);
        fails(() -> assertThat(world).job(good).neverStarted(), "started", timeline);
        fails(() -> assertThat(world).job(good).wasRetried(1), "was retried 0 times", timeline);
        fails(() -> assertThat(world).job(good).reported(1), "[0.5]", timeline);
        fails(() -> assertThat(world).job(bad).succeeded(), "failed with java.io.IOException: gone", timeline);
        fails(() -> assertThat(world).job(bad).failedWith(IllegalStateException.class), timeline);
        fails(() -> assertThat(world).job(cancelled).wasCancelledBecause("x"), "enough", timeline);
        fails(() -> assertThat(world).job(open).succeeded(), "has not ended", timeline);
        fails(() -> assertThat(world).job("nobody").isInFlight(), "was never dispatched", timeline);
        fails(() -> assertThat(world).job("nobody").started(), "to start", timeline);
    }

    @Test
    void jobs_events_and_states(TestWorld world) {
        assertThat(world)
                .dispatched(new Load(1), new Load(2), new Load(3), new Load(4))
                .hasNoErrors();
        assertThat(world).states(counter).containsExactly(1, 2, 3);
        fails(() -> assertThat(world).dispatchedNothing(), "Load[number=1]", "has the state 3");
        fails(() -> assertThat(world).dispatched(new Load(1)), "has the state 3");
        fails(() -> assertThat(world).states(counter).contains(9), "the states of Counter", "has the state 3");
        fails(() -> assertThat(world).job(Load.class), "the dispatched jobs of type Load");
        fails(() -> assertThat(world).job(Never.class), "the dispatched jobs of type Never");
    }

    @Test
    void results() {
        assertThat(good).isSuccess("done");
        assertThat(bad).isFailure().hasMessage("gone");
        assertThat(cancelled).isCancelled("enough");
        assertThat(new JobResult.TimedOut<>(Duration.ofSeconds(1))).isTimedOut(Duration.ofSeconds(1));
        fails(() -> assertThat(good).isSuccess("x"), "to succeed with x, but it succeeded with done");
        fails(() -> assertThat(good).isFailure(), "to fail");
        fails(() -> assertThat(good).isCancelled("x"), "to be cancelled: x");
        fails(() -> assertThat(good).isTimedOut(Duration.ofSeconds(1)), "to time out after PT1S");
        fails(() -> assertThat(open), "has not ended");
    }

    @Test
    void an_empty_timeline_says_so() {
        assertThat(new Timeline()).dispatchedNothing();
        org.assertj.core.api.Assertions.assertThat(new Timeline()).hasToString("(nothing happened)\n");
    }
}
