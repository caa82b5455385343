package dev.orchestrator.cache;

import static dev.orchestrator.cache.CacheWorld.HOUR;
import static dev.orchestrator.cache.CacheWorld.MINUTE;
import static dev.orchestrator.cache.CacheWorld.endingOf;
import static dev.orchestrator.cache.CacheWorld.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.Origin;
import dev.orchestrator.RunLimit;
import dev.orchestrator.SignalBus;
import dev.orchestrator.cache.CacheWorld.Fetch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a careful reader of the cache found to be wrong once, or feared: each sentence has its test. */
class CornersTest {
    private CacheWorld world = new CacheWorld();

    @AfterEach
    void close() {
        world.close();
    }

    /** A store that does something, once, before it writes. */
    private static class MapStore implements CacheStore {
        final Map<StoreKey, StoredValue> map = new ConcurrentHashMap<>();
        Runnable before = () -> {};
        Error error;

        void hook() {
            if (error != null) throw error;
            Runnable now = before;
            before = () -> {};
            now.run();
        }

        @Override
        public Optional<StoredValue> load(StoreKey key) {
            return Optional.ofNullable(map.get(key));
        }

        @Override
        public void save(StoreKey key, StoredValue value) {
            map.put(key, value);
        }

        StoredValue inv(StoredValue v) {
            return new StoredValue(v.bytes(), v.asOf(), v.keepUntil(), true, v.tags());
        }

        @Override
        public void invalidate(StoreKey key) {
            hook();
            map.computeIfPresent(key, (k, v) -> inv(v));
        }

        @Override
        public void invalidateTag(String tag) {
            hook();
            map.replaceAll((k, v) -> v.tags().contains(tag) ? inv(v) : v);
        }

        @Override
        public void invalidateKind(String kind) {
            hook();
            map.replaceAll((k, v) -> k.kind().equals(kind) ? inv(v) : v);
        }

        @Override
        public void invalidateAll() {
            hook();
            map.replaceAll((k, v) -> inv(v));
        }

        @Override
        public void remove(StoreKey key) {
            map.remove(key);
        }

        @Override
        public void clear() {
            hook();
            map.clear();
        }

        @Override
        public void close() {}
    }

    private final MapStore store = new MapStore();

    void reopen() {
        world.close();
        world = new CacheWorld(b -> b.store(store));
    }

    sealed interface Q extends Job<String> permits A, B {
        long id();
    }

    record A(long id) implements Q {}

    record B(long id) implements Q {}

    @Test
    void members_of_a_family_have_values_of_their_own_on_disk() {
        reopen();
        world.world
                .dispatcher()
                .register(
                        Q.class,
                        Cached.with(
                                        world.cache,
                                        (Q job, JobContext c) -> job.getClass().getSimpleName())
                                .key(Q::id)
                                .onDisk(Q.class, "q", Codec.text()));
        var a = world.world.dispatcher().dispatch(new A(1));
        world.world.runUntilIdle();
        var b = world.world.dispatcher().dispatch(new B(1));
        world.world.runUntilIdle();
        assertThat(endingOf(a)).isEqualTo(success("A"));
        assertThat(endingOf(b)).isEqualTo(success("B"));
    }

    void onDisk() {
        reopen();
        world.with(it -> it.freshFor(HOUR).tags("t").onDisk(Fetch.class, "fetch", Codec.text()));
    }

    @Test
    void what_is_read_from_the_disk_while_that_is_invalidated_is_not_fresh_afterwards() {
        onDisk();
        world.fetched(1, "old");
        onDisk(); // restart
        store.before = () -> endingOf(world.fetch(1)); // a job that comes while the store works
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        // returned: nothing older than it may be fresh from here on
        var later = world.fetch(1);
        assertThat(endingOf(later))
                .as("the old value, as fresh, after invalidate has returned")
                .isNull();
    }

