package dev.orchestrator.examples.desk;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** The clock of the program: the machine's, but perhaps faster, and it can leap. */
final class DeskTime implements Time {
    private final Time machine = Time.system();
    private final Instant began = machine.now();
    private final long beganAt = machine.nanos();
    private final AtomicLong leaped = new AtomicLong();
    private final int speed;

    DeskTime(int speed) {
        this.speed = speed;
    }

    /** Timers do not notice. */
    void leap(Duration by) {
        leaped.addAndGet(by.toNanos());
    }

    @Override
    public Instant now() {
        return began.plusNanos(nanos());
    }

    @Override
    public long nanos() {
        return (machine.nanos() - beganAt) * speed + leaped.get();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return machine.schedule(delay.dividedBy(speed), task);
    }

    @Override
    public long random() {
        return machine.random();
    }
}
