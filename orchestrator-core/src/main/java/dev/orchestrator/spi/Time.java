package dev.orchestrator.spi;

import java.time.Duration;
import java.time.Instant;

/**
 * The clock, the timer and the randomness of a scope.
 *
 * <p>Everything in a scope that depends on time or chance asks here: timestamps, ids, time limits, jitter. So one with a
 * fixed seed gives the same timeline twice. Every method may be called from any thread.
 */
public interface Time {
    /** The time of day. */
    Instant now();

    /** The time of day in milliseconds since 1970, for ids; the same clock as {@link #now}, asked in the cheapest way. */
    default long millis() {
        return now().toEpochMilli();
    }

    /** A count of nanoseconds that only grows, for measuring; its zero means nothing. */
    long nanos();

    /**
     * Runs a task later, once.
     *
     * <p>The task is short, does not block and calls no user code: it may run on the one thread of all timers.
     *
     * @param delay how long from now; zero or less means as soon as possible
     * @param task what to run
     * @return the way to take it back; a timer that was taken back keeps nothing alive (P10)
     */
    Timer schedule(Duration delay, Runnable task);

    /** The next random number, all 64 bits of it. */
    long random();

    /** The time of this machine; its timers share one platform thread. */
    static Time system() {
        return SystemTime.INSTANCE;
    }

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Timer {
        /** Takes the task back, if it has not begun. */
        void cancel();
    }
}
