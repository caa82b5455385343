package dev.orchestrator.cache;

import static dev.orchestrator.cache.CacheWorld.HOUR;
import static dev.orchestrator.cache.CacheWorld.MINUTE;
import static dev.orchestrator.cache.CacheWorld.endingOf;
import static dev.orchestrator.cache.CacheWorld.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Job;
import dev.orchestrator.Origin;
import dev.orchestrator.cache.CacheTrouble.Where;
import dev.orchestrator.cache.CacheWorld.Changed;
import dev.orchestrator.cache.CacheWorld.Fetch;
import dev.orchestrator.cache.CacheWorld.Other;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Invalidation: nothing that is older than one is ever fresh. */
class InvalidationTest {
    private final CacheWorld world = new CacheWorld();

    record Save(long id) implements Job<Void> {}

    @AfterEach
    void close() {
        world.close();
    }

    private boolean isFetchedAnew(long id) {
        int before = world.fetches.size();
        world.fetch(id);
        boolean anew = world.fetches.size() > before;
        if (anew) world.bring("anew " + id);
        return anew;
    }

    @Test
    void by_key_by_type_by_tag_by_predicate_and_all() {
        world.with(it -> it.tagsOf((job, value) -> Set.of("all", "id " + job.id())));
        for (int i = 1; i <= 3; i++) world.fetched(i, "value " + i);
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        assertThat(isFetchedAnew(2)).isFalse();
        assertThat(isFetchedAnew(1)).isTrue();
        world.cache.invalidate(Entries.tagged("id 2"));
        assertThat(isFetchedAnew(1)).isFalse();
        assertThat(isFetchedAnew(2)).isTrue();
        world.cache.invalidate(Entries.where(entry -> "value 3".equals(entry.value())));
        assertThat(isFetchedAnew(2)).isFalse();
        assertThat(isFetchedAnew(3)).isTrue();
        world.cache.invalidate(Entries.type(Other.class));
        world.cache.invalidate(Entries.none());
        world.cache.invalidate(Entries.key(Fetch.class, 1));
        world.cache.invalidate(Entries.tagged("id"));
        assertThat(isFetchedAnew(1)).as("none of those was meant").isFalse();
        world.cache.invalidate(Entries.type(Fetch.class));
        for (int i = 1; i <= 3; i++) assertThat(isFetchedAnew(i)).isTrue();
        world.cache.invalidate(Entries.all());
        for (int i = 1; i <= 3; i++) assertThat(isFetchedAnew(i)).isTrue();
        world.cache.invalidate(Entries.type(Job.class));
        assertThat(isFetchedAnew(1)).as("a supertype means all its types").isTrue();
    }

    @Test
    void it_is_declared_by_event() {
        world.with(it -> it.tags("orders"));
        world.fetched(1, "a");
        world.cache.invalidate(Entries.tagged("orders")).on(Changed.class);
        world.cache.invalidate(Entries.none());
        world.fetch(1);
        world.bring("b");
        assertThat(isFetchedAnew(1)).isFalse();
        world.world.bus().emit(new Changed(7));
        assertThat(isFetchedAnew(1)).isTrue();
    }

    @Test
    void which_values_may_depend_on_the_event_and_closing_ends_it() {
        world.with(it -> it);
        world.fetched(1, "a");
        world.fetched(2, "b");
        var declared = world.cache.invalidateOn(Changed.class, event -> Entries.key(Fetch.class, event.id()));
        world.world.bus().emit(new Changed(2));
        assertThat(isFetchedAnew(1)).isFalse();
        assertThat(isFetchedAnew(2)).isTrue();
        declared.close();
        world.world.bus().emit(new Changed(2));
        assertThat(isFetchedAnew(2)).isFalse();
    }

    @Test
    void it_may_come_with_the_success_of_a_job_before_anybody_is_told() {
        world.with(it -> it);
        world.fetched(1, "a");
        world.world.dispatcher().register(Save.class, (job, context) -> null);
        world.cache.invalidateAfter(world.world.dispatcher(), Save.class, job -> Entries.key(Fetch.class, job.id()));
        var sawStale = new ArrayList<Boolean>();
        world.world.bus().subscribe(dev.orchestrator.JobSuccessEvent.class, event -> {
            if (event.job() instanceof Save) sawStale.add(world.cache.size() == 0);
        });
        world.world.dispatcher().dispatch(new Save(1));
        world.world.runUntilIdle();
        assertThat(sawStale).containsExactly(true);
        assertThat(isFetchedAnew(1)).isTrue();
    }

