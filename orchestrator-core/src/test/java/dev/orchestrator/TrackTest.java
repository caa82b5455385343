package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.AsyncState.Failed;
import dev.orchestrator.AsyncState.Idle;
import dev.orchestrator.AsyncState.Loaded;
import dev.orchestrator.AsyncState.Loading;
import dev.orchestrator.AsyncState.Ready;
import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.StillWorld.Store;
import dev.orchestrator.testkit.Gate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A tracked field of the state follows its jobs: no refresh loses a value, no late result replaces a newer one. */
class TrackTest {
    private record Desk(AsyncState<String> page, int changes) {
        Desk withPage(AsyncState<String> next) {
            return new Desk(next, changes + 1);
        }

        Desk withoutPage() {
            return new Desk(AsyncState.idle(), changes);
        }
    }

    private static final class Clerk extends BaseOrchestrator<Desk> {
        Clerk(Dispatcher dispatcher, SignalBus bus, ManualLane lane, boolean readsTheField) {
            super(new Desk(AsyncState.idle(), 0), dispatcher, bus, lane);
            if (readsTheField) track(Load.class, Desk::page, Desk::withPage);
            else track(Load.class, Desk::withPage);
        }

        void signOut() {
            update(Desk::withoutPage);
        }

        void trackLate() {
            track(Load.class, Desk::withPage);
        }
    }

    private final StillWorld world = new StillWorld();
    private final ManualLane lane = new ManualLane();
    private final Clerk clerk = new Clerk(world.dispatcher, world.bus, lane, false);

    private void settle() {
        world.settle();
        lane.runAll();
        world.settle();
    }

    private JobHandle<String> load(int number) {
        return load(number, JobOptions.none());
    }

    private JobHandle<String> load(int number, JobOptions options) {
        var handle = clerk.dispatch(new Load(number), options);
        settle();
        return handle;
    }

    private void letGo(int number) {
        world.letGo(number);
        settle();
    }

    private AsyncState<String> page() {
        return clerk.state().page();
    }

    private static Throwable errorOf(AsyncState<String> state) {
        if (state instanceof Failed<String> failed) return failed.error();
        throw new AssertionError("it has not failed: " + state);
    }

    private Loaded<String> live(int number) {
        return new Loaded<>("done " + number, world.time.now(), Origin.LIVE);
    }

    // ---- the four states ----

    @Test
    void it_is_idle_until_a_worker_has_begun_then_loading_then_ready() {
        assertThat(page()).isEqualTo(new Idle<>());
        var handle = load(1);
        assertThat(page()).isEqualTo(new Loading<>(handle.id(), Optional.empty(), Optional.empty()));
        assertThat(page().isLoading()).isTrue();
        letGo(1);
        assertThat(page()).isEqualTo(new Ready<>(live(1)));
        assertThat(page().last()).contains(live(1));
    }

    @Test
    void a_refresh_shows_what_was_there_and_how_far_it_is() {
        load(1);
        letGo(1);
        var first = live(1);
        world.pass(Duration.ofMinutes(1));
        var handle = load(2);
        world.context(2).progress(0.5);
        settle();
        assertThat(page()).isEqualTo(new Loading<>(handle.id(), Optional.of(first), Optional.of(JobProgress.of(0.5))));
        letGo(2);
        assertThat(page()).isEqualTo(new Ready<>(live(2)));
    }

    @Test
    void a_refresh_that_fails_keeps_the_value() {
        load(1);
        letGo(1);
        load(2);
        var error = new IOException("no line");
        world.letFail(2, error);
        settle();
        assertThat(page()).isEqualTo(new Failed<>(error, Optional.of(live(1))));
        load(3);
        assertThat(page().last()).contains(live(1));
    }

    @Test
    void a_first_load_that_fails_has_nothing_to_keep() {
        load(1);
        var error = new IOException("no line");
        world.letFail(1, error);
        settle();
        assertThat(page()).isEqualTo(new Failed<String>(error, Optional.empty()));
    }

