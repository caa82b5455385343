package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A mixed load for an hour or so, in one process: whether its live heap stays flat, and whether it becomes slower. */
final class Soak {
    private static final int LEAST_SAMPLES = 12; // of a short one, so that there is something to compare

    /** What is seen at the end of a part; cost is of that part, all else of that moment, with nothing under way. */
    record Sample(
            Duration at,
            long jobs,
            double nanosPerJob,
            double coreDistance,
            long liveBytes,
            int threads,
            long timers,
            int subscribers) {}

    private final Path file;
    private final Duration length;
    private final Duration part;
    private final SoakLoad load = new SoakLoad();
    private final List<Sample> samples = new ArrayList<>();
    private final Progress progress = new Progress();
    private long jobs;

    Soak(Path file, int minutes) {
        this.file = file;
        length = Duration.ofMinutes(minutes);
        part = length.dividedBy(Math.max(minutes, LEAST_SAMPLES));
    }

    /** Gives whether the heap stayed flat and the cost the same. */
    boolean run() throws IOException {
        try (load) {
            while (progress.elapsed().compareTo(length) < 0) {
                samples.add(measurePart());
                write();
                progress.say(SoakReport.row(samples.getLast()));
            }
        }
        var verdict = SoakVerdict.of(samples);
        progress.say("the report is in " + file);
        return verdict.holds();
    }

    private Sample measurePart() {
        Duration end = part.multipliedBy(samples.size() + 1);
        long before = jobs;
        long nanos = 0;
        do {
            long begin = System.nanoTime();
            load.round();
            nanos += System.nanoTime() - begin;
            jobs += SoakLoad.JOBS;
        } while (progress.elapsed().compareTo(end) < 0);
        load.awaitQuiet();
        return new Sample(
                progress.elapsed(),
                jobs,
                (double) nanos / (jobs - before),
                CoreDistance.nanos(),
                liveBytes(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                load.timers(),
                load.subscribers());
    }

    private static long liveBytes() {
        System.gc();
        System.gc(); // what only weak or cleared references held
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void write() throws IOException {
        Files.writeString(file, SoakReport.of(length, samples));
        SoakReport.chart(samples).writeBeside(file);
    }
}
