package dev.orchestrator.benchmarks;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Counts the results that were handled, on whichever threads, and lets one thread wait for them. */
final class Finish {
    private final AtomicLong handled = new AtomicLong();

    // Written by the waiting thread before it submits what is counted, which orders both before any handler.
    private volatile long target;
    private volatile Thread waiting;

    /** A result was handled; wrong ones are told to nobody, so whoever waits would wait for ever: it throws. */
    void handled(long result, long expected) {
        if (result != expected) throw new IllegalStateException(result + " is not " + expected);
        if (handled.incrementAndGet() == target) LockSupport.unpark(waiting);
    }

    long count() {
        return handled.get();
    }

    /** So many are about to be submitted. */
    void expect(int count) {
        waiting = Thread.currentThread();
        target = handled.get() + count;
    }

    /** Waits, parked, for all that are expected. */
    void await() {
        while (handled.get() < target) LockSupport.park(this);
    }

    /** As {@link #await()}; throws if that takes longer. */
    void await(Duration longest) {
        long begin = System.nanoTime();
        while (handled.get() < target) {
            long left = longest.toNanos() - (System.nanoTime() - begin);
            if (left <= 0)
                throw new IllegalStateException(
                        target - handled.get() + " results were not handled within " + longest.toSeconds() + " s");
            LockSupport.parkNanos(this, left);
        }
    }

    /** Waits, spinning, for all that are expected. */
    void awaitSpinning() {
        while (handled.get() < target) Thread.onSpinWait();
    }
}
