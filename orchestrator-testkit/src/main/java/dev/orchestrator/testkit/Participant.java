package dev.orchestrator.testkit;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who runs when it is its turn: a task, or the test's own thread. At most one has the turn.
 *
 * <p>All fields but the private ones are guarded by the scheduler's lock.
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
    // done in the turns before.
    private volatile boolean hasTurn;

    // Written by who closes the world, read by its own thread, which is unparked afterwards.
    private volatile boolean released;

    /** Hands the turn to it. */
    final void giveTurn() {
        hasTurn = true;
        LockSupport.unpark(thread);
    }

    /** The world is closed: it never gets the turn again. */
    final void release() {
        released = true;
        Thread mine = thread;
        if (mine != null) LockSupport.unpark(mine);
    }

    final boolean isReleased() {
        return released;
    }

    /**
     * Waits for the turn; an interrupt that comes meanwhile is kept.
     *
     * @param patienceNanos how long to wait
     * @return whether it has the turn: false if it waited for too long, was interrupted, or will never get it
     */
    final boolean awaitTurn(long patienceNanos) {
        boolean interrupted = false;
        long end = System.nanoTime() + patienceNanos;
        while (!hasTurn && !released) {
            long left = end - System.nanoTime();
            if (left <= 0 || (interrupted && heedsInterrupts())) break;
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        boolean got = hasTurn;
        if (got) hasTurn = false;
        if (interrupted) Thread.currentThread().interrupt();
        return got;
    }

    /** The test's thread looks up when it is interrupted; for a task it is the scheduler that notices. */
    private boolean heedsInterrupts() {
        return !(this instanceof Task);
    }
}
