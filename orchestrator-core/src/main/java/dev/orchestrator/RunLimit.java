package dev.orchestrator;

import java.util.Objects;

/**
 * How many jobs may be in flight at the same time, and what happens to the next one.
 *
 * <p>A job counts from its start until its work has really ended: the wait between two attempts counts, and so does code
 * that goes on after its job was told as cancelled. A value: immutable, compared by what is in it.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="limits"}
 */
public final class RunLimit {
    /** How many wait before the caller does, under {@link #orWait}. */
    static final int LONGEST_WAIT = 10_000;

    enum AtLimit {
        REFUSE,
        QUEUE,
        WAIT
    }

    private final int running;
    private final AtLimit atLimit;
    private final int waiting;

    private RunLimit(int running, AtLimit atLimit, int waiting) {
        this.running = running;
        this.atLimit = atLimit;
        this.waiting = waiting;
    }

    /**
     * So many at the same time; the next one is refused with a {@link JobRejectedException}.
     *
     * <p>Refused is a dispatch. A job that was accepted and waited for its key, or for the silence of a debounce, comes to
     * the limit later and is not refused any more: it waits there.
     *
     * @throws IllegalArgumentException if {@code running} is less than 1
     */
    public static RunLimit of(int running) {
        if (running < 1)
            throw new IllegalArgumentException("a limit of running jobs must be at least 1, was " + running
                    + ". To take no jobs at all, register no executor");
        return new RunLimit(running, AtLimit.REFUSE, 0);
    }

    /** The same number; the next job is refused. */
    public RunLimit orRefuse() {
        return new RunLimit(running, AtLimit.REFUSE, 0);
    }

    /**
     * The same number; up to {@code waiting} further jobs wait, in the order of their dispatch, and the next is refused.
     *
     * @throws IllegalArgumentException if {@code waiting} is less than 1
     */
    public RunLimit orQueue(int waiting) {
        if (waiting < 1)
            throw new IllegalArgumentException(
                    "a queue must have room for at least 1 job, was " + waiting + ". Use orRefuse() for no queue");
        return new RunLimit(running, AtLimit.QUEUE, waiting);
    }

    /**
     * The same number; up to 10,000 further jobs wait, in the order of their dispatch, and then the caller does.
     *
     * <p>Made to wait are only callers of {@link Dispatcher#dispatch} outside of handlers and of
     * {@link JobContext#dispatch}. A handler or an orchestrator's caller, which may be a screen, is never: there the next
     * one is refused.
     */
    public RunLimit orWait() {
        return new RunLimit(running, AtLimit.WAIT, LONGEST_WAIT);
    }

    /** How many may run at the same time. */
    public int running() {
        return running;
    }

    AtLimit atLimit() {
        return atLimit;
    }

    int waiting() {
        return waiting;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RunLimit limit
                && running == limit.running
                && atLimit == limit.atLimit
                && waiting == limit.waiting;
    }

    @Override
    public int hashCode() {
        return Objects.hash(running, atLimit, waiting);
    }

    @Override
    public String toString() {
        return switch (atLimit) {
            case REFUSE -> running + " or refuse";
            case QUEUE -> running + " or queue " + waiting;
            case WAIT -> running + " or wait";
        };
    }
}
