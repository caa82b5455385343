package dev.orchestrator.testkit;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A clock that only moves when a test says so; it begins at 1970-01-01T00:00:00Z.
 *
 * <p>That of a {@link TestWorld} runs what becomes due as the world runs everything. One that is made by itself, for tests
 * with real threads, runs it on the thread that calls {@link #advance}. All methods may be called from any thread.
 */
public final class VirtualTime implements Time {
    /** Lets time pass in a world, where there is one. */
    interface World {
        void advance(Duration by);
    }

    /** A task that waits for its time; which of two comes first is what the order says. */
    record Waiting(
            long due, long number, Runnable task, @Nullable String origin) {
        private static final Comparator<Waiting> ORDER =
                Comparator.comparingLong(Waiting::due).thenComparingLong(Waiting::number);
    }

    private static final long LONGEST = Long.MAX_VALUE / 2; // so that the clock can be added to it

    private final @Nullable World world;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock: read and written by whoever asks, schedules, cancels or lets time pass.
    private final TreeSet<Waiting> timers = new TreeSet<>(Waiting.ORDER);
    private final SplittableRandom random;
    private long nanos;
    private long scheduled;

    /** Makes a clock whose due timers run on the thread that lets time pass. */
    public VirtualTime() {
        this(0, null);
    }

    VirtualTime(long seed, @Nullable World world) {
        this.random = new SplittableRandom(seed);
        this.world = world;
    }

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
    public long random() {
        lock.lock();
        try {
            return random.nextLong();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        Objects.requireNonNull(task, "task");
        String origin = world == null ? null : CallSite.ofUser();
        lock.lock();
        try {
            var timer = new Waiting(nanos + nanosOf(delay), scheduled++, task, origin);
            timers.add(timer);
            return () -> cancel(timer);
        } finally {
            lock.unlock();
        }
    }

    private void cancel(Waiting timer) {
        lock.lock();
        try {
            timers.remove(timer);
        } finally {
            lock.unlock();
        }
    }

    /** As nanoseconds, of which half of for ever is the most. */
    static long nanosOf(Duration delay) {
        boolean isHuge = delay.compareTo(Duration.ofNanos(LONGEST)) > 0;
        return isHuge ? LONGEST : delay.isNegative() ? 0 : delay.toNanos();
    }

    /** Whether that is so long that nobody who waits for it means it. */
    static boolean isForEver(long nanosToWait) {
        return nanosToWait >= LONGEST;
    }

    /**
     * Lets time pass, and runs each timer when its moment has come.
     *
     * @throws IllegalArgumentException if {@code by} is negative
     */
    public void advance(Duration by) {
        if (by.isNegative()) throw new IllegalArgumentException("time does not go back; advance was told " + by);
        if (world != null) {
            world.advance(by);
            return;
        }
        long until = nanos() + nanosOf(by);
        for (Waiting next; (next = takeDue(until)) != null; ) next.task.run();
        moveTo(until);
    }

    /** How many timers wait. */
    public int pending() {
        lock.lock();
        try {
            return timers.size();
        } finally {
            lock.unlock();
        }
    }

    /** Takes out the next timer that is due by then, and moves the clock to its moment; null if there is none. */
    @Nullable
    Waiting takeDue(long until) {
        lock.lock();
        try {
            if (timers.isEmpty() || timers.first().due > until) return null;
            Waiting next = timers.removeFirst();
            nanos = Math.max(nanos, next.due);
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** When the next timer is due. */
    OptionalLong nextDue() {
        lock.lock();
        try {
            return timers.isEmpty() ? OptionalLong.empty() : OptionalLong.of(timers.first().due);
        } finally {
            lock.unlock();
        }
    }

    /** Moves the clock on to that moment, and runs nothing. */
    void moveTo(long moment) {
        lock.lock();
        try {
            nanos = Math.max(nanos, moment);
        } finally {
            lock.unlock();
        }
    }

    /** The timers that wait, each in words. */
    List<String> inWords() {
        lock.lock();
        try {
            var all = new ArrayList<String>();
            for (Waiting each : timers) {
                String origin = each.origin == null ? "" : ", set by " + each.origin;
                all.add("a timer that is due in " + Duration.ofNanos(each.due - nanos) + origin);
            }
            return all;
        } finally {
            lock.unlock();
        }
    }
}
