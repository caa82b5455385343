package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** P7: code can tell that its time is up from a wish that it should stop. */
class TimeUpTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final StillWorld world = new StillWorld();

    private JobContext contextOf(JobOptions.Builder options) {
        world.deaf.add(1);
        world.load(1, options.build());
        assertThat(world.context(1).isTimeUp()).as("at its begin").isFalse();
        return world.context(1);
    }

    @Test
    void an_attempt_knows_that_its_own_limit_was_reached() {
        var context = contextOf(JobOptions.builder().attemptTimeout(SECOND));
        world.pass(SECOND);
        assertThat(context.isTimeUp()).isTrue();
        world.letGo(1);
        assertThat(context.isTimeUp()).as("when it has left, too late").isTrue();
    }

    @Test
    void it_knows_that_the_limit_of_the_whole_job_was_reached() {
        var context = contextOf(JobOptions.builder().timeout(SECOND).grace(SECOND));
        world.pass(SECOND);
        assertThat(context.isTimeUp()).as("during its grace").isTrue();
        world.pass(SECOND);
        assertThat(context.isTimeUp()).as("after its ending was told").isTrue();
    }

    @Test
    void a_cancellation_is_not_the_end_of_its_time() {
        var context = contextOf(JobOptions.builder().timeout(SECOND).attemptTimeout(SECOND));
        context.onCancel(() -> {});
        world.bus.runs().all().forEach(run -> run.cancel("not wanted"));
        world.settle();
        assertThat(context.isCancelled()).isTrue();
        assertThat(context.isTimeUp()).isFalse();
        world.letGo(1);
        assertThat(context.isTimeUp()).as("after its ending was told").isFalse();
    }

    @Test
    void one_that_ended_by_itself_had_time_left() {
        var context = contextOf(JobOptions.builder().timeout(SECOND).attemptTimeout(SECOND));
        world.letGo(1);
        world.pass(SECOND);
        assertThat(context.isTimeUp()).isFalse();
    }
}
