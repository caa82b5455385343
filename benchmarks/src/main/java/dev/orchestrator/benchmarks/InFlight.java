package dev.orchestrator.benchmarks;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * D: many jobs in flight at once: the memory of each, and the time to start and to release it.
 *
 * <p>Each kind runs in a process of its own. Arguments: the kind, how many, and the collector's option.
 */
public final class InFlight {
    private static final long MIB = 1 << 20;

    /** Who keeps the jobs. */
    enum Kind {
        VIRTUAL_THREADS(VirtualThreads::new),
        VIRTUAL_THREADS_BY_UUID(VirtualThreadsById::new),
        FUTURES_ON_VIRTUAL_THREADS(FuturesOnThreads::new),
        FUTURES_BY_UUID(FuturesById::new),
        ORCHESTRATOR_BLOCKING(() -> new Ours(true, JobOptions.none())),
        ORCHESTRATOR_ASYNC(() -> new Ours(false, JobOptions.none())),
        ORCHESTRATOR_BLOCKING_WITH_TIMEOUT(() ->
                new Ours(true, JobOptions.builder().timeout(Duration.ofHours(1)).build()));

        private final Supplier<Flight> make;

        Kind(Supplier<Flight> make) {
            this.make = make;
        }
    }

    /** Starts jobs that wait, and lets them go. */
    private abstract static class Flight {
        final CountDownLatch gate = new CountDownLatch(1);
        final AtomicLong inside = new AtomicLong();
        final AtomicLong done = new AtomicLong();

        abstract void start();

        void release() {
            gate.countDown();
        }

        /** What the code of a blocking job does. */
        final void block() {
            inside.incrementAndGet();
            try {
                gate.await();
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    private static final class VirtualThreads extends Flight {
        @Override
        void start() {
            Thread.startVirtualThread(() -> {
                block();
                done.incrementAndGet();
            });
        }
    }

    private static final class VirtualThreadsById extends Flight {
        private final ConcurrentHashMap<UUID, Thread> byId = new ConcurrentHashMap<>();

        @Override
        void start() {
            var id = UUID.randomUUID();
            var thread = Thread.ofVirtual().unstarted(() -> {
                block();
                byId.remove(id);
                done.incrementAndGet();
            });
            byId.put(id, thread);
            thread.start();
        }
    }

    private static final class FuturesOnThreads extends Flight {
        private final List<CompletableFuture<Void>> all = new ArrayList<>();
        private final java.util.concurrent.ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

        @Override
        void start() {
            all.add(CompletableFuture.runAsync(this::block, threads).thenRun(done::incrementAndGet));
        }
    }

    private static final class FuturesById extends Flight {
        private final ConcurrentHashMap<UUID, CompletableFuture<Void>> byId = new ConcurrentHashMap<>();

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        void start() {
            var id = UUID.randomUUID();
            var future = new CompletableFuture<Void>();
            byId.put(id, future);
            future.thenRun(done::incrementAndGet);
            inside.incrementAndGet();
        }

        @Override
        void release() {
            for (var id : byId.keySet()) byId.remove(id).complete(null);
        }
    }

    private static final class Ours extends Flight {
        private record Wait(int number) implements Job<Void> {}

        private final SignalBus bus = SignalBus.scoped();
        private final Dispatcher dispatcher = Dispatcher.create(bus);
        private final List<CompletableFuture<Void>> stages = new ArrayList<>(); // of one starting thread
        private final boolean blocks;
        private final JobOptions options;
        private int number;

        Ours(boolean blocks, JobOptions options) {
            this.blocks = blocks;
            this.options = options;
            bus.subscribe(JobSuccessEvent.class, success -> done.incrementAndGet());
            if (blocks) {
                dispatcher.register(Wait.class, (job, context) -> {
                    block();
                    return null;
                });
            } else {
                dispatcher.registerAsync(Wait.class, (job, context) -> {
                    inside.incrementAndGet();
                    return stages.get(job.number());
                });
            }
        }

        @Override
        void start() {
            if (!blocks) stages.add(new CompletableFuture<>());
            dispatcher.dispatch(new Wait(number++), options);
        }

        @Override
        void release() {
            super.release();
            for (var stage : stages) stage.complete(null);
        }
    }

    private InFlight() {}

    public static void main(String[] arguments) {
        var kind = Kind.valueOf(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        measure(kind, Math.min(count, 20_000)); // warms up
        System.out.println(measure(kind, count));
    }

    private static String measure(Kind kind, int count) {
        Flight flight = kind.make.get();
        long before = usedBytes();
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) flight.start();
        until(flight.inside, count);
        long started = System.nanoTime() - begin;
        long bytes = usedBytes() - before;
        begin = System.nanoTime();
        flight.release();
        until(flight.done, count);
        long released = System.nanoTime() - begin;
        return bytes / count + " " + started / count + " " + released / count;
    }

    private static void until(AtomicLong counter, long count) {
        while (counter.get() < count) Thread.yield();
    }

    private static long usedBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    // ---- in processes of their own ----

    /** Gives what is checked: the bytes, which are the same on every machine. */
    static List<Table> report(Report report, Progress progress, Effort effort) throws IOException {
        boolean isQuick = effort == Effort.QUICK;
        int count = isQuick ? 100_000 : 1_000_000;
        report.heading(Suite.IN_FLIGHT);
        report.line("\n" + Report.number(count) + " jobs.");
        var tables = new ArrayList<Table>();
        for (String collector : isQuick ? List.of("-XX:+UseG1GC") : List.of("-XX:+UseG1GC", "-XX:+UseZGC")) {
            report.line("\n| " + collector + " | bytes | start, ns | release, ns |\n| --- | --- | --- | --- |");
            var bytes = new Table("bytes, " + collector, new ArrayList<>());
            for (Kind kind : Kind.values()) {
                String[] figures = run(kind, count, collector).split(" ");
                progress.say("    " + collector + " " + kind);
                report.line(
                        "| " + Report.name(Suite.IN_FLIGHT, kind.name()) + " | " + String.join(" | ", figures) + " |");
                bytes.rows().add(Table.Row.of(kind.name(), Double.parseDouble(figures[0])));
            }
            tables.add(bytes);
        }
        return tables;
    }

    private static String run(Kind kind, int count, String collector) throws IOException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        collector,
                        "-Xmx" + 8 * 1024 * MIB,
                        "-cp",
                        System.getProperty("java.class.path"),
                        InFlight.class.getName(),
                        kind.name(),
                        Integer.toString(count))
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0)
                throw new IllegalStateException(kind + " failed: " + said);
            return said;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
