package dev.orchestrator.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The clock of this machine, and one platform thread for all timers, started with the first one. */
final class SystemTime implements Time {
    static final SystemTime INSTANCE = new SystemTime();

    private SystemTime() {}

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        var future = Shared.TIMER.schedule(task, Saturated.nanos(delay), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public long random() {
        return ThreadLocalRandom.current().nextLong();
    }

    /** Loaded with the first timer, so that a program without one has no thread for it. */
    private static final class Shared {
        static final ScheduledThreadPoolExecutor TIMER = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("orchestrator-timer").factory());

        static {
            TIMER.setRemoveOnCancelPolicy(true); // a cancelled timer goes at once, not when it would have fired (P10)
        }
    }
}
