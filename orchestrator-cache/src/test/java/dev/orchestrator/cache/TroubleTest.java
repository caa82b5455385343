package dev.orchestrator.cache;

import static dev.orchestrator.cache.CacheWorld.HOUR;
import static dev.orchestrator.cache.CacheWorld.endingOf;
import static dev.orchestrator.cache.CacheWorld.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobContext;
import dev.orchestrator.JobHandle;
import dev.orchestrator.cache.CacheTrouble.Where;
import dev.orchestrator.cache.CacheWorld.Changed;
import dev.orchestrator.cache.CacheWorld.Fetch;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Trouble in the cache never decides a job's outcome: it is a miss and an event. */
class TroubleTest {
    private CacheWorld world = new CacheWorld();

    @AfterEach
    void close() {
        world.close();
    }

    private static <T> T bug() {
        throw new IllegalStateException("a bug");
    }

    private void assertGoesOn(Where where) {
        for (int i = 0; i < 2; i++) {
            JobHandle<String> handle = world.fetched(1, "value " + i);
            assertThat(endingOf(handle)).isEqualTo(success("value " + i));
        }
        assertThat(world.fetches).hasSize(2);
        assertThat(world.troubles())
                .isNotEmpty()
                .allSatisfy(trouble -> assertThat(trouble.where()).isEqualTo(where));
    }

    @Test
    void a_key_function_that_throws() {
        world.with(it -> it.key(job -> bug()));
        assertGoesOn(Where.KEY);
    }

    @Test
    void a_key_whose_equals_throws() {
        record Odd(long id) {
            @Override
            public boolean equals(Object other) {
                return bug();
            }

            @Override
            public int hashCode() {
                return 1;
            }
        }
        world.with(it -> it.key(job -> new Odd(job.id())));
        world.fetched(1, "a");
        var second = world.fetched(1, "b");
        assertThat(endingOf(second)).isEqualTo(success("b"));
        assertThat(world.troubles()).isNotEmpty();
        assertThat(world.cache.flights().count()).isZero();
    }

    @Test
    void a_key_whose_hash_code_throws() {
        record Odd() {
            @Override
            public int hashCode() {
                return bug();
            }
        }
        world.with(it -> it.key(job -> new Odd()));
        assertGoesOn(Where.KEY);
    }

    @Test
    void a_weigher_that_throws_or_is_negative() {
        world.close();
        world = new CacheWorld(builder -> builder.maximumWeight(10, entry -> TroubleTest.<Integer>bug()));
        world.with(it -> it);
        assertGoesOn(Where.WEIGHT);
        world.close();
        world = new CacheWorld(builder -> builder.maximumWeight(10, entry -> -1));
        world.with(it -> it);
        assertGoesOn(Where.WEIGHT);
    }

    @Test
    void tags_that_cannot_be_made() {
        world.with(it -> it.tagsOf((job, value) -> bug()));
        assertGoesOn(Where.TAGS);
        world.close();
        world = new CacheWorld();
        world.with(it -> it.tagsOf((job, value) -> null));
        assertGoesOn(Where.TAGS);
    }

    @Test
    void a_value_that_cannot_be_kept_takes_the_older_one_with_it() {
        var broken = new AtomicBoolean();
        world.with(it -> it.tagsOf((job, value) -> broken.get() ? bug() : Set.of()));
        world.fetched(1, "older");
        broken.set(true);
        world.fetch(1, CacheMode.REFRESH);
        world.bring("newer");
        broken.set(false);
        assertThat(endingOf(world.fetch(1))).as("older is not given any more").isNull();
        world.bring("newest");
    }

