package dev.orchestrator.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The first sixth of a soak, after a twelfth that warms up, beside the last sixth: medians of cost and live heap.
 *
 * @param from the first sample of the first sixth
 * @param size how many samples a sixth has
 */
record SoakVerdict(int from, int size, double firstNanos, double lastNanos, double firstBytes, double lastBytes) {
    static final double MOST_SLOWER = 3; // cores that were moved apart (CoreDistance) make it 2.5 times as slow
    static final int MOST_GROWTH = 1 << 20; // after a thousand million jobs

    static SoakVerdict of(List<Soak.Sample> samples) {
        int from = samples.size() / 12;
        int size = Math.max(1, samples.size() / 6);
        List<Soak.Sample> first = samples.subList(from, Math.min(from + size, samples.size()));
        List<Soak.Sample> last = samples.subList(samples.size() - size, samples.size());
        return new SoakVerdict(
                from,
                size,
                median(first, Soak.Sample::nanosPerJob),
                median(last, Soak.Sample::nanosPerJob),
                median(first, Soak.Sample::liveBytes),
                median(last, Soak.Sample::liveBytes));
    }

    private static double median(List<Soak.Sample> samples, ToDoubleFunction<Soak.Sample> value) {
        double[] sorted = samples.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    double slower() {
        return lastNanos / firstNanos;
    }

    double grown() {
        return lastBytes - firstBytes;
    }

    boolean isAsFast() {
        return slower() <= MOST_SLOWER;
    }

    boolean isFlat() {
        return grown() <= MOST_GROWTH;
    }

    boolean holds() {
        return isAsFast() && isFlat();
    }
}
