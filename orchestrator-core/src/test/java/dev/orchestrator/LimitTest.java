package dev.orchestrator;

import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static dev.orchestrator.StillWorld.notWanted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P11, "at a limit": jobs in flight per dispatcher, per type and per key. */
class LimitTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final JobOptions NONE = JobOptions.none();

    private static JobOptions.Builder options() {
        return JobOptions.builder();
    }

    private static JobOptions perKey(Object key, RunLimit limit) {
        return options().limitPerKey(key, limit).build();
    }

    private static void assertRefused(Runnable dispatch) {
        assertThatThrownBy(dispatch::run).isInstanceOf(JobRejectedException.class);
    }

    // ---- what counts ----

    @Test
    void a_limit_of_the_dispatcher_counts_all_types() {
        var world = new StillWorld(RunLimit.of(2));
        world.load(1);
        world.store(2, NONE);
        assertRefused(() -> world.load(3));
        world.letGo(1);
        world.store(4, NONE);
        assertThat(world.inside()).containsExactlyInAnyOrder(2, 4);
    }

    @Test
    void a_limit_of_a_type_counts_that_type() {
        var world = new StillWorld(options().limit(RunLimit.of(1)).build());
        world.load(1);
        world.store(2, NONE);
        assertRefused(() -> world.load(3));
    }

    @Test
    void a_limit_of_a_key_counts_that_type_and_key() {
        var world = new StillWorld();
        var one = perKey("k", RunLimit.of(1));
        world.load(1, one);
        world.load(2, perKey("another", RunLimit.of(1)));
        world.store(3, one);
        assertRefused(() -> world.load(4, one));
        assertThat(world.begun).containsExactly(1, 2, 3);
    }

    @Test
    void the_first_in_flight_sets_the_limit_of_a_key_and_it_is_forgotten_when_none_is() {
        var world = new StillWorld();
        world.load(1, perKey("k", RunLimit.of(2)));
        world.load(2, perKey("k", RunLimit.of(1)));
        assertRefused(() -> world.load(3, perKey("k", RunLimit.of(9))));
        world.letGo(1);
        world.letGo(2);
        assertThat(world.kept()).isZero();
        world.load(4, perKey("k", RunLimit.of(1)));
        assertRefused(() -> world.load(5, perKey("k", RunLimit.of(9))));
    }

    @Test
    void nothing_chosen_means_refuse_and_the_last_choice_holds() {
        assertThat(RunLimit.of(1)).isEqualTo(RunLimit.of(1).orQueue(3).orRefuse());
        assertThat(RunLimit.of(1).orQueue(3)).isEqualTo(RunLimit.of(1).orWait().orQueue(3));
        assertThat(List.of(
                        RunLimit.of(2),
                        RunLimit.of(2).orQueue(3),
                        RunLimit.of(2).orWait()))
                .extracting(RunLimit::toString)
                .containsExactly("2 or refuse", "2 or queue 3", "2 or wait");
        assertThatThrownBy(() -> RunLimit.of(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be at least 1, was 0");
        assertThatThrownBy(() -> RunLimit.of(1).orQueue(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 job, was 0");
    }

    // ---- until when ----

    @Test
    void code_that_ignores_its_cancel_keeps_its_slot_until_it_has_left_although_it_was_told() {
        var world = new StillWorld(RunLimit.of(1).orQueue(5));
        world.deaf.add(1);
        var first = world.load(1);
        world.load(2);
        world.cancel(first);
        assertThat(world.begun).containsExactly(1);
        world.pass(JobRun.GRACE);
        assertThat(ending(first)).isEqualTo(notWanted());
        assertThat(world.begun).as("told, but not down").containsExactly(1);
        world.letGo(1);
        assertThat(world.begun).containsExactly(1, 2);
        world.letGo(2);
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_wait_for_the_next_attempt_keeps_the_slot() {
        var world = new StillWorld(RunLimit.of(1).orQueue(5));
        world.load(1, options().retry(RetryPolicy.fixed(2, SECOND)).build());
        world.load(2);
        world.letFail(1, new IOException("broken"));
        assertThat(world.begun).containsExactly(1);
        world.pass(SECOND);
        assertThat(world.begun).containsExactly(1, 1);
        world.letGo(1);
        assertThat(world.begun).containsExactly(1, 1, 2);
    }

    // ---- waiting ----

    @Test
    void those_that_wait_start_in_the_order_of_their_dispatch() {
        var world = new StillWorld(RunLimit.of(2).orQueue(100));
        for (int number = 0; number < 20; number++) world.load(number);
        for (int number = 0; number < 20; number++) world.letGo(number);
        assertThat(world.begun)
                .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_queue_counts_those_that_wait() {
        var world = new StillWorld(RunLimit.of(1).orQueue(2));
        world.load(1);
        var second = world.load(2);
        world.load(3);
        assertRefused(() -> world.load(4));
        world.cancel(second);
        world.load(5);
        assertRefused(() -> world.load(6));
        world.letGo(1);
        world.load(7);
        assertRefused(() -> world.load(8));
    }

    @Test
    void one_that_waits_for_one_limit_holds_no_slot_of_another() {
        var world = new StillWorld(
                builder -> builder.limit(RunLimit.of(2).orQueue(10)),
                options().limit(RunLimit.of(1).orQueue(10)).build());
        world.load(1);
        world.load(2); // waits for its type
        world.store(3, NONE);
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 3);
        world.store(4, NONE); // waits for the dispatcher
        world.letGo(3);
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 4);
        world.letGo(1);
        assertThat(world.inside()).containsExactlyInAnyOrder(2, 4);
    }

    @Test
    void one_that_waits_can_be_cancelled_times_out_and_is_not_started_then() {
        var world = new StillWorld(RunLimit.of(1).orQueue(10));
        world.load(1);
        var second = world.load(2);
        var third = world.load(3, options().timeout(SECOND).build());
        world.cancel(second);
        assertThat(ending(second)).isEqualTo(notWanted());
        world.pass(SECOND);
        assertThat(ending(third)).isEqualTo(new JobResult.TimedOut<>(SECOND));
        world.letGo(1);
        assertThat(world.begun).containsExactly(1);
        assertThat(world.events.ofJob(third.id()))
                .singleElement()
                .isInstanceOfSatisfying(
                        JobTimeoutEvent.class,
                        event -> assertThat(event.attempts()).isZero());
        assertThat(world.kept()).isZero();
    }

    @Test
    void those_that_wait_are_cancelled_at_once_when_the_dispatcher_closes() {
        var world = new StillWorld(RunLimit.of(1).orWait());
        var first = world.load(1);
        var second = world.load(2);
        world.dispatcher.close();
        assertThat(ending(second)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(isOpen(first)).isTrue();
        world.letGo(1);
        assertThat(world.begun).containsExactly(1);
        assertThat(world.kept()).isZero();
    }

    // ---- with a key ----

    @Test
    void one_that_waits_for_its_key_holds_no_slot() {
        var world = new StillWorld(RunLimit.of(2).orQueue(10));
        var queue = options().queueIfRunning("k", 5).build();
        world.load(1, queue);
        world.load(2, queue);
        world.store(3, NONE);
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 3);
        world.letGo(1);
        world.letGo(2);
        world.letGo(3);
        assertThat(world.kept()).isZero();
    }

    @Test
    void one_whose_key_is_free_waits_for_its_slot_however_the_limit_is_chosen() {
        var world = new StillWorld(RunLimit.of(2));
        var queue = options().queueIfRunning("k", 5).build();
        world.deaf.add(1);
        var first = world.load(1, queue);
        var second = world.load(2, queue);
        world.store(3, NONE);
        world.cancel(first);
        world.pass(JobRun.GRACE);
        assertThat(isOpen(second)).as("it was accepted").isTrue();
        assertThat(world.begun).containsExactly(1, 3);
        world.letGo(1);
        assertThat(world.begun).containsExactly(1, 3, 2);
    }

    @Test
    void a_joined_dispatch_takes_no_slot() {
        var world = new StillWorld(RunLimit.of(1));
        var join = options().joinRunning("k").build();
        world.load(1, join);
        world.load(2, join);
        world.load(3, join);
        assertRefused(() -> world.load(4));
        world.letGo(1);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_refused_dispatch_gives_its_key_to_those_that_wait_for_it() {
        var world = new StillWorld(RunLimit.of(1));
        world.store(1, NONE);
        assertRefused(() -> world.load(2, options().dropIfRunning("k").build()));
        world.letGo(1);
        world.load(3, options().dropIfRunning("k").build());
        assertThat(world.inside()).containsExactly(3);
    }
}
