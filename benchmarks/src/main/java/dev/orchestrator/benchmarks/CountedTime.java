package dev.orchestrator.benchmarks;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** The time of this machine, which counts the timers that are pending. */
final class CountedTime implements Time {
    private final Time time = Time.system();
    private final AtomicLong pending = new AtomicLong();

    /** How many timers have neither come nor been cancelled. */
    long pending() {
        return pending.get();
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
        var isOver = new AtomicBoolean(); // whichever comes first: it is due, or cancelled
        pending.incrementAndGet();
        var timer = time.schedule(delay, () -> {
            over(isOver);
            task.run();
        });
        return () -> {
            over(isOver);
            timer.cancel();
        };
    }

    private void over(AtomicBoolean isOver) {
        if (isOver.compareAndSet(false, true)) pending.decrementAndGet();
    }
}
