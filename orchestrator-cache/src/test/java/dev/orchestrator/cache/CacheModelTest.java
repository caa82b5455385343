package dev.orchestrator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobDataEvent;
import dev.orchestrator.JobEvent;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.Origin;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.TerminalEvent;
import dev.orchestrator.testkit.TestWorld;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random programs on threads that take turns, against what has to be true of them: nothing older than an invalidation is
 * fresh afterwards, one flight for each key, one ending for each job (P1), nothing kept when all is over (P10).
 *
 * <p>The source of the values counts its changes, and each value is the count that it was read at. So how old a value is
 * can be seen from the value.
 */
class CacheModelTest {
    private static final int PROGRAMS = 150;
    private static final int STEPS = 60;
    private static final int KEYS = 3;
    private static final Duration FRESH = Duration.ofSeconds(60);
    private static final Duration STALE = Duration.ofSeconds(60);

    /** The number tells one from the other, and is no part of the key. */
    record Read(int key, int number) implements Job<Integer> {}

    record Changed(int key) implements Event {}

    /** What has to be true of a job that was dispatched. */
    private record Asked(Read job, CacheMode mode, int oldestFresh) {}

    /** A read that says when it is over, before anybody else can know. */
    private static final class Reading extends CompletableFuture<Integer> {
        private final AtomicReference<Runnable> whenOver;

        Reading(Runnable whenOver) {
            this.whenOver = new AtomicReference<>(whenOver);
        }

        void isOver() {
            whenOver.getAndSet(() -> {}).run();
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            isOver();
            return super.cancel(mayInterrupt);
        }
    }

    private static final class Program {
        final Random random;
        final TestWorld world;
        final JobCache cache;
        final int[] source = new int[KEYS];

        /** The least count of each key that may be fresh for those who ask now. */
        final int[] oldestFresh = new int[KEYS];

        /** How many reads are under way that began since the last invalidation of their key. */
        final Map<Integer, Integer> underWay = new HashMap<>();

        final Map<Read, Integer> boardedIn = new HashMap<>();
        final Map<Integer, Integer> generation = new HashMap<>();
        /** What an executor saw that must not be: thrown there, it would be just a failure of its job. */
        final List<String> wrong = new ArrayList<>();

        final Map<String, Asked> asked = new HashMap<>();
        final List<JobHandle<Integer>> handles = new ArrayList<>();
        final Map<String, List<JobEvent>> told = new HashMap<>();

        Program(long seed) {
            random = new Random(seed);
            world = TestWorld.seeded(seed);
            cache = JobCache.builder(world.bus())
                    .maximumSize(random.nextInt(4) == 0 ? 1 : 100)
                    .build();
            world.bus()
                    .subscribe(
                            JobEvent.class,
                            event -> told.computeIfAbsent(event.correlationId(), id -> new ArrayList<>())
                                    .add(event));
            world.dispatcher()
                    .register(
                            Read.class,
                            Cached.withAsync(cache, (Read job, JobContext context) -> read(job))
                                    .key(this::keyOf)
                                    .tagsOf((job, value) -> Set.of("key " + job.key()))
                                    .freshFor(FRESH)
                                    .staleFor(STALE),
                            JobOptions.builder()
                                    .retry(RetryPolicy.fixed(2, Duration.ofSeconds(1)))
                                    .build());
            cache.invalidateOn(Changed.class, event -> {
                noteInvalidated(Set.of(event.key())); // others may have their turn between the emission and this
                return Entries.key(Read.class, event.key());
            });
        }

        /** Asked just before a job boards: what it finds under way then began since the last invalidation. */
        private int keyOf(Read job) {
            boardedIn.put(job, generation.getOrDefault(job.key(), 0));
            return job.key();
        }

        /** Reads the count now, and brings it later. */
        private CompletionStage<Integer> read(Read job) {
            int now = generation.getOrDefault(job.key(), 0);
            int began = boardedIn.get(job);
            int already = began == now ? underWay.merge(job.key(), 1, Integer::sum) : 1;
            if (already != 1) wrong.add(already + " reads of key " + job.key() + " since its last invalidation");
            int value = source[job.key()];
            var end = new Reading(() -> {
                if (generation.getOrDefault(job.key(), 0) == began) underWay.merge(job.key(), -1, Integer::sum);
            });
            boolean fails = random.nextInt(4) == 0;
            world.time().schedule(Duration.ofSeconds(random.nextInt(30)), () -> {
                end.isOver();
                if (fails) end.completeExceptionally(new IOException("broken"));
                else end.complete(value);
            });
            return end;
        }

