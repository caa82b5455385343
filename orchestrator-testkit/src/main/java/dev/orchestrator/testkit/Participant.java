package dev.orchestrator.testkit;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who runs when it is its turn: a task, or the test's own thread. At most one has the turn.
 *
 * <p>All fields but {@code hasTurn} are guarded by the scheduler's lock.
 */
class Participant {
    /** What it is doing, while it does not have the turn. */
    enum State {
        /** It could go on, and waits for its turn. */
        READY,
        /** It has the turn. */
        RUNNING,
        /** It waits for a stage. */
        WAITING,
        /** It waits until nobody can go on. */
        UNTIL_IDLE,
        /** It has ended. */
        OVER
    }

    State state = State.READY;

    /** Its thread; null for a task that has not begun. */
    @Nullable
    Thread thread;

    /** When it waits no longer, by the clock of the world. */
    long deadline = Long.MAX_VALUE;

    /** Nobody could go on when it got its turn. */
    boolean foundIdle;

    // Written by whoever hands the turn over, and by its own thread when it has it; volatile publishes all that was
    // done
    // in the turns before.
    private volatile boolean hasTurn;

    /** Hands the turn to it. */
    final void giveTurn() {
        hasTurn = true;
        LockSupport.unpark(thread);
    }

    /**
     * Waits for the turn; an interrupt that comes meanwhile is kept.
     *
     * @param patienceNanos how long to wait; then false
     */
    final boolean awaitTurn(long patienceNanos) {
        boolean interrupted = false;
        long end = System.nanoTime() + patienceNanos;
        while (!hasTurn) {
            long left = end - System.nanoTime();
            if (left <= 0) break;
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        boolean got = hasTurn;
        if (got) hasTurn = false;
        if (interrupted) Thread.currentThread().interrupt();
        return got;
    }
}
