package dev.orchestrator.durable;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Sums of times that do not overflow. */
final class Millis {
    /** The end of the year 9999: later ones are not told apart, and every database can store it. */
    static final long LATEST = 253_402_300_799_000L;

    private Millis() {}

    static long after(long now, Duration delay) {
        return atMost(now + of(delay));
    }

    static long atMost(long millis) {
        return Math.clamp(millis, 0, LATEST);
    }

    /** The last one that is not after that moment. */
    static long before(Instant moment) {
        long second = Math.clamp(moment.getEpochSecond(), -LATEST / 1000, LATEST / 1000);
        return second * 1000 + moment.getNano() / 1_000_000;
    }

    /** The first one that is not before that moment. */
    static long notBefore(Instant moment) {
        long before = before(moment);
        return Instant.ofEpochMilli(before).isBefore(moment) ? before + 1 : before;
    }

    /** Not negative. */
    static long of(Duration duration) {
        if (duration.isNegative()) return 0;
        return duration.toSeconds() > LATEST / 1000 ? LATEST : duration.toMillis();
    }

    static @Nullable Long orNull(@Nullable Duration duration) {
        return duration == null ? null : of(duration);
    }
}
