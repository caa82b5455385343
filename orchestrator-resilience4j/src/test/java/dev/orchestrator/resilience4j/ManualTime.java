package dev.orchestrator.resilience4j;

import dev.orchestrator.spi.Time;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A clock for the framework and for Resilience4j that moves when a test says so; timers run on the thread that moves it. */
final class ManualTime implements Time {
    private record Waiting(long due, Runnable task) {}

    private final AtomicLong nanos = new AtomicLong();
    private final List<Waiting> timers = new CopyOnWriteArrayList<>();

    @Override
    public Instant now() {
        return Instant.EPOCH.plusNanos(nanos.get());
    }

    @Override
    public long nanos() {
        return nanos.get();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        var timer = new Waiting(nanos.get() + delay.toNanos(), task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    @Override
    public long random() {
        return nanos.get();
    }

    /** The same time as Resilience4j's breakers read it. */
    Clock clock() {
        InstantSource source = this::now;
        return source.withZone(ZoneOffset.UTC);
    }

    void advance(Duration by) {
        nanos.addAndGet(by.toNanos());
        timers.stream()
                .filter(timer -> timer.due <= nanos.get())
                .sorted(Comparator.comparingLong(Waiting::due))
                .forEach(timer -> {
                    if (timers.remove(timer)) timer.task.run();
                });
    }

    /** How many timers wait. */
    int pending() {
        return timers.size();
    }
}
