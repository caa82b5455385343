package dev.orchestrator;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a job waits before its next attempt, where the failure itself suggests nothing.
 *
 * @param first the delay after the first attempt
 * @param doubles whether it doubles from attempt to attempt, and is then drawn at random from zero to what it became
 * @param cap the longest it can be; null for no such limit
 */
record BackOff(Duration first, boolean doubles, @Nullable Duration cap) {
    /** What an exponential back-off grows to unless a cap says otherwise. */
    private static final Duration USUAL_CAP = Duration.ofMinutes(1);

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    static BackOff fixed(Duration delay) {
        return new BackOff(delay, false, null);
    }

    static BackOff exponential(Duration first) {
        return new BackOff(first, true, first.compareTo(USUAL_CAP) > 0 ? first : USUAL_CAP);
    }

    BackOff cap(Duration longest) {
        return new BackOff(first, doubles, longest);
    }

    Duration after(int failedAttempt, Time time) {
        if (doubles) return Duration.ofNanos(uniform(longestNanos(failedAttempt), time.random()));
        return cap == null ? first : shorter(first, cap);
    }

    /** The smaller of the cap and {@code first * 2^(failedAttempt - 1)}, without ever computing the latter when larger. */
    private long longestNanos(int failedAttempt) {
        long start = nanos(first);
        long top = cap == null ? Long.MAX_VALUE : nanos(cap);
        int doublings = failedAttempt - 1;
        // Shifted by 63, every top is 0; and a start of 0 stays 0 however often it is doubled.
        return start > top >> Math.min(doublings, Long.SIZE - 1) ? top : start << doublings;
    }

    /**
     * A number from 0 to {@code last}, both included, made of 64 random bits.
     *
     * <p>The bits are a fraction of 1, multiplied by how many numbers there are. No number has more than one of the 2^64
     * inputs more than another, so the chances of two differ at most by a part of {@code (last + 1) / 2^64}: for a last
     * of a minute by three of a billion.
     */
    static long uniform(long last, long random) {
        return Math.unsignedMultiplyHigh(random, last + 1); // read as unsigned, Long.MAX_VALUE + 1 is right too
    }

    /** In nanoseconds; 292 years stand for everything longer. */
    private static long nanos(Duration duration) {
        return shorter(duration, LONGEST).toNanos();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