    @Test
    void a_cancelled_load_goes_back_to_what_was_there() {
        clerk.cancel(load(1).id());
        settle();
        assertThat(page()).isEqualTo(new Idle<>());
        load(2);
        letGo(2);
        clerk.cancel(load(3).id());
        settle();
        assertThat(page()).isEqualTo(new Ready<>(live(2)));
    }

    @Test
    void a_load_whose_time_is_up_has_failed_with_that() {
        var limit = Duration.ofSeconds(5);
        load(1, JobOptions.builder().timeout(limit).build());
        world.pass(limit);
        settle();
        assertThat(errorOf(page()))
                .isInstanceOfSatisfying(
                        JobTimeoutException.class,
                        error -> assertThat(error.limit()).isEqualTo(limit));
    }

    @Test
    void it_is_loading_and_tells_how_far_though_nobody_else_wants_to_know() {
        var inside = new Gate();
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Load.class, (job, context) -> {
                context.progress(0.5);
                return inside.pass("done");
            });
            var alone = new Clerk(dispatcher, bus, lane, false);
            var handle = alone.dispatch(new Load(1));
            inside.awaitArrival();
            lane.runAll();
            assertThat(alone.state().page())
                    .isEqualTo(new Loading<String>(handle.id(), Optional.empty(), Optional.of(JobProgress.of(0.5))));
            assertThat(alone.state().changes()).isEqualTo(2);
            inside.open();
            TestWork.endingOf(handle);
        }
    }

    // ---- values before the ending ----

    @Test
    void a_value_before_the_ending_is_shown_and_kept_if_the_rest_fails() {
        load(1);
        world.context(1).data("old", Origin.STALE);
        settle();
        var old = new Loaded<>("old", world.time.now(), Origin.STALE);
        assertThat(page().last()).contains(old);
        assertThat(page().isLoading()).isTrue();
        var error = new IOException("no line");
        world.letFail(1, error);
        settle();
        assertThat(page()).isEqualTo(new Failed<>(error, Optional.of(old)));
    }

    @Test
    void a_placeholder_is_shown_only_where_there_is_nothing_real_and_never_kept() {
        load(1);
        world.context(1).data("...", Origin.PLACEHOLDER);
        settle();
        assertThat(page().last()).contains(new Loaded<>("...", world.time.now(), Origin.PLACEHOLDER));
        var error = new IOException("no line");
        world.letFail(1, error);
        settle();
        assertThat(page()).isEqualTo(new Failed<String>(error, Optional.empty()));

        load(2);
        letGo(2);
        load(3);
        world.context(3).data("...", Origin.PLACEHOLDER);
        settle();
        assertThat(page().last()).contains(live(2));
    }

    @Test
    void a_success_says_where_its_value_comes_from() {
        load(1);
        world.context(1).origin(Origin.CACHE);
        letGo(1);
        assertThat(page()).isEqualTo(new Ready<>(new Loaded<>("done 1", world.time.now(), Origin.CACHE)));
    }

    @Test
    void what_an_attempt_said_of_its_value_does_not_count_for_the_next() {
        load(
                1,
                JobOptions.builder()
                        .retry(RetryPolicy.fixed(2, Duration.ofSeconds(1)))
                        .build());
        world.context(1).origin(Origin.STALE);
        world.letFail(1, new IOException("no line"));
        world.pass(Duration.ofSeconds(1));
        letGo(1);
        assertThat(page()).isEqualTo(new Ready<>(live(1)));
    }

    @Test
    void those_who_join_see_the_values_and_the_origin_too() {
        var joining = JobOptions.builder().joinRunning("page").build();
        load(1, joining);
        var second = load(2, joining);
        world.context(1).data("old", Origin.STALE);
        settle();
        assertThat(page().last()).contains(new Loaded<>("old", world.time.now(), Origin.STALE));
        world.context(1).origin(Origin.CACHE);
        letGo(1);
        assertThat(StillWorld.ending(second)).isEqualTo(done(1));
        assertThat(page()).isEqualTo(new Ready<>(new Loaded<>("done 1", world.time.now(), Origin.CACHE)));
    }

    // ---- several jobs ----

    @Test
    void a_late_result_of_a_replaced_job_changes_nothing() {
        load(1);
        load(2);
        letGo(2);
        var before = clerk.state();
        letGo(1);
        assertThat(clerk.state()).isSameAs(before);
        assertThat(page()).isEqualTo(new Ready<>(live(2)));
    }

    @Test
    void a_job_that_was_dispatched_earlier_and_begins_later_replaces_nothing() {
        var first = clerk.dispatch(
                new Load(1),
                JobOptions.builder().limitPerKey("a", RunLimit.of(1)).build());
        assertThat(first.id()).isNotEmpty();
        settle();
        letGo(1);
        // Two whose workers begin in the other order: the earlier one waits for its key.
        load(2, JobOptions.builder().limitPerKey("b", RunLimit.of(1).orQueue(5)).build());
        load(3, JobOptions.builder().limitPerKey("b", RunLimit.of(1).orQueue(5)).build());
        load(4);
        letGo(4);
        assertThat(page()).isEqualTo(new Ready<>(live(4)));
        letGo(2); // now the third begins
        assertThat(world.isInside(3)).isTrue();
        assertThat(page()).isEqualTo(new Ready<>(live(4)));
        letGo(3);
        assertThat(page()).isEqualTo(new Ready<>(live(4)));
    }

    @Test
    void the_latest_of_a_key_counts() {
        clerk.dispatchLatest("page", new Load(1));
        settle();
        clerk.dispatchLatest("page", new Load(2));
        settle();
        letGo(2);
        assertThat(page()).isEqualTo(new Ready<>(live(2)));
    }

    @Test
    void one_that_ended_without_having_started_counts_too() {
        var limit = Duration.ofSeconds(5);
        var one = RunLimit.of(1).orQueue(5);
        load(1, JobOptions.builder().limitPerKey("a", one).build());
        letGo(1);
        load(2, JobOptions.builder().limitPerKey("a", one).build());
        load(3, JobOptions.builder().limitPerKey("a", one).timeout(limit).build());
        world.pass(limit);
        settle();
        assertThat(errorOf(page())).isInstanceOf(JobTimeoutException.class);
        assertThat(page().last()).isPresent();
        letGo(2);
        assertThat(page()).isInstanceOf(Failed.class);
    }

    @Test
    void an_id_may_come_again() {
        var named = JobOptions.builder().id("page").build();
        load(1, named);
        letGo(1);
        load(2, named);
        letGo(2);
        assertThat(page()).isEqualTo(new Ready<>(live(2)));
    }

    @Test
    void jobs_of_other_types_and_of_others_change_nothing() {
        clerk.dispatch(new Store(1));
        world.load(2);
        settle();
        letGo(1);
        letGo(2);
        assertThat(clerk.state()).isEqualTo(new Desk(AsyncState.idle(), 0));
    }

    @Test
    void a_refused_job_replaces_nothing() {
        var limited = JobOptions.builder().limitPerKey("a", RunLimit.of(1)).build();
        load(1, limited);
        assertThatThrownBy(() -> clerk.dispatch(new Load(2), limited)).isInstanceOf(JobRejectedException.class);
        settle();
        letGo(1);
        assertThat(page()).isEqualTo(new Ready<>(live(1)));
    }

    // ---- the field ----

    @Test
    void a_field_that_is_read_may_be_set_by_others_too() {
        var reader = new Clerk(world.dispatcher, world.bus, lane, true);
        reader.dispatch(new Load(1));
        settle();
        letGo(1);
        reader.signOut();
        reader.dispatch(new Load(2));
        settle();
        world.letFail(2, new IOException("no line"));
        settle();
        assertThat(reader.state().page().last()).isEmpty();
    }

    @Test
    void it_is_declared_in_the_constructor() {
        clerk.start();
        assertThatThrownBy(clerk::trackLate)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in the constructor");
    }

    @Test
    void nothing_is_kept_of_jobs_that_are_over() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ids.add(load(i).id());
            letGo(i);
        }
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(clerk.inbox().orderOf(Load.class).size()).isZero();
        load(100);
        clerk.close();
        assertThat(clerk.inbox().orderOf(Load.class).size()).isZero();
    }
}
