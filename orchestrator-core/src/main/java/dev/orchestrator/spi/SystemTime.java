package dev.orchestrator.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** The clock of this machine, and one platform thread for all timers, started with the first one. */
final class SystemTime implements Time {
    static final SystemTime INSTANCE = new SystemTime();

    private SystemTime() {}

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public long millis() {
        return System.currentTimeMillis();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return TimerThread.SHARED.schedule(Saturated.nanos(delay), task);
    }

    @Override
    public long random() {
        return ThreadLocalRandom.current().nextLong();
    }
}