    @Test
    void what_is_read_from_the_disk_while_that_is_cleared_is_gone_afterwards() {
        onDisk();
        world.fetched(1, "old");
        onDisk(); // restart
        store.before = () -> endingOf(world.fetch(1));
        world.cache.clear();
        var later = world.fetch(1);
        assertThat(endingOf(later)).as("the old value after clear has returned").isNull();
    }

    @Test
    void what_was_invalidated_during_a_fetch_that_fails_is_not_given_as_fresh() {
        world.with(it -> it.freshFor(HOUR));
        world.fetched(1, "old");
        var job = world.fetch(1, CacheMode.NETWORK_FIRST);
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        world.fail(new IOException("x"));
        assertThat(endingOf(job)).as(() -> "origin " + world.originOf(job)).isInstanceOf(JobResult.Failure.class);
    }

    @Test
    void it_is_given_as_stale_where_that_is_said() {
        world.with(it -> it.freshFor(HOUR).staleIfError(HOUR));
        world.fetched(1, "old");
        var job = world.fetch(1, CacheMode.NETWORK_FIRST);
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        world.fail(new IOException("x"));
        assertThat(world.originOf(job)).isEqualTo(Origin.STALE);
    }

    @Test
    void what_was_shown_stands_in_for_a_fetch_that_fails_although_it_is_too_old_by_then() {
        world.with(it -> it.freshFor(MINUTE).staleFor(MINUTE));
        world.fetched(1, "old");
        world.pass(Duration.ofSeconds(119));
        var job = world.fetch(1);
        assertThat(world.shown(job)).containsExactly("STALE old");
        world.pass(Duration.ofSeconds(5));
        world.fail(new IOException("x"));
        assertThat(endingOf(job)).isEqualTo(success("old"));
    }

    @Test
    void an_executor_may_ask_a_cached_one_for_another_job() {
        var inner = Cached.with(world.cache, (Fetch job, JobContext c) -> "fetched " + job.id())
                .key(Fetch::id);
        world.world
                .dispatcher()
                .register(Fetch.class, (Fetch job, JobContext c) -> inner.execute(new Fetch(job.id() % 10), c));
        var a = world.fetch(13);
        assertThat(endingOf(a)).isEqualTo(success("fetched 3"));
    }

    record Page(long id) implements Job<String> {}

    @Test
    void an_executor_may_ask_a_cached_one_for_a_job_of_another_type() {
        var inner = Cached.with(world.cache, (Fetch job, JobContext c) -> "fetched " + job.id())
                .key(Fetch::id);
        world.world
                .dispatcher()
                .register(Page.class, (Page job, JobContext c) -> inner.execute(new Fetch(job.id()), c));
        var a = world.world.dispatcher().dispatch(new Page(13));
        world.world.runUntilIdle();
        assertThat(endingOf(a)).isEqualTo(success("fetched 13"));
    }

    record Rename(long id) implements Job<String> {}

    @Test
    void an_error_of_the_store_decides_no_job() {
        onDisk();
        store.error = new AssertionError("a bug of the store");
        world.world.dispatcher().register(Rename.class, (job, c) -> "renamed");
        world.cache.invalidateAfter(world.world.dispatcher(), Rename.class, job -> Entries.key(Fetch.class, job.id()));
        var a = world.world.dispatcher().dispatch(new Rename(1));
        world.world.runUntilIdle();
        assertThat(endingOf(a)).isEqualTo(success("renamed"));
    }

    @Test
    void an_older_value_does_not_come_back_from_disk_when_the_newer_could_not_be_saved() {
        reopen();
        world.close();
        world = new CacheWorld(b -> b.store(store).maximumSize(1));
        world.with(it -> it.onDisk(
                Fetch.class,
                "fetch",
                Codec.of(
                        v -> {
                            if (v.equals("new")) throw new IOException("too large");
                            return v.getBytes(StandardCharsets.UTF_8);
                        },
                        bytes -> new String(bytes, StandardCharsets.UTF_8))));
        world.fetched(1, "old");
        var refresh = world.fetch(1, CacheMode.REFRESH);
        world.bring("new");
        assertThat(endingOf(refresh)).isEqualTo(success("new"));
        world.reopen(bus -> JobCache.builder(bus).store(store).build());
        world.world
                .dispatcher()
                .replace(Fetch.class, world.cached().key(Fetch::id).onDisk(Fetch.class, "fetch", Codec.text()));
        var later = world.fetch(1);
        assertThat(endingOf(later)).as("the old value is fresh again").isNull();
    }

