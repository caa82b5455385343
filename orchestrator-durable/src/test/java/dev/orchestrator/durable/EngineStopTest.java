package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobOptions;
import dev.orchestrator.testkit.Gate;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P7: a wish to stop reaches a durable job wherever it is: in the queue it never runs, running it is interrupted. */
class EngineStopTest {
    private final EngineWorld world = EngineWorld.create();
    private final EngineWorld.Process here = world.process("here");
    private final Gate gate = new Gate();

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void one_that_runs_here_is_cancelled() throws Exception {
        here.add("wait", JobOptions.none(), (job, context) -> gate.pass("late"));
        here.start().dispatch("wait", "a", "x");
        gate.awaitArrival();

        assertThat(here.engine.stopHere("a", "enough")).isTrue();

        assertThat(here.told.awaitEnd("a").ending()).isEqualTo(new Store.Ending.Cancelled("enough"));
        assertThat(world.find("a").state()).isEqualTo(JobState.CANCELLED);
        assertThat(world.find("a").error()).isEqualTo("enough");
    }

    @Test
    void one_that_is_not_here_is_not_stopped_here() {
        here.start();

        assertThat(here.engine.stopHere("a", "enough")).isFalse();
    }

    @Test
    void one_that_runs_here_is_cancelled_by_a_wish_from_elsewhere() throws Exception {
        here.add("wait", JobOptions.none(), (job, context) -> gate.pass("late"));
        here.start().dispatch("wait", "a", "x");
        gate.awaitArrival();

        assertThat(world.store.cancel("a", "from afar")).isEqualTo(Store.Stopping.ASKED);

        assertThat(here.told.awaitEnd("a").ending()).isEqualTo(new Store.Ending.Cancelled("from afar"));
    }

    @Test
    void one_in_the_queue_never_runs() throws Exception {
        var runs = new AtomicInteger();
        here.add("count", JobOptions.none(), (job, context) -> String.valueOf(runs.incrementAndGet()));
        world.store.dispatch(EngineWorld.job("count", "a", "x", "here"));
        world.store.cancel("a", "too late for it");
        here.start().dispatch("count", "b", "x");

        assertThat(here.told.awaitEnd("b").value()).isEqualTo("1");
        assertThat(world.find("a").state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void one_whose_worker_was_gone_before_it_heard_of_the_wish_does_not_run_again() throws Exception {
        here.add("never", JobOptions.none(), (job, context) -> "ran");
        world.store.dispatch(EngineWorld.job("never", "a", "x", "here"));
        world.change("update orch_job set stop_wish = 'enough' where id = 'a'");
        here.start();

        assertThat(here.told.awaitEnd("a").ending()).isEqualTo(new Store.Ending.Cancelled("enough"));
        assertThat(here.told.lines).containsExactly("a ended Cancelled");
    }
}
