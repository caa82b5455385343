package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static dev.orchestrator.StillWorld.notWanted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobRejectedException.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** P7, P10, "same job again": debounce waits for silence, throttle lets one through per window. */
class DebounceTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final JobOptions DEBOUNCE =
            JobOptions.builder().debounce("k", SECOND).build();
    private static final JobOptions THROTTLE =
            JobOptions.builder().throttle("k", SECOND).build();

    private final StillWorld world = new StillWorld();

    @Test
    void a_debounced_dispatch_starts_after_the_silence() {
        var handle = world.load(1, DEBOUNCE);
        world.pass(SECOND.minusNanos(1));
        assertThat(world.begun).isEmpty();
        world.pass(Duration.ofNanos(1));
        assertThat(world.begun).containsExactly(1);
        world.letGo(1);
        assertThat(ending(handle)).isEqualTo(done(1));
        assertThat(world.kept()).isZero();
    }

    @Test
    void each_one_that_comes_before_the_silence_is_over_cancels_the_one_before_unstarted() {
        var first = world.load(1, DEBOUNCE);
        world.pass(SECOND.minusNanos(1));
        world.load(2, DEBOUNCE);
        world.pass(SECOND.minusNanos(1));
        world.load(3, DEBOUNCE);
        world.pass(SECOND);
        assertThat(world.begun).containsExactly(3);
        assertThat(ending(first))
                .isEqualTo(new JobResult.Cancelled<>("replaced by a newer job with the key k before it started"));
        assertThat(world.events.ofJob(first.id()))
                .singleElement()
                .isInstanceOfSatisfying(
                        JobCancelledEvent.class,
                        event -> assertThat(event.attempts()).isZero());
        world.letGo(3);
        assertThat(world.kept()).isZero();
    }

    @Test
    void one_that_has_started_is_left_alone() {
        var first = world.load(1, DEBOUNCE);
        world.pass(SECOND);
        world.load(2, DEBOUNCE);
        world.pass(SECOND);
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2);
        assertThat(isOpen(first)).isTrue();
    }

    @Test
    void one_whose_silence_is_over_and_that_waits_for_a_limit_is_not_replaced_any_more() {
        var limited = new StillWorld(RunLimit.of(1).orRefuse());
        limited.store(0, JobOptions.none());
        var first = limited.load(1, DEBOUNCE);
        limited.pass(SECOND);
        limited.load(2, DEBOUNCE);
        assertThat(isOpen(first)).as("it was accepted, so no limit refuses it").isTrue();
        limited.letGo(0);
        limited.pass(SECOND);
        limited.letGo(1);
        limited.letGo(2);
        assertThat(ending(first)).isEqualTo(done(1));
        assertThat(limited.kept()).isZero();
    }

    @Test
    void a_debounced_dispatch_can_be_cancelled_and_times_out_while_it_waits() {
        var first = world.load(1, DEBOUNCE);
        world.cancel(first);
        assertThat(ending(first)).isEqualTo(notWanted());
        assertThat(world.kept()).isZero();
        var half = SECOND.dividedBy(2);
        var second = world.load(
                2, JobOptions.builder().debounce("k", SECOND).timeout(half).build());
        world.pass(half);
        assertThat(ending(second)).isEqualTo(new JobResult.TimedOut<>(half));
        assertThat(world.kept()).isZero();
        world.pass(SECOND);
        assertThat(world.begun).isEmpty();
    }

    @Test
    void a_debounced_dispatch_is_cancelled_at_once_when_the_dispatcher_closes() {
        var handle = world.load(1, DEBOUNCE);
        world.dispatcher.close();
        assertThat(ending(handle)).isInstanceOf(JobResult.Cancelled.class);
        world.pass(SECOND);
        assertThat(world.begun).isEmpty();
        assertThat(world.kept()).isZero();
    }

    @Test
    void other_keys_and_other_types_are_debounced_for_themselves() {
        world.load(1, DEBOUNCE);
        world.store(2, DEBOUNCE);
        world.load(3, JobOptions.builder().debounce("another", SECOND).build());
        world.pass(SECOND);
        assertThat(world.begun).containsExactly(1, 2, 3);
    }

    // ---- throttle ----

    @Test
    void the_first_starts_at_once_and_the_others_are_refused_until_the_window_is_over() {
        var first = world.load(1, THROTTLE);
        assertThat(world.begun).containsExactly(1);
        assertThrottled(2);
        world.letGo(1);
        assertThat(ending(first)).isEqualTo(done(1));
        world.pass(SECOND.minusNanos(1));
        assertThrottled(3);
        world.pass(Duration.ofNanos(1));
        assertThat(world.kept()).isZero();
        world.load(4, THROTTLE);
        assertThat(world.begun).containsExactly(1, 4);
        assertThrottled(5);
    }

    private void assertThrottled(int number) {
        assertThatThrownBy(() -> world.load(number, THROTTLE))
                .isInstanceOfSatisfying(JobRejectedException.class, rejected -> {
                    assertThat(rejected.reason()).isEqualTo(Reason.THROTTLED);
                    assertThat(rejected.key()).isEqualTo("k");
                });
    }

    @Test
    void the_window_is_about_the_dispatch_and_not_about_its_job() {
        world.load(1, THROTTLE);
        world.pass(SECOND);
        world.load(2, THROTTLE);
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2);
    }
}
