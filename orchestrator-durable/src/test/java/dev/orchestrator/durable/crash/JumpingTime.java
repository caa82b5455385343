package dev.orchestrator.durable.crash;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;

/** The system's time, but for a time of day that jumps. */
final class JumpingTime implements Time {
    private final Time system = Time.system();
    private volatile Duration ahead = Duration.ZERO; // written by who jumps, read by anyone

    void jump(Duration by) {
        ahead = ahead.plus(by);
    }

    @Override
    public Instant now() {
        return system.now().plus(ahead);
    }

    @Override
    public long nanos() {
        return system.nanos();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return system.schedule(delay, task);
    }

    @Override
    public long random() {
        return system.random();
    }
}
