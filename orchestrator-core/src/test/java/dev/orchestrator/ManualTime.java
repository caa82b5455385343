package dev.orchestrator;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** A clock that only moves when a test says so; due timers run on the thread that moves it. */
final class ManualTime implements Time {
    private static final class Waiting implements Timer {
        final long due;
        final Runnable task;
        private final List<Waiting> all;
        private final ReentrantLock lock;

        Waiting(long due, Runnable task, List<Waiting> all, ReentrantLock lock) {
            this.due = due;
            this.task = task;
            this.all = all;
            this.lock = lock;
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                all.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Waiting> timers = new ArrayList<>();
    private long nanos;
    private long random;

    @Override
    public Instant now() {
        return Instant.EPOCH.plusNanos(nanos());
    }

    @Override
    public long nanos() {
        lock.lock();
        try {
            return nanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        lock.lock();
        try {
            var timer = new Waiting(nanos + nanosOf(delay), task, timers, lock);
            timers.add(timer);
            return timer;
        } finally {
            lock.unlock();
        }
    }

    /** Half of for ever at most, so that the clock can be added to it. */
    private static long nanosOf(Duration delay) {
        boolean isHuge = delay.compareTo(Duration.ofNanos(Long.MAX_VALUE / 2)) > 0;
        return isHuge ? Long.MAX_VALUE / 2 : Math.max(0, delay.toNanos());
    }

    @Override
    public long random() {
        lock.lock();
        try {
            return random += 0x9E3779B97F4A7C15L;
        } finally {
            lock.unlock();
        }
    }

    /** Lets time pass, and runs each timer when its moment has come. */
    void advance(Duration by) {
        long until = nanos() + by.toNanos();
        while (true) {
            Waiting next;
            lock.lock();
            try {
                next = timers.stream()
                        .filter(timer -> timer.due <= until)
                        .min(Comparator.comparingLong(timer -> timer.due))
                        .orElse(null);
                if (next == null) {
                    nanos = until;
                    return;
                }
                timers.remove(next);
                nanos = Math.max(nanos, next.due);
            } finally {
                lock.unlock();
            }
            next.task.run();
        }
    }

    /** How many timers wait. */
    int pending() {
        lock.lock();
        try {
            return timers.size();
        } finally {
            lock.unlock();
        }
    }
}
