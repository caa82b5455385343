package dev.orchestrator.spi;

import java.time.Duration;

/** Durations as nanoseconds, where "for ever" may be written as any huge duration. */
final class Saturated {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2); // a timer adds its clock to it

    private Saturated() {}

    static long nanos(Duration duration) {
        if (duration.isNegative()) return 0;
        return duration.compareTo(LONGEST) > 0 ? Long.MAX_VALUE / 2 : duration.toNanos();
    }
}
