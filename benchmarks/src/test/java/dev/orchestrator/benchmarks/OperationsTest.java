package dev.orchestrator.benchmarks;

import static dev.orchestrator.benchmarks.CountingLoader.Kind.ATOMIC;
import static dev.orchestrator.benchmarks.CountingLoader.Kind.LOCK;
import static dev.orchestrator.benchmarks.CountingLoader.Kind.MAP;
import static dev.orchestrator.benchmarks.CountingLoader.Kind.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import dev.orchestrator.SignalBus;
import dev.orchestrator.benchmarks.CountingLoader.Kind;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * P12 and the cost of a job, in figures that are the same on a slow machine: atomic operations, locks, and what is put into
 * and taken out of queues and concurrent maps. When fewer are needed, lower the figure.
 */
class OperationsTest {
    // Exact: on one thread, with a clock that stands still, each time is as the others.
    private static final Map<Kind, Integer> PLAIN_JOB = Map.of(ATOMIC, 19, LOCK, 1, QUEUE, 2, MAP, 1);
    private static final Map<Kind, Integer> JOB_WITH_OPTIONS = Map.of(ATOMIC, 26, LOCK, 9, QUEUE, 3, MAP, 2);
    private static final Map<Kind, Integer> EMISSION = Map.of(ATOMIC, 0, LOCK, 0, QUEUE, 0, MAP, 0);
    private static final Map<Kind, Integer> EVENT_TO_ANOTHER = Map.of(ATOMIC, 3, LOCK, 0, QUEUE, 2, MAP, 0);

    // On threads of their own a thread may come between two steps of another, which then tries again, or a lane may
    // begin a second turn. Jobs come one after the other, so that happens to some of them, and not twice to each.
    private static final int BETWEEN_THREADS = 1;

    // To make a timer and to take it back; the time that stands still has none.
    private static final int TIMER = 2;

    private static final int WARM_UP = 100; // what is made or loaded for the first
    private static final int TIMES = 1_000;

    private static final class StillTime implements Time {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            return () -> {};
        }