    @Test
    void nor_when_the_newer_could_not_be_tagged() {
        reopen();
        world.with(it -> it.tagsOf((j, v) -> {
                    if (v.equals("new")) throw new IllegalStateException();
                    return Set.of();
                })
                .onDisk(Fetch.class, "fetch", Codec.text()));
        world.fetched(1, "old");
        var refresh = world.fetch(1, CacheMode.REFRESH);
        world.bring("new");
        assertThat(endingOf(refresh)).isEqualTo(success("new"));
        var later = world.fetch(1);
        assertThat(endingOf(later)).as("the old value is fresh again").isNull();
    }

    @Test
    void a_value_from_the_future_is_not_fresh() {
        var ages = new Ages(MINUTE, HOUR, Duration.ZERO);
        var now = Instant.parse("2026-01-01T10:00:00Z");
        var entry = new CacheEntry(Fetch.class, List.of(1L), "x", now, Optional.empty(), Set.of());
        assertThat(ages.useOf(entry, now.minus(HOUR))).isNotEqualTo(Ages.Use.FRESH);
    }

    @Test
    void jobs_that_are_joined_by_a_key_of_their_own_are_cached_too() {
        world.with(it -> it.freshFor(MINUTE).staleFor(HOUR));
        world.fetched(1, "old");
        world.pass(MINUTE);
        var options = JobOptions.builder().joinRunning("k").build();
        var a = world.fetch(1, options);
        var b = world.fetch(1, options);
        world.bring("new");
        assertThat(world.shown(a)).containsExactly("STALE old");
        assertThat(endingOf(a)).isEqualTo(success("new"));
        assertThat(endingOf(b)).isEqualTo(success("new"));
        var c = world.fetch(1, options);
        assertThat(world.originOf(c)).isEqualTo(Origin.CACHE);
        world.pass(MINUTE);
        var d = world.fetch(1, options);
        world.fail(new IOException("x"));
        assertThat(world.originOf(d)).isEqualTo(Origin.STALE);
        assertThat(world.successOf(d).refreshError().get()).isInstanceOf(IOException.class);
        world.pass(HOUR);
        var e = world.fetch(1, options);
        var f = world.fetch(1, options);
        e.cancel("no");
        world.world.runUntilIdle();
        world.bring("f");
        assertThat(endingOf(f)).isEqualTo(success("f"));
        assertThat(endingOf(e)).isInstanceOf(JobResult.Cancelled.class);
    }

    @Test
    void an_invalidation_of_a_tag_that_a_fetch_cannot_have_does_not_concern_it() {
        world.with(it -> it.freshFor(HOUR).tags("users"));
        for (int i = 0; i < 10; i++) {
            world.fetch(1);
            world.cache.invalidate(Entries.tagged("orders-" + i));
        }
        assertThat(world.fetches).hasSize(1);
    }

    @Test
    void nor_do_many_of_them() {
        world.with(it -> it.freshFor(HOUR).tags("users"));
        var job = world.fetch(1);
        for (int i = 0; i < 100; i++) world.cache.invalidate(Entries.tagged("orders-" + i));
        world.bring("a");
        assertThat(world.originOf(job)).isEqualTo(Origin.LIVE);
    }

    record Find<T>(T what) implements Job<T> {}