    @Test
    void a_stale_value_may_still_be_shown_for_as_long_as_was_said() {
        world.with(it -> it.freshFor(HOUR).staleFor(MINUTE));
        world.fetched(1, "a");
        world.cache.invalidate(Entries.all());
        var shown = world.fetch(1);
        assertThat(world.shown(shown)).containsExactly("STALE a");
        world.fail(new IOException("broken"));
        assertThat(world.originOf(shown)).isEqualTo(Origin.STALE);
        world.pass(MINUTE);
        var late = world.fetch(1);
        assertThat(world.shown(late)).as("counted from the invalidation").isEmpty();
        world.bring("b");
    }

    @Test
    void clearing_leaves_nothing_to_be_shown() {
        world.with(it -> it.freshFor(HOUR).staleFor(HOUR));
        world.fetched(1, "a");
        world.pass(HOUR);
        var shown = world.fetch(1);
        world.cache.clear();
        world.fail(new IOException("broken"));
        assertThat(endingOf(shown)).isInstanceOf(dev.orchestrator.JobResult.Failure.class);
        var late = world.fetch(1);
        assertThat(world.shown(late)).isEmpty();
        world.bring("b");
        assertThat(world.cache.size()).isOne();
    }

    @Test
    void clearing_counts_for_what_a_fetch_brings_that_is_under_way() {
        world.with(it -> it.freshFor(HOUR).staleFor(HOUR));
        var waiting = world.fetch(1);
        world.cache.clear();
        world.bring("older");
        assertThat(world.originOf(waiting)).isEqualTo(Origin.STALE);
        assertThat(world.cache.size()).isZero();
        var later = world.fetch(1);
        assertThat(world.shown(later)).isEmpty();
        world.bring("newer");
    }

    // ---- while a fetch is under way ----

    @Test
    void what_a_fetch_brings_that_was_under_way_is_not_fresh() {
        world.with(it -> it.freshFor(HOUR));
        var waiting = world.fetch(1);
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        var later = world.fetch(1);
        assertThat(world.fetches)
                .as("who comes later does not get what is older")
                .hasSize(2);
        world.fetches.get(0).complete("older");
        world.world.runUntilIdle();
        assertThat(endingOf(waiting)).isEqualTo(success("older"));
        assertThat(world.originOf(waiting)).isEqualTo(Origin.STALE);
        assertThat(endingOf(later)).isNull();
        world.fetches.get(1).complete("newer");
        world.world.runUntilIdle();
        assertThat(world.originOf(later)).isEqualTo(Origin.LIVE);
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("newer"));
        assertThat(world.fetches).hasSize(2);
    }

    @Test
    void an_older_fetch_that_comes_home_last_does_not_replace_what_is_newer() {
        world.with(it -> it.freshFor(HOUR).staleFor(HOUR));
        world.fetch(1);
        world.cache.invalidate(Entries.all());
        world.fetch(1);
        world.fetches.get(1).complete("newer");
        world.fetches.get(0).complete("older");
        world.world.runUntilIdle();
        var after = world.fetch(1);
        assertThat(endingOf(after)).isEqualTo(success("newer"));
        assertThat(world.originOf(after)).isEqualTo(Origin.CACHE);
    }

    @Test
    void a_tag_or_a_predicate_counts_for_a_fetch_if_it_is_true_of_what_that_brings() {
        world.with(it -> it.freshFor(HOUR).tagsOf((job, value) -> Set.of(value)));
        world.fetch(1);
        world.cache.invalidate(Entries.tagged("b"));
        world.cache.invalidate(Entries.where(entry -> "b".equals(entry.value())));
        world.bring("a");
        assertThat(isFetchedAnew(1)).as("a was not meant").isFalse();
        world.fetch(2);
        world.cache.invalidate(Entries.tagged("b"));
        world.bring("b");
        assertThat(isFetchedAnew(2)).isTrue();
        world.fetch(3);
        world.cache.invalidate(Entries.where(entry -> "b".equals(entry.value())));
        world.bring("b");
        assertThat(isFetchedAnew(3)).isTrue();
    }

    @Test
    void many_invalidations_during_a_fetch_take_no_room() {
        world.with(it -> it.freshFor(HOUR).tagsOf((job, value) -> Set.of(value)));
        world.fetch(1);
        for (int i = 0; i < 10_000; i++) world.cache.invalidate(Entries.tagged("tag " + i));
        world.bring("a");
        assertThat(isFetchedAnew(1)).as("when in doubt it is fetched anew").isTrue();
    }

    @Test
    void a_predicate_that_throws_means_what_it_was_asked_about() {
        world.with(it -> it.freshFor(HOUR));
        world.fetched(1, "a");
        world.cache.invalidate(Entries.where(entry -> {
            throw new IllegalStateException("a bug");
        }));
        assertThat(isFetchedAnew(1)).isTrue();
        assertThat(world.troubles())
                .singleElement()
                .satisfies(trouble -> assertThat(trouble.where()).isEqualTo(Where.PREDICATE));
    }
}
