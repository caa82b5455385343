package dev.orchestrator.benchmarks;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgressEvent;
import dev.orchestrator.JobRejectedException;
import dev.orchestrator.RunLimit;
import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** E: what a job's code, an orchestrator and a caller do often. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SmallThingsBenchmark {
    private record Wait(int number) implements Job<Void> {}

    private record Alone() implements Job<Void> {}

    private record Unknown() implements Job<Void> {}

    private static final class Counting extends BaseOrchestrator<Long> {
        Counting(Dispatcher dispatcher, SignalBus bus) {
            super(0L, dispatcher, bus);
        }

        void count() {
            update(number -> number + 1);
        }
    }

    private final AtomicReference<Long> cell = new AtomicReference<>(0L);
    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher =
            Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build(); // its jobs never end by themselves
    private final CompletableFuture<JobContext> inside = new CompletableFuture<>();
    private JobContext context;
    private JobHandle<Void> first;
    private Counting counting;
    private double done;
    private int reported;

    @Setup
    public void setUp() {
        dispatcher.registerAsync(Wait.class, (job, its) -> {
            inside.complete(its);
            return new CompletableFuture<Void>();
        });
        dispatcher.registerAsync(
                Alone.class,
                (job, its) -> new CompletableFuture<Void>(),
                JobOptions.builder().limit(RunLimit.of(1).orRefuse()).build());
        bus.subscribe(JobProgressEvent.class, report -> reported++);
        first = dispatcher.dispatch(
                new Wait(1),
                JobOptions.builder().progressInterval(Duration.ofMillis(10)).build());
        dispatcher.dispatch(new Alone());
        context = inside.join();
        counting = new Counting(dispatcher, bus);
        counting.start();
    }

    /** Reports that come much faster than anybody looks. */
    @Benchmark
    public void progress() {
        done += 1e-12;
        context.progress(done);
    }

    @Benchmark
    public void compareAndSet() {
        while (true) {
            Long before = cell.get();
            if (cell.compareAndSet(before, before + 1)) return;
        }
    }

    @Benchmark
    public void update() {
        counting.count();
    }

    @Benchmark
    @Threads(8)
    public void compareAndSetByEight() {
        compareAndSet();
    }

    @Benchmark
    @Threads(8)
    public void updateByEight() {
        update();
    }

    @Benchmark
    public Object refusedUnknown() {
        try {
            return dispatcher.dispatch(new Unknown());
        } catch (RuntimeException expected) {
            return expected;
        }
    }

    @Benchmark
    public Object refusedAtLimit() {
        try {
            dispatcher.dispatch(new Alone());
            throw new IllegalStateException("it was accepted");
        } catch (JobRejectedException expected) {
            return expected;
        }
    }

    @Benchmark
    public Object refusedDuplicate() {
        try {
            dispatcher.dispatch(new Wait(2), JobOptions.builder().id(first.id()).build());
            throw new AssertionError("it was accepted");
        } catch (IllegalStateException expected) {
            return expected;
        }
    }

    @TearDown
    public void close() {
        if (done > 0 && reported == 0) throw new IllegalStateException("no progress was reported");
        dispatcher.close();
        bus.close();
    }
}