    @Test
    void a_mode_and_a_placeholder_that_cannot_be_made() {
        world.with(it -> it.modeOf(job -> bug()).placeholderOf(job -> bug()));
        assertThat(endingOf(world.fetched(1, "a"))).isEqualTo(success("a"));
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.MODE, Where.PLACEHOLDER);
        assertThat(endingOf(world.fetch(1))).as("it is kept all the same").isEqualTo(success("a"));
    }

    @Test
    void an_event_that_is_not_understood_invalidates_nothing() {
        world.with(it -> it);
        world.fetched(1, "a");
        world.cache.invalidateOn(Changed.class, event -> bug());
        world.world.bus().emit(new Changed(1));
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("a"));
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.EVENT);
    }

    /** A store of which everything fails that a test says. */
    private static class BrokenStore implements CacheStore {
        boolean readsFail;
        boolean writesFail;
        boolean clearFails;
        int loads;
        Optional<StoredValue> value = Optional.empty();

        private static void fail(boolean wished) throws IOException {
            if (wished) throw new IOException("no disk");
        }

        @Override
        public Optional<StoredValue> load(StoreKey key) throws Exception {
            loads++;
            fail(readsFail);
            return value;
        }

        @Override
        public void save(StoreKey key, StoredValue saved) throws Exception {
            fail(writesFail);
            value = Optional.of(saved);
        }

        @Override
        public void invalidate(StoreKey key) throws Exception {
            fail(writesFail);
        }

        @Override
        public void invalidateTag(String tag) throws Exception {
            fail(writesFail);
        }

        @Override
        public void invalidateKind(String kind) throws Exception {
            fail(writesFail);
        }

        @Override
        public void invalidateAll() throws Exception {
            fail(writesFail);
        }

        @Override
        public void remove(StoreKey key) {}

        @Override
        public void clear() throws Exception {
            fail(clearFails);
            value = Optional.empty();
        }

        @Override
        public void close() {}
    }

    private final BrokenStore store = new BrokenStore();

    private void onDisk(Codec<String> codec) {
        world.close();
        world = new CacheWorld(builder -> builder.store(store));
        world.with(it -> it.freshFor(HOUR).onDisk(Fetch.class, "fetch", codec));
    }

    @Test
    void a_store_that_cannot_be_read() {
        store.readsFail = true;
        onDisk(Codec.text());
        assertThat(endingOf(world.fetched(1, "a"))).isEqualTo(success("a"));
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.LOAD);
        assertThat(endingOf(world.fetch(1))).as("it is in memory").isEqualTo(success("a"));
    }

    @Test
    void a_store_that_cannot_be_written_tells_it_by_an_event_of_the_job() {
        store.writesFail = true;
        onDisk(Codec.text());
        var handle = world.fetched(1, "a");
        assertThat(endingOf(handle)).isEqualTo(success("a"));
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.SAVE);
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("a"));
    }

    @Test
    void a_codec_that_throws() {
        onDisk(Codec.of(text -> bug(), bytes -> bug()));
        assertThat(endingOf(world.fetched(1, "a"))).isEqualTo(success("a"));
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.SAVE);
        store.value = Optional.of(new StoredValue(new byte[1], Instant.EPOCH, Instant.MAX, false, Set.of()));
        world.cache.clear();
        store.value = Optional.of(new StoredValue(new byte[1], Instant.EPOCH, Instant.MAX, false, Set.of()));
        assertThat(endingOf(world.fetched(1, "b"))).isEqualTo(success("b"));
        assertThat(world.troubles()).extracting(CacheTrouble::where).contains(Where.LOAD);
    }

    @Test
    void a_key_that_is_not_for_the_disk() {
        world.close();
        world = new CacheWorld(builder -> builder.store(store));
        world.with(it -> it.key(job -> new Object() {
                    @Override
                    public int hashCode() {
                        return 1;
                    }

                    @Override
                    public boolean equals(Object other) {
                        return other != null && getClass() == other.getClass();
                    }
                })
                .onDisk(Fetch.class, "fetch", Codec.text()));
        assertThat(endingOf(world.fetched(1, "a"))).isEqualTo(success("a"));
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.LOAD, Where.SAVE);
        assertThat(world.troubles().getFirst().error()).hasMessageContaining("texts, numbers");
        assertThat(endingOf(world.fetch(1))).as("memory has it").isEqualTo(success("a"));
    }

    @Test
    void what_cannot_be_invalidated_is_emptied() {
        onDisk(Codec.text());
        world.fetched(1, "a");
        store.writesFail = true;
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        assertThat(store.value).isEmpty();
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.INVALIDATION);
        world.fetch(1);
        assertThat(world.fetches).hasSize(2);
        world.bring("b");
    }

    @Test
    void what_cannot_be_emptied_either_is_not_read_any_more() {
        onDisk(Codec.text());
        world.fetched(1, "a");
        store.writesFail = true;
        store.clearFails = true;
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        int loads = store.loads;
        world.fetch(1);
        assertThat(world.fetches).hasSize(2);
        assertThat(store.loads).isEqualTo(loads);
        assertThat(world.troubles()).extracting(CacheTrouble::where).containsExactly(Where.INVALIDATION, Where.STORE);
        world.bring("b");
    }

    @Test
    void trouble_is_told_once_for_all_who_wait() {
        store.writesFail = true;
        onDisk(Codec.text());
        var dispatcher = world.world.dispatcher();
        for (int i = 0; i < 10; i++) dispatcher.dispatch(new Fetch(1));
        world.world.runUntilIdle();
        world.bring("a");
        assertThat(world.troubles()).hasSize(1);
    }

    @Test
    void an_executor_that_ends_its_job_early_is_cached_too() {
        world.world
                .dispatcher()
                .register(Fetch.class, Cached.with(world.cache, new dev.orchestrator.BaseExecutor<Fetch, String>() {
                    @Override
                    protected String process(Fetch job, JobContext context) {
                        world.fetches.add(null);
                        emitResult(context, "early");
                        return "late";
                    }
                }));
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("early"));
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("early"));
        assertThat(world.fetches).hasSize(1);
    }
}