    @Test
    void a_generic_job_is_cached() throws Exception {
        world.world
                .dispatcher()
                .registerFamily(
                        Find.class, Cached.with(world.cache, (Job<?> job, JobContext c) -> ((Find<?>) job).what()));
        var a = world.world.dispatcher().dispatch(new Find<>("x"));
        var b = world.world.dispatcher().dispatch(new Find<>(7));
        world.world.runUntilIdle();
        assertThat(a.result().toCompletableFuture().join().orThrow()).isEqualTo("x");
        assertThat(b.result().toCompletableFuture().join().orThrow()).isEqualTo(7);
        world.cache.invalidate(Entries.type(Find.class));
    }

    @Test
    void a_limit_of_one_and_a_key_of_two_jobs_block_nobody() {
        world.world
                .dispatcher()
                .register(
                        Fetch.class,
                        world.cached().key(Fetch::id),
                        JobOptions.builder().limit(RunLimit.of(1).orWait()).build());
        var a = world.fetch(1);
        var b = world.fetch(1);
        world.bring("x");
        assertThat(endingOf(a)).isEqualTo(success("x"));
        assertThat(endingOf(b)).isEqualTo(success("x"));
        assertThat(world.fetches).hasSize(1);
    }

    @Test
    void a_placeholder_is_shown_where_what_is_kept_may_not_be() {
        world.with(it -> it.freshFor(MINUTE).staleIfError(HOUR).placeholder("p"));
        world.fetched(1, "a");
        world.pass(MINUTE);
        var b = world.fetch(1);
        assertThat(world.shown(b)).containsExactly("PLACEHOLDER p");
        world.bring("c");
    }

    @Test
    void one_fetch_that_fails_ends_each_job_by_its_mode() {
        world.with(it -> it.freshFor(MINUTE).staleFor(HOUR));
        world.fetched(1, "a");
        world.pass(MINUTE);
        var swr = world.fetch(1);
        var refresh = world.fetch(1, CacheMode.REFRESH);
        world.fail(new IOException("x"));
        assertThat(endingOf(swr)).isEqualTo(success("a"));
        assertThat(endingOf(refresh)).isInstanceOf(JobResult.Failure.class);
        assertThat(world.fetches).hasSize(2);
    }

    @Test
    void a_tag_may_be_said_twice() {
        world.cached().tags("a", "a");
    }

    @Test
    void a_job_whose_time_is_up_timed_out_whatever_is_kept() {
        world.with(
                it -> it.freshFor(MINUTE).staleFor(HOUR),
                JobOptions.builder().timeout(MINUTE).build());
        world.fetched(1, "a");
        world.pass(MINUTE);
        var job = world.fetch(1);
        world.pass(MINUTE);
        assertThat(endingOf(job)).isInstanceOf(JobResult.TimedOut.class);
    }

    @Test
    void a_stale_value_stands_in_for_an_attempt_that_took_too_long() {
        world.with(
                it -> it.freshFor(MINUTE).staleFor(HOUR),
                JobOptions.builder().attemptTimeout(MINUTE).build());
        world.fetched(1, "a");
        world.pass(MINUTE);
        var job = world.fetch(1);
        world.pass(MINUTE);
        assertThat(endingOf(job)).isEqualTo(success("a"));
    }

    @Test
    void who_is_told_of_trouble_may_wait_for_a_job_that_needs_the_disk() {
        var broken = new MapStore() {
            @Override
            public void invalidateTag(String tag) {
                throw new IllegalStateException("no disk");
            }
        };
        var value = new CompletableFuture<JobResult<String>>();
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var cache = JobCache.builder(bus).store(broken).build()) {
            dispatcher.register(
                    Fetch.class,
                    Cached.with(cache, (Fetch job, JobContext context) -> "fetched")
                            .key(Fetch::id)
                            .onDisk(Fetch.class, "fetch", Codec.text()));
            bus.subscribe(CacheTrouble.class, trouble -> {
                try {
                    value.complete(dispatcher.dispatch(new Fetch(1)).await(Duration.ofSeconds(20)));
                } catch (Exception late) {
                    value.completeExceptionally(late);
                }
            });
            cache.invalidate(Entries.tagged("t"));
            assertThat(value).isCompletedWithValue(success("fetched"));
        }
    }
}
