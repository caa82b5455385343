package dev.orchestrator.cache;

import static dev.orchestrator.cache.CacheWorld.HOUR;
import static dev.orchestrator.cache.CacheWorld.MINUTE;
import static dev.orchestrator.cache.CacheWorld.endingOf;
import static dev.orchestrator.cache.CacheWorld.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.Origin;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.cache.CacheWorld.Fetch;
import dev.orchestrator.cache.CacheWorld.Other;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cached executor: what is shown and when, one ending (P1), one flight for each key. */
class CachedTest {
    private final CacheWorld world = new CacheWorld();
    private final IOException broken = new IOException("broken");

    @AfterEach
    void nothing_is_left_behind() {
        world.cache.close();
        assertThat(world.world.leftBehind().stream().filter(left -> !left.contains("CacheWorld")))
                .filteredOn(left -> !left.contains("subscri"))
                .isEmpty();
        world.close();
    }

    @Test
    void a_fresh_value_is_the_ending_and_the_executor_is_not_asked() {
        world.with(it -> it.freshFor(MINUTE));
        var first = world.fetched(1, "a");
        Instant came = world.world.time().now();
        world.pass(Duration.ofSeconds(59));
        var second = world.fetch(1);
        assertThat(endingOf(first)).isEqualTo(success("a"));
        assertThat(endingOf(second)).isEqualTo(success("a"));
        assertThat(world.fetches).hasSize(1);
        assertThat(world.originOf(first)).isEqualTo(Origin.LIVE);
        assertThat(world.originOf(second)).isEqualTo(Origin.CACHE);
        assertThat(world.successOf(second).asOf()).isEqualTo(came);
        assertThat(world.shown(second)).containsExactly("CACHE a");
        assertThat(world.shown(first)).isEmpty();
    }

    @Test
    void a_value_that_is_not_fresh_any_more_is_fetched_anew() {
        world.with(it -> it.freshFor(MINUTE));
        world.fetched(1, "a");
        world.pass(MINUTE);
        var second = world.fetched(1, "b");
        assertThat(world.fetches).hasSize(2);
        assertThat(endingOf(second)).isEqualTo(success("b"));
        assertThat(world.shown(second)).isEmpty();
    }

