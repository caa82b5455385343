package dev.orchestrator.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What a subscriber does: it counts.
 *
 * <p>Written by one thread at a time; whoever waits for a count sees what was written before it.
 */
final class Counter {
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(Counter.class, "count", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    static final long ALL = -1;

    private final long wanted;

    @SuppressWarnings("unused") // by COUNT
    private long count;

    /** Counts the events with that number, or all. */
    Counter(long wanted) {
        this.wanted = wanted;
    }

    void on(Happened event) {
        if (wanted == ALL || event.number() == wanted) add();
    }

    void add() {
        COUNT.setRelease(this, (long) COUNT.get(this) + 1);
    }

    long count() {
        return (long) COUNT.getAcquire(this);
    }

    /** Waits, spinning, for events that other threads deliver. */
    void await(long expected) {
        while (count() < expected) Thread.onSpinWait();
    }
}
