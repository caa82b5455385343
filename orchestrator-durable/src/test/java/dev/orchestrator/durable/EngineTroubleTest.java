package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.durable.EngineWorld.Printed;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P1: while the database is gone nothing is lost that is known in memory, and nothing is done or told twice. */
class EngineTroubleTest {
    private final EngineWorld world = EngineWorld.create();
    private final EngineWorld.Process here = world.process("here", EngineWorld.withGrace(Duration.ofMillis(50)));
    private final AtomicInteger runs = new AtomicInteger();

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void a_result_waits_for_the_database() throws Exception {
        here.add("count", JobOptions.none(), (job, context) -> String.valueOf(runs.incrementAndGet()));
        here.spy.fail("end", 3);
        here.start().dispatch("count", "a", "x");

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("1");
        assertThat(here.spy.called("end")).isEqualTo(4);
        assertThat(world.find("a").state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void an_ending_whose_commit_was_uncertain_is_told_once() throws Exception {
        here.add("count", JobOptions.none(), (job, context) -> String.valueOf(runs.incrementAndGet()));
        here.spy.failsAfterwards = true;
        here.spy.fail("end", 1);
        here.start().dispatch("count", "a", "x");

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("1");
        assertThat(here.told.lines).containsExactly("a began 1", "a ended Success");
        assertThat(runs).hasValue(1);
    }

    @Test
    void every_other_step_waits_too() throws Exception {
        var options = JobOptions.builder()
                .retry(RetryPolicy.fixed(2, Duration.ZERO))
                .limit(dev.orchestrator.RunLimit.of(1))
                .build();
        here.add("print", options, (job, context) -> {
            runs.incrementAndGet();
            context.emit(new Printed("a", "attempt " + context.attempt()));
            if (context.attempt() == 1) throw new IllegalStateException("again");
            return "done";
        });
        for (String step : new String[] {"claimed", "takeSlots", "began", "event", "retry", "end"})
            here.spy.fail(step, 1);
        here.start().dispatch(EngineWorld.job("print", "a", "x", "elsewhere"));

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("done");
        assertThat(runs).hasValue(2);
        assertThat(world.store.events("a", 0))
                .extracting(Store.StoredEvent::payload)
                .containsExactly("attempt 1", "attempt 2");
    }

    @Test
    void closing_does_not_wait_for_a_database_that_never_comes_back_and_another_process_goes_on() throws Exception {
        here.add("count", JobOptions.none(), (job, context) -> String.valueOf(runs.incrementAndGet()));
        here.spy.fail("end", Integer.MAX_VALUE);
        here.start().dispatch("count", "a", "x");
        here.spy.awaitDone("claimed");

        here.engine.close();

        assertThat(here.told.hasEnded("a")).isFalse();
        world.change("update orch_queue set last_heartbeat = TIME(?)", 1L);
        EngineWorld.Process next = world.process("next", EngineWorld.withLease(Duration.ofMillis(400)));
        next.add("count", JobOptions.none(), (job, context) -> "done at last");
        next.start();
        assertThat(next.told.awaitEnd("a").value()).isEqualTo("done at last");
    }

    @Test
    void rounds_go_on_after_a_failed_turn() throws Exception {
        here.start();
        here.spy.fail("endOverdue", 1);
        world.store.dispatch(EngineWorld.job("nobody", "a", "x", "here", Duration.ofMillis(1), null));

        here.told.awaitChange();
        assertThat(world.find("a").state()).isEqualTo(JobState.TIMED_OUT);
    }
}
