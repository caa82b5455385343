package dev.orchestrator.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;

/**
 * How far apart the cores are: the time a line of the caches takes from one to another and back, before each iteration.
 *
 * <p>A hypervisor moves the cores of a machine, now next to each other, now to where they share no cache, and leaves them
 * there for seconds or minutes. What one thread hands to another then costs several times as much, in the same process and
 * with the same code, so a figure says little without this one. Public since JMH makes it.
 */
public final class CoreDistance implements InternalProfiler {
    static final String NAME = "core.distance";

    private static final int ROUNDS = 50;
    private static final int MOST_BATCHES = 1_000;
    private static final long MOST_NANOS = 20_000_000;

    // More for a round than any distance: both threads are still on one core, or another process has one.
    private static final long NO_DISTANCE = 2_000;
    private static final long LONGEST_WAIT = 100_000_000;

    private double before;

    /** Takes the measure often enough for its code to be compiled. */
    public CoreDistance() {
        for (int i = 0; i < 3; i++) before = nanos();
    }

    @Override
    public String getDescription() {
        return "time of a cache line from one core to another and back";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = nanos();
    }

    @Override
    public Collection<ScalarResult> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return List.of(new ScalarResult(NAME, before, "ns", AggregationPolicy.AVG));
    }

    /** Of the fastest of some batches, in nanoseconds; not a number where there is one core only. */
    static double nanos() {
        if (Runtime.getRuntime().availableProcessors() < 2) return Double.NaN;
        var isThere = new AtomicBoolean();
        Thread other = Thread.ofPlatform().daemon().start(() -> answer(isThere));
        long begin = System.nanoTime();
        long least = Long.MAX_VALUE;
        long now = begin;
        for (int batch = 0; batch < MOST_BATCHES; batch++) {
            if (now - begin > (least < NO_DISTANCE * ROUNDS ? MOST_NANOS : LONGEST_WAIT)) break;
            for (int round = 0; round < ROUNDS; round++) {
                isThere.set(true);
                while (isThere.get()) Thread.onSpinWait();
            }
            long end = System.nanoTime();
            least = Math.min(least, end - now);
            now = end;
        }
        other.interrupt();
        return (double) least / ROUNDS;
    }

    private static void answer(AtomicBoolean isThere) {
        while (!Thread.currentThread().isInterrupted()) if (isThere.get()) isThere.set(false);
    }
}