        void run() {
            for (int i = 0; i < STEPS; i++) step();
            world.runUntilIdle();
            world.advance(Duration.ofHours(1));
            for (var handle : handles) check(handle);
            assertThat(wrong).isEmpty();
            assertThat(cache.flights().count()).isZero();
            assertThat(cache.size()).as("all is too old to be of use").isZero();
            cache.close();
            assertThat(world.leftBehind()).allMatch(left -> left.contains("CacheModelTest"));
            world.close();
        }

        private void step() {
            int key = random.nextInt(KEYS);
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> ask(key);
                case 4 -> world.runUntilIdle();
                case 5, 6 -> world.advance(Duration.ofSeconds(random.nextInt(40)));
                case 7 -> change(key);
                case 8 -> {
                    if (!handles.isEmpty())
                        handles.get(random.nextInt(handles.size())).cancel("not wanted");
                }
                default -> {
                    if (random.nextInt(5) == 0) clear();
                    else ask(key);
                }
            }
        }

        private void ask(int key) {
            CacheMode mode = CacheMode.values()[random.nextInt(CacheMode.values().length)];
            var options = JobOptions.builder().extra(CacheMode.class, mode);
            if (random.nextInt(4) == 0) options.timeout(Duration.ofSeconds(1 + random.nextInt(20)));
            if (random.nextInt(6) == 0) options.replaceRunning("key");
            var job = new Read(key, handles.size());
            var handle = world.dispatcher().dispatch(job, options.build());
            handles.add(handle);
            asked.put(handle.id(), new Asked(job, mode, oldestFresh[key]));
        }

        private void change(int key) {
            source[key]++;
            Entries meant = switch (random.nextInt(4)) {
                case 0 -> Entries.key(Read.class, key);
                case 1 -> Entries.tagged("key " + key);
                case 2 -> Entries.where(entry -> entry.key().equals(List.<Object>of(key)));
                default -> null;
            };
            if (meant == null) {
                world.bus().emit(new Changed(key));
            } else {
                noteInvalidated(keysOf(meant, key));
                cache.invalidate(meant);
            }
            oldestFresh[key] = source[key];
        }

        /** A tag or a predicate may mean what any flight brings, so others may begin beside all of them. */
        private static Set<Integer> keysOf(Entries meant, int key) {
            return meant.isSure() ? Set.of(key) : Set.of(0, 1, 2);
        }

        private void noteInvalidated(Set<Integer> keys) {
            for (int key : keys) {
                generation.merge(key, 1, Integer::sum);
                underWay.remove(key);
            }
        }

        private void clear() {
            noteInvalidated(Set.of(0, 1, 2));
            cache.clear();
        }

        // ---- what has to be true ----

        private void check(JobHandle<Integer> handle) {
            Asked ask = asked.get(handle.id());
            List<JobEvent> events = told.getOrDefault(handle.id(), List.of());
            assertThat(events.stream().filter(TerminalEvent.class::isInstance))
                    .as("endings of %s", handle.id())
                    .hasSize(1);
            assertThat(events.getLast()).isInstanceOf(TerminalEvent.class);
            for (JobEvent event : events) {
                switch (event) {
                    case JobDataEvent<?> data -> checkValue(ask, (Integer) data.data(), data.origin());
                    case JobSuccessEvent<?> success -> {
                        checkValue(ask, (Integer) success.data(), success.origin());
                        assertThat(JobResult.Success.class)
                                .isEqualTo(handle.result()
                                        .toCompletableFuture()
                                        .join()
                                        .getClass());
                        if (ask.mode() == CacheMode.REFRESH)
                            assertThat(success.refreshError()).isEmpty();
                    }
                    default -> {}
                }
            }
        }

        private static void checkValue(Asked ask, int value, Origin origin) {
            boolean saysThatItIsFresh = origin == Origin.LIVE || origin == Origin.CACHE;
            if (saysThatItIsFresh)
                assertThat(value)
                        .as(
                                "a value for %s, %s, is newer than what was invalidated before it was asked for",
                                ask, origin)
                        .isGreaterThanOrEqualTo(ask.oldestFresh());
            if (ask.mode() == CacheMode.REFRESH) assertThat(origin).isNotEqualTo(Origin.CACHE);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3})
    void random_programs(long part) {
        for (long seed = part * PROGRAMS; seed < (part + 1) * PROGRAMS; seed++) {
            try {
                new Program(seed).run();
            } catch (AssertionError | RuntimeException wrong) {
                throw new AssertionError("seed " + seed, wrong);
            }
        }
    }
}
