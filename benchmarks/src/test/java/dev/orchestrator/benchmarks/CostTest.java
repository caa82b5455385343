package dev.orchestrator.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** P12 and the cost of a job, in figures that are the same on a slow machine: bytes that are allocated, threads that start. */
class CostTest {
    private static final int WARM_UP = 20_000;
    private static final int TIMES = 10_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private record Work(int number) implements Job<Integer> {}

    private static final class Owner extends BaseOrchestrator<Integer> {
        private int successes;

        Owner(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            on(Work.class).success((job, result) -> successes++);
        }

        void work(int number) {
            dispatch(new Work(number));
        }
    }

    /** Everything waits for the test's own thread, so that what is allocated is allocated there; counts what begins. */
    static final class Counted implements Threads {
        final Map<Role, Integer> started = new EnumMap<>(Role.class);
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

        @Override
        public void start(Role role, String name, Runnable task) {
            started.merge(role, 1, Integer::sum);
            waiting.add(task);
        }

        @Override
        public boolean await(CompletionStage<?> stage, Duration limit) {
            return stage.toCompletableFuture().isDone();
        }

        void runAll() {
            for (Runnable next; (next = waiting.poll()) != null; ) next.run();
        }
    }

    /** What the repeated code allocates on this thread each time, once it is compiled. */
    private static double bytesOf(Runnable code) {
        for (int i = 0; i < WARM_UP; i++) code.run();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) code.run();
        return (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / TIMES;
    }

    @Test
    void emitting_allocates_nothing_however_many_subscribe() {
        var event = new Happened(1);
        for (int subscribers : new int[] {0, 1, 100}) {
            try (var ours = new Emitters.Ours()) {
                var counter = new Counter(Counter.ALL);
                ours.subscribe(java.util.Collections.nCopies(subscribers, counter));
                assertThat(bytesOf(() -> ours.emit(event)))
                        .as("bytes for an event with %d subscribers", subscribers)
                        .isLessThan(0.1);
                assertThat(counter.count()).isEqualTo((long) subscribers * (WARM_UP + TIMES));
            }
        }
    }

    @Test
    void progress_that_is_kept_back_allocates_nothing() {
        var threads = new Counted();
        var bus = SignalBus.builder().threads(threads).build();
        var dispatcher = Dispatcher.create(bus);
        var inside = new CompletableFuture<JobContext>();
        bus.subscribe(dev.orchestrator.JobProgressEvent.class, report -> {});
        dispatcher.registerAsync(Work.class, (job, context) -> {
            inside.complete(context);
            return new CompletableFuture<Integer>();
        });
        dispatcher.dispatch(
                new Work(1),
                JobOptions.builder().progressInterval(Duration.ofHours(1)).build());
        threads.runAll();
        var done = new double[1];
        assertThat(bytesOf(() -> inside.join().progress(done[0] += 1e-9))).isLessThan(0.1);
    }

    @Test
    void progress_that_nobody_wants_makes_a_report_and_no_event() {
        var threads = new Counted();
        var dispatcher = Dispatcher.create(SignalBus.builder().threads(threads).build());
        var inside = new CompletableFuture<JobContext>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            inside.complete(context);
            return new CompletableFuture<Integer>();
        });
        dispatcher.dispatch(new Work(1));
        threads.runAll();
        var done = new double[1];
        assertThat(bytesOf(() -> inside.join().progress(done[0] += 1e-9))).isLessThan(50);
    }

    @Test
    void a_job_begins_one_thread_and_at_most_one_turn_of_its_owner_and_allocates_less_than_700_bytes() {
        var threads = new Counted();
        var bus = SignalBus.builder().threads(threads).build();
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Work.class, (job, context) -> job.number());
        var owner = new Owner(dispatcher, bus);
        owner.start();
        threads.runAll();
        threads.started.clear();

        double bytes = bytesOf(() -> {
            owner.work(1);
            threads.runAll();
        });

        assertThat(owner.successes).isEqualTo(WARM_UP + TIMES);
        assertThat(threads.started)
                .containsOnly(
                        Map.entry(Threads.Role.WORKER, WARM_UP + TIMES), Map.entry(Threads.Role.LANE, WARM_UP + TIMES));
        assertThat(bytes).as("bytes for a job, without its thread").isLessThan(700);
        System.out.printf("a job without its thread: %.0f bytes%n", bytes);
    }
}
