package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static dev.orchestrator.StillWorld.notWanted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.StillWorld.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** P1, P7, P11, "same job again": what drop, replace and queue do with a key that is in use. */
class SameKeyTest {
    private static final JobOptions DROP = options().dropIfRunning("k").build();
    private static final JobOptions REPLACE = options().replaceRunning("k").build();
    private static final JobOptions QUEUE_2 = options().queueIfRunning("k", 2).build();
    private static final JobOptions JOIN = options().joinRunning("k").build();

    private final StillWorld world = new StillWorld();

    private static JobOptions.Builder options() {
        return JobOptions.builder();
    }

    private void assertRefused(int number, JobOptions options, Reason reason) {
        assertThatThrownBy(() -> world.load(number, options))
                .isInstanceOfSatisfying(JobRejectedException.class, rejected -> {
                    assertThat(rejected.reason()).isEqualTo(reason);
                    assertThat(rejected.key()).isEqualTo("k");
                });
    }

    // ---- drop ----

    @Test
    void a_dispatch_that_is_to_be_dropped_is_refused_until_the_ending_is_told() {
        world.deaf.add(1);
        var first = world.load(1, DROP);
        assertRefused(2, DROP, Reason.KEY_IN_USE);
        world.cancel(first);
        assertRefused(3, DROP, Reason.KEY_IN_USE);
        world.letGo(1);
        world.load(4, DROP);
        assertThat(world.begun).containsExactly(1, 4);
        world.letGo(4);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_key_is_free_again_when_the_grace_of_deaf_code_is_over() {
        world.deaf.add(1);
        var first = world.load(1, DROP);
        world.cancel(first);
        world.pass(JobRun.GRACE);
        world.load(2, DROP);
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void keys_belong_to_the_job_type_and_to_the_dispatcher() {
        world.load(1, DROP);
        world.store(2, DROP);
        world.load(3, options().dropIfRunning("another").build());
        world.load(4, options().dropIfRunning(List.of("k")).build());
        assertThat(world.begun).containsExactly(1, 2, 3, 4);
        var other = Dispatcher.create(world.bus);
        other.registerAsync(Load.class, (job, context) -> new CompletableFuture<>());
        assertThat(isOpen(other.dispatch(new Load(5), DROP))).isTrue();
    }

    // ---- replace ----

    @Test
    void the_replaced_one_is_cancelled_and_the_new_one_starts_when_its_code_has_left() {
        world.deaf.add(1);
        var first = world.load(1, REPLACE);
        var second = world.load(2, REPLACE);
        assertThat(world.context(1).isCancelled()).isTrue();
        assertThat(isOpen(first)).isTrue();
        assertThat(world.begun).containsExactly(1);
        world.letGo(1);
        assertThat(ending(first)).isEqualTo(new JobResult.Cancelled<>("replaced by a newer job with the key k"));
        assertThat(world.begun).containsExactly(1, 2);
        world.letGo(2);
        assertThat(ending(second)).isEqualTo(done(2));
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_new_one_starts_when_the_grace_of_the_old_one_is_over_and_the_two_overlap() {
        world.deaf.add(1);
        world.load(1, options().replaceRunning("k").grace(Duration.ofSeconds(2)).build());
        world.load(2, REPLACE);
        world.pass(Duration.ofSeconds(2).minusNanos(1));
        assertThat(world.begun).containsExactly(1);
        world.pass(Duration.ofNanos(1));
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2);
        world.letGo(1);
        world.letGo(2);
        assertThat(world.kept()).isZero();
    }

    @Test
    void one_that_is_replaced_while_it_waits_is_cancelled_without_having_started() {
        world.deaf.add(1);
        world.load(1, REPLACE);
        var second = world.load(2, REPLACE);
        var third = world.load(3, REPLACE);
        assertThat(ending(second)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(world.events.ofJob(second.id()))
                .singleElement()
                .isInstanceOfSatisfying(
                        JobCancelledEvent.class,
                        event -> assertThat(event.attempts()).isZero());
        world.letGo(1);
        assertThat(world.begun).containsExactly(1, 3);
        world.letGo(3);
        assertThat(ending(third)).isEqualTo(done(3));
        assertThat(world.kept()).isZero();
    }

    @Test
    void one_that_waits_can_be_cancelled_and_leaves_the_line() {
        world.deaf.add(1);
        world.load(1, REPLACE);
        var second = world.load(2, REPLACE);
        world.cancel(second);
        assertThat(ending(second)).isEqualTo(notWanted());
        world.letGo(1);
        assertThat(world.begun).containsExactly(1);
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_replaced_one_ends_at_once_while_it_waits_for_its_next_attempt() {
        var first = world.load(
                1,
                options()
                        .replaceRunning("k")
                        .retry(RetryPolicy.fixed(3, Duration.ofDays(1)))
                        .build());
        world.letFail(1, new IOException("broken"));
        world.load(2, REPLACE);
        assertThat(ending(first)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(world.begun).containsExactly(1, 2);
        world.letGo(2);
        assertThat(world.kept()).isZero();
    }

    @Test
    void all_takers_of_a_replaced_work_are_cancelled() {
        var first = world.load(1, JOIN);
        var second = world.load(2, JOIN);
        world.load(3, REPLACE);
        assertThat(List.of(ending(first), ending(second)))
                .allSatisfy(result -> assertThat(result).isInstanceOf(JobResult.Cancelled.class));
        assertThat(world.begun).containsExactly(1, 3);
    }

    // ---- queue ----

    @Test
    void those_that_wait_start_one_after_the_other_in_their_order() {
        var handles = List.of(world.load(1, QUEUE_2), world.load(2, QUEUE_2), world.load(3, QUEUE_2));
        for (int number = 1; number <= 3; number++) {
            assertThat(world.inside()).containsExactly(number);
            world.letGo(number);
        }
        assertThat(handles).extracting(StillWorld::ending).containsExactly(done(1), done(2), done(3));
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_queue_counts_those_that_wait_and_not_the_one_that_runs() {
        world.load(1, QUEUE_2);
        var second = world.load(2, QUEUE_2);
        world.load(3, QUEUE_2);
        assertRefused(4, QUEUE_2, Reason.KEY_QUEUE_FULL);
        world.cancel(second);
        world.load(5, QUEUE_2);
        assertRefused(6, QUEUE_2, Reason.KEY_QUEUE_FULL);
        world.letGo(1);
        world.load(7, QUEUE_2);
        for (int number : List.of(3, 5, 7)) world.letGo(number);
        assertThat(world.begun).containsExactly(1, 3, 5, 7);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_timeout_counts_the_wait_for_the_key() {
        world.load(1, QUEUE_2);
        var second = world.load(
                2,
                options().queueIfRunning("k", 2).timeout(Duration.ofSeconds(1)).build());
        world.pass(Duration.ofSeconds(1));
        assertThat(ending(second)).isEqualTo(new JobResult.TimedOut<>(Duration.ofSeconds(1)));
        world.letGo(1);
        assertThat(world.begun).containsExactly(1);
        assertThat(world.kept()).isZero();
    }

    @Test
    void those_that_wait_are_cancelled_when_the_dispatcher_closes_and_the_running_one_goes_on() {
        var first = world.load(1, QUEUE_2);
        var second = world.load(2, QUEUE_2);
        var third = world.load(3, QUEUE_2);
        world.dispatcher.close();
        assertThat(List.of(ending(second), ending(third)))
                .allSatisfy(result -> assertThat(result).isInstanceOf(JobResult.Cancelled.class));
        assertThat(isOpen(first)).isTrue();
        world.letGo(1);
        assertThat(ending(first)).isEqualTo(done(1));
        assertThat(world.begun).containsExactly(1);
        assertThat(world.kept()).isZero();
    }

    // ---- several rules at one key ----

    @Test
    void the_rule_of_each_dispatch_says_what_happens_to_it() {
        var first = world.load(1, QUEUE_2);
        var second = world.load(2, QUEUE_2);
        assertRefused(3, DROP, Reason.KEY_IN_USE);
        var joined = world.load(4, JOIN);
        var newest = world.load(5, REPLACE);
        assertThat(ending(first)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(ending(second)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(ending(joined)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(world.begun).containsExactly(1, 5);
        world.load(6, QUEUE_2);
        world.letGo(5);
        world.letGo(6);
        assertThat(ending(newest)).isEqualTo(done(5));
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_debounced_and_a_throttled_dispatch_leave_the_key_to_the_others() {
        world.load(1, options().debounce("k", Duration.ofSeconds(1)).build());
        world.load(2, options().throttle("k", Duration.ofSeconds(1)).build());
        world.load(3, DROP);
        assertRefused(4, DROP, Reason.KEY_IN_USE);
        world.pass(Duration.ofSeconds(1));
        assertThat(world.begun).containsExactly(2, 3, 1);
        for (int number = 1; number <= 3; number++) world.letGo(number);
        assertThat(world.kept()).isZero();
    }
}