    @Test
    void without_a_length_a_value_is_fresh_until_it_is_invalidated() {
        world.with(it -> it);
        world.fetched(1, "a");
        world.pass(Duration.ofDays(10_000));
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("a"));
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        world.fetch(1);
        assertThat(world.fetches).hasSize(2);
    }

    @Test
    void keys_are_of_several_parts_and_of_one_type_of_jobs() {
        world.world
                .dispatcher()
                .register(
                        Fetch.class, world.cached().key(Fetch::id, Fetch::wish).freshFor(HOUR));
        world.world
                .dispatcher()
                .register(
                        Other.class,
                        Cached.withAsync(
                                        world.cache,
                                        (Other job, dev.orchestrator.JobContext context) -> world.begin(context))
                                .key(Other::id));
        var dispatcher = world.world.dispatcher();
        for (var job : List.of(new Fetch(1, "x"), new Fetch(1, "y"), new Fetch(2, "x"))) {
            dispatcher.dispatch(job);
            world.world.runUntilIdle();
            world.bring(job.toString());
        }
        dispatcher.dispatch(new Other(1));
        world.world.runUntilIdle();
        assertThat(world.fetches).hasSize(4);
        var again = dispatcher.dispatch(new Fetch(1, "y"));
        world.world.runUntilIdle();
        assertThat(endingOf(again)).isEqualTo(success(new Fetch(1, "y").toString()));
        world.bring("other");
    }

    @Test
    void the_job_itself_is_the_key_where_none_is_said() {
        world.world.dispatcher().register(Fetch.class, world.cached());
        world.fetched(1, "a");
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("a"));
        world.fetch(2);
        assertThat(world.fetches).hasSize(2);
        world.cache.invalidate(Entries.key(Fetch.class, new Fetch(1)));
        world.fetch(1);
        assertThat(world.fetches).hasSize(3);
        world.fetches.forEach(fetch -> fetch.complete("x"));
    }

    @Test
    void null_is_kept_as_a_value() {
        world.with(it -> it.freshFor(HOUR));
        world.fetched(1, null);
        var second = world.fetch(1);
        assertThat(endingOf(second)).isEqualTo(success(null));
        assertThat(world.originOf(second)).isEqualTo(Origin.CACHE);
        assertThat(world.fetches).hasSize(1);
    }

    @Test
    void a_failure_is_not_kept() {
        world.with(it -> it.freshFor(HOUR));
        var first = world.fetch(1);
        world.fail(broken);
        assertThat(endingOf(first)).isEqualTo(new JobResult.Failure<>(broken));
        assertThat(endingOf(world.fetched(1, "b"))).isEqualTo(success("b"));
    }

    // ---- stale while revalidate ----

    @Test
    void a_stale_value_is_shown_at_once_and_the_ending_is_the_fresh_one() {
        world.with(it -> it.freshFor(MINUTE).staleFor(HOUR));
        world.fetched(1, "old");
        Instant came = world.world.time().now();
        world.pass(MINUTE);
        var second = world.fetch(1);
        assertThat(world.shown(second)).containsExactly("STALE old");
        assertThat(world.events
                        .of(dev.orchestrator.JobDataEvent.class)
                        .getLast()
                        .asOf())
                .isEqualTo(came);
        assertThat(endingOf(second)).isNull();
        world.bring("new");
        assertThat(endingOf(second)).isEqualTo(success("new"));
        assertThat(world.originOf(second)).isEqualTo(Origin.LIVE);
        assertThat(world.events.terminalOf(second.id())).hasSize(1);
    }

    @Test
    void a_refresh_that_fails_ends_with_the_stale_value_and_says_why() {
        world.with(it -> it.freshFor(MINUTE).staleFor(HOUR));
        world.fetched(1, "old");
        Instant came = world.world.time().now();
        world.pass(MINUTE);
        var second = world.fetch(1);
        world.fail(broken);
        assertThat(endingOf(second)).isEqualTo(success("old"));
        assertThat(world.originOf(second)).isEqualTo(Origin.STALE);
        assertThat(world.successOf(second).asOf()).isEqualTo(came);
        assertThat((Object) world.successOf(second).refreshError()).isEqualTo(java.util.Optional.of(broken));
    }

    @Test
    void a_value_that_is_too_old_is_neither_shown_nor_given() {
        world.with(it -> it.freshFor(MINUTE).staleFor(HOUR));
        world.fetched(1, "old");
        world.pass(MINUTE.plus(HOUR));
        assertThat(world.cache.size()).as("it is of no use").isZero();
        var second = world.fetch(1);
        world.fail(broken);
        assertThat(world.shown(second)).isEmpty();
        assertThat(endingOf(second)).isEqualTo(new JobResult.Failure<>(broken));
    }

    @Test
    void a_stale_value_stands_in_for_a_fetch_that_fails_where_that_is_said() {
        world.with(it -> it.freshFor(MINUTE).staleIfError(HOUR));
        world.fetched(1, "old");
        world.pass(MINUTE);
        var second = world.fetch(1);
        assertThat(world.shown(second)).as("it is not to be shown meanwhile").isEmpty();
        world.fail(broken);
        assertThat(endingOf(second)).isEqualTo(success("old"));
        assertThat(world.originOf(second)).isEqualTo(Origin.STALE);
    }

    // ---- the other modes ----

    @Test
    void network_first_asks_and_falls_back_to_what_is_kept() {
        world.with(it -> it.freshFor(HOUR).mode(CacheMode.NETWORK_FIRST));
        world.fetched(1, "a");
        var second = world.fetched(1, "b");
        assertThat(endingOf(second)).isEqualTo(success("b"));
        var third = world.fetch(1);
        world.fail(broken);
        assertThat(endingOf(third)).isEqualTo(success("b"));
        assertThat(world.originOf(third)).isEqualTo(Origin.CACHE);
        assertThat((Object) world.successOf(third).refreshError()).isEqualTo(java.util.Optional.of(broken));
    }

    @Test
    void cache_only_never_asks() {
        world.with(it -> it.freshFor(MINUTE).staleFor(HOUR));
        var nothing = world.fetch(1, CacheMode.CACHE_ONLY);
        assertThat(endingOf(nothing))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        failure -> assertThat(failure.error())
                                .isInstanceOf(NotCachedException.class)
                                .hasMessageContaining("Fetch")
                                .hasMessageContaining("CACHE_FIRST"));
        world.fetched(1, "a");
        assertThat(world.originOf(world.fetch(1, CacheMode.CACHE_ONLY))).isEqualTo(Origin.CACHE);
        world.pass(MINUTE);
        var stale = world.fetch(1, CacheMode.CACHE_ONLY);
        assertThat(endingOf(stale)).isEqualTo(success("a"));
        assertThat(world.originOf(stale)).isEqualTo(Origin.STALE);
        assertThat(world.fetches).hasSize(1);
    }

    @Test
    void refresh_asks_although_a_value_is_fresh_and_its_failure_is_the_jobs() {
        world.with(it -> it.freshFor(HOUR).staleIfError(HOUR));
        world.fetched(1, "a");
        var failing = world.fetch(1, CacheMode.REFRESH);
        world.fail(broken);
        assertThat(endingOf(failing)).isEqualTo(new JobResult.Failure<>(broken));
        world.fetch(1, CacheMode.REFRESH);
        world.bring("b");
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("b"));
        assertThat(world.fetches).hasSize(3);
    }

    @Test
    void the_mode_may_depend_on_the_job_and_the_dispatch_wins() {
        world.with(it ->
                it.freshFor(HOUR).modeOf(job -> job.wish().equals("now") ? CacheMode.REFRESH : CacheMode.CACHE_FIRST));
        world.fetched(1, "a");
        world.fetch(1);
        assertThat(world.fetches).hasSize(1);
        world.world.dispatcher().dispatch(new Fetch(1, "now"));
        world.world.runUntilIdle();
        assertThat(world.fetches).hasSize(2);
        world.bring("b");
        world.world.dispatcher().dispatch(new Fetch(1, "now"), CacheMode.CACHE_FIRST.options());
        world.world.runUntilIdle();
        assertThat(world.fetches).hasSize(2);
    }

    @Test
    void a_placeholder_is_shown_until_the_first_real_value() {
        world.with(it -> it.freshFor(MINUTE).staleFor(HOUR).placeholderOf(job -> "loading " + job.id()));
        var first = world.fetch(1);
        assertThat(world.shown(first)).containsExactly("PLACEHOLDER loading 1");
        world.bring("a");
        assertThat(world.shown(world.fetch(1))).containsExactly("CACHE a");
        world.pass(MINUTE);
        var third = world.fetch(1);
        assertThat(world.shown(third)).containsExactly("STALE a");
        world.bring("b");
    }

    // ---- one flight for each key ----

    @Test
    void a_thousand_jobs_of_one_key_fetch_once_and_each_has_its_own_ending() {
        world.with(it -> it.freshFor(MINUTE));
        var handles = new ArrayList<dev.orchestrator.JobHandle<String>>();
        for (int i = 0; i < 1000; i++) handles.add(world.world.dispatcher().dispatch(new Fetch(1, "wish " + i)));
        world.world.runUntilIdle();
        assertThat(world.fetches).hasSize(1);
        world.bring("a");
        assertThat(handles).allSatisfy(handle -> {
            assertThat(endingOf(handle)).isEqualTo(success("a"));
            assertThat(world.events.terminalOf(handle.id())).hasSize(1);
        });
    }

    @Test
    void cancelling_one_does_not_cancel_the_fetch_and_cancelling_all_does() {
        world.with(it -> it.freshFor(MINUTE));
        var first = world.fetch(1);
        var second = world.fetch(1);
        first.cancel("not wanted");
        world.world.runUntilIdle();
        assertThat(endingOf(first)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(world.fetches.getFirst()).isNotDone();
        second.cancel("not wanted either");
        world.world.runUntilIdle();
        assertThat(world.fetches.getFirst()).isCancelled();
        assertThat(endingOf(second)).isEqualTo(new JobResult.Cancelled<>("not wanted either"));
        world.fetched(1, "a");
        assertThat(world.fetches).hasSize(2);
        assertThat(world.cache.flights().count()).isZero();
    }

    @Test
    void the_fetch_is_tried_again_once_for_all_who_wait() {
        world.with(
                it -> it.freshFor(MINUTE),
                JobOptions.builder().retry(RetryPolicy.fixed(3, MINUTE)).build());
        var first = world.fetch(1);
        var second = world.fetch(1);
        world.fail(broken);
        world.pass(MINUTE);
        assertThat(world.fetches).hasSize(2);
        world.bring("a");
        assertThat(endingOf(first)).isEqualTo(success("a"));
        assertThat(endingOf(second)).isEqualTo(success("a"));
        assertThat(world.events.of(JobRetryingEvent.class)).hasSize(2);
        assertThat(world.successOf(second).attempts()).isEqualTo(2);
        assertThat(world.successOf(world.fetch(1)).attempts()).isOne();
    }

    @Test
    void a_fetch_that_lands_while_another_job_looks_serves_that_one_too() {
        world.with(it -> it.freshFor(MINUTE).placeholderOf(job -> {
            if (job.wish().equals("land")) world.fetches.getFirst().complete("a");
            return "wait";
        }));
        world.fetch(1);
        var second = world.world.dispatcher().dispatch(new Fetch(1, "land"));
        world.world.runUntilIdle();
        assertThat(world.fetches).hasSize(1);
        assertThat(endingOf(second)).isEqualTo(success("a"));
        assertThat(world.shown(second)).containsExactly("PLACEHOLDER wait", "CACHE a");
    }

    @Test
    void the_next_fetch_waits_until_a_stopped_one_has_left() {
        var stay = new java.util.concurrent.CompletableFuture<String>();
        var begun = new ArrayList<Long>();
        world.world
                .dispatcher()
                .register(
                        Fetch.class,
                        Cached.withAsync(world.cache, (Fetch job, dev.orchestrator.JobContext context) -> {
                                    begun.add((long) begun.size());
                                    return stay.minimalCompletionStage();
                                })
                                .key(Fetch::id));
        world.fetch(1).cancel("not wanted");
        world.world.runUntilIdle();
        var second = world.fetch(1);
        second.cancel("not wanted");
        world.world.runUntilIdle();
        second = world.fetch(1);
        var third = world.fetch(1);
        assertThat(begun).as("the code of the first one is still inside").hasSize(1);
        third.cancel("not wanted");
        stay.complete("a");
        world.world.runUntilIdle();
        assertThat(begun).hasSize(2);
        assertThat(endingOf(second)).isEqualTo(success("a"));
        assertThat(world.cache.flights().count()).isZero();
    }

    @Test
    void the_value_of_a_job_may_be_invalidated_by_that_job() {
        var cached = world.cached().key(Fetch::id, Fetch::wish);
        world.world.dispatcher().register(Fetch.class, cached);
        world.fetched(1, "a");
        world.cache.invalidate(cached.entryOf(new Fetch(1, "else")));
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("a"));
        world.cache.invalidate(cached.entryOf(new Fetch(1)));
        assertThat(endingOf(world.fetch(1))).isNull();
        world.bring("b");
    }

    @Test
    void a_refresh_joins_the_fetch_that_is_under_way() {
        world.with(it -> it.freshFor(MINUTE));
        world.fetch(1);
        var second = world.fetch(1, CacheMode.REFRESH);
        world.bring("a");
        assertThat(world.fetches).hasSize(1);
        assertThat(endingOf(second)).isEqualTo(success("a"));
    }

    // ---- bounds ----

    @Test
    void no_more_values_are_kept_than_there_is_room_for() {
        try (var small = new CacheWorld(builder -> builder.maximumSize(10))) {
            small.with(it -> it);
            for (int i = 0; i < 100; i++) small.fetched(i, "value " + i);
            assertThat(small.cache.size()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void heavy_values_leave_earlier() {
        try (var small =
                new CacheWorld(builder -> builder.maximumWeight(100, entry -> ((String) entry.value()).length()))) {
            small.with(it -> it);
            small.fetched(1, "x".repeat(60));
            small.fetched(2, "x".repeat(60));
            assertThat(small.cache.size()).isEqualTo(1);
            small.fetched(3, "x".repeat(101));
            small.fetch(3);
            assertThat(small.fetches).as("it is too heavy to be kept").hasSize(4);
            small.bring("x");
        }
    }

    @Test
    void what_makes_no_sense_is_refused() {
        assertThatThrownBy(() -> world.cached().freshFor(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("freshFor");
        assertThatThrownBy(() -> world.cached().staleFor(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> world.cached().key()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> world.cached().mode(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> JobCache.builder(world.world.bus()).maximumSize(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> world.cached().onDisk(Fetch.class, "fetch", Codec.text()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("store");
        assertThatThrownBy(() -> Cached.with(null, (Fetch job, dev.orchestrator.JobContext context) -> ""))
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void ages_beyond_all_times_are_for_ever() {
        world.with(it -> it.freshFor(Duration.ofSeconds(Long.MAX_VALUE)).staleFor(Duration.ofSeconds(Long.MAX_VALUE)));
        world.fetched(1, "a");
        world.pass(Duration.ofDays(1000));
        assertThat(world.originOf(world.fetch(1))).isEqualTo(Origin.CACHE);
    }

    @Test
    void a_closed_cache_keeps_nothing_and_jobs_go_on() {
        world.with(it -> it.freshFor(HOUR));
        world.fetched(1, "a");
        world.cache.close();
        assertThat(endingOf(world.fetched(1, "b"))).isEqualTo(success("b"));
        assertThat(world.cache.size()).isZero();
        assertThatThrownBy(() -> world.cache.invalidateOn(CacheWorld.Changed.class, event -> Entries.all()))
                .isInstanceOf(IllegalStateException.class);
        world.cache.invalidate(Entries.all());
        world.cache.close();
    }
}
