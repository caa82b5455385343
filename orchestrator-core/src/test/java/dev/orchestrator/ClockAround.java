package dev.orchestrator;

import dev.orchestrator.spi.Time;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;

/** A virtual time, of which a test changes how it schedules. */
class ClockAround implements Time {
    private final VirtualTime time;

    ClockAround(VirtualTime time) {
        this.time = time;
    }

    @Override
    public Instant now() {
        return time.now();
    }

    @Override
    public long nanos() {
        return time.nanos();
    }

    @Override
    public long random() {
        return time.random();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return time.schedule(delay, task);
    }
}