        @Override
        public long random() {
            return 1;
        }
    }

    /** All that one call begins, done to its end on the thread that calls. */
    private abstract static class OnOneThread implements Runnable {
        private final CostTest.Counted threads = new CostTest.Counted();
        final SignalBus bus =
                SignalBus.builder().threads(threads).time(new StillTime()).build();
        final Dispatcher dispatcher = Dispatcher.create(bus);
        long begun;
        long handled;

        abstract void begin();

        @Override
        public final void run() {
            begun++;
            begin();
            threads.runAll();
            assertThat(handled).isEqualTo(begun);
        }
    }

    private static class PlainJobs extends OnOneThread {
        private record AddOne(long number) implements Job<Long> {}

        private final class Owner extends BaseOrchestrator<Long> {
            Owner() {
                super(0L, dispatcher, bus);
                on(AddOne.class).success((job, result) -> {
                    update(count -> count + 1);
                    handled++;
                });
            }
        }

        private final Owner owner;

        PlainJobs() {
            dispatcher.register(AddOne.class, (job, context) -> job.number() + 1);
            owner = new Owner();
            owner.start();
        }

        JobOptions options() {
            return JobOptions.none();
        }

        @Override
        final void begin() {
            owner.dispatch(new AddOne(begun), options());
        }
    }

    private static final class JobsWithOptions extends PlainJobs {
        private final RetryPolicy policy = RetryPolicy.exponential(3, Duration.ofSeconds(1));
        private final RunLimit limit = RunLimit.of(2).orQueue(100);

        @Override
        JobOptions options() {
            return JobOptions.builder()
                    .timeout(Duration.ofMinutes(1))
                    .retry(policy)
                    .joinRunning(begun)
                    .limitPerKey(begun, limit)
                    .build();
        }
    }

    private static final class EventsToAnother extends OnOneThread {
        private final class Observer extends BaseOrchestrator<Long> {
            Observer() {
                super(0L, dispatcher, bus);
                observe(Happened.class, event -> handled++);
            }
        }

        EventsToAnother() {
            new Observer().start();
        }

        @Override
        void begin() {
            bus.emit(new Happened(begun));
        }
    }

    private static class EmissionsToOne implements Runnable {
        private final Emitters.Ours ours = new Emitters.Ours();
        private final Counter counter = new Counter(Counter.ALL);
        private final int subscribers;
        private long emitted;

        EmissionsToOne() {
            this(1);
        }

        EmissionsToOne(int subscribers) {
            this.subscribers = subscribers;
            ours.subscribe(Collections.nCopies(subscribers, counter));
        }

        @Override
        public void run() {
            ours.emit(new Happened(++emitted));
            assertThat(counter.count()).isEqualTo(subscribers * emitted);
        }
    }

    private static final class EmissionsToHundred extends EmissionsToOne {
        EmissionsToHundred() {
            super(100);
        }
    }

    /** As the benchmark does it, one after the other. */
    private abstract static class OnTheirThreads implements Runnable {
        private final Finish finish = new Finish();
        private final RoundTrip jobs = open(finish);
        private long number;

        abstract RoundTrip open(Finish finish);

        @Override
        public final void run() {
            finish.expect(1);
            try {
                jobs.submit(++number);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            finish.await();
        }
    }

    private static final class PlainJobsOnTheirThreads extends OnTheirThreads {
        @Override
        RoundTrip open(Finish finish) {
            return OurRoundTrip.plain(finish);
        }
    }

    private static final class JobsWithOptionsOnTheirThreads extends OnTheirThreads {
        @Override
        RoundTrip open(Finish finish) {
            return OurRoundTrip.withOptions(finish);
        }
    }

    private static void assertCost(Class<? extends Runnable> type, Map<Kind, Integer> cost, int more) throws Exception {
        Runnable work = new CountingLoader().make(type);
        for (int i = 0; i < WARM_UP; i++) work.run();
        CountingLoader.forget();
        for (int i = 0; i < TIMES; i++) work.run();
        Map<String, Long> counts = CountingLoader.counts();

        String calls = counts.entrySet().stream()
                .map(call -> "%n%8.3f %s".formatted((double) call.getValue() / TIMES, call.getKey()))
                .collect(Collectors.joining());
        assertThat(cost).as("for each, of %s:%s", type.getSimpleName(), calls).allSatisfy((kind, most) -> {
            long counted = counts.entrySet().stream()
                    .filter(call -> call.getKey().startsWith(kind.name()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            assertThat((double) counted / TIMES).isLessThanOrEqualTo(most == 0 ? 0 : most + more);
            if (most > 0) assertThat(counted).as("what is counted at all").isPositive();
        });
    }

    @Test
    void emitting_needs_no_atomic_operation_and_no_lock_however_many_subscribe() throws Exception {
        assertCost(EmissionsToOne.class, EMISSION, 0);
        assertCost(EmissionsToHundred.class, EMISSION, 0);
    }

    @Test
    void an_event_to_another_orchestrator_takes_no_lock_and_is_queued_once() throws Exception {
        assertCost(EventsToAnother.class, EVENT_TO_ANOTHER, 0);
    }

    @Test
    void a_plain_job_takes_one_lock_and_needs_no_more_operations_than_it_did() throws Exception {
        assertCost(PlainJobs.class, PLAIN_JOB, 0);
    }

    @Test
    void a_job_with_options_needs_no_more_operations_than_it_did() throws Exception {
        assertCost(JobsWithOptions.class, JOB_WITH_OPTIONS, 0);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void jobs_on_threads_of_their_own_need_hardly_more() throws Exception {
        assertCost(PlainJobsOnTheirThreads.class, PLAIN_JOB, BETWEEN_THREADS);
        assertCost(JobsWithOptionsOnTheirThreads.class, JOB_WITH_OPTIONS, TIMER + BETWEEN_THREADS);
    }
}
