package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The door between one attempt and those who want to interrupt it.
 *
 * <p>An interrupt is sent only while the thread is inside the attempt's own code. While the thread is away, delivering
 * to subscribers, the interrupt is kept and given to it when it comes back; when the thread has left for good nothing is
 * sent, and one that was sent and not noticed is consumed. So an interrupt never hits a subscriber or a pooled thread's
 * next task. One that somebody else sent stays as it is.
 *
 * <p>Sending and going away exclude each other: the sender holds the door in {@code SENDING} for the length of one
 * {@link Thread#interrupt}, and the thread that wants to pass waits for that moment.
 */
class InterruptDoor {
    private enum State {
        BEFORE,
        /** Wanted before the thread came in, or while it was away. */
        WANTED_BEFORE,
        INSIDE,
        SENDING,
        INSIDE_SENT,
        AWAY,
        AWAY_WANTED,
        /** Away, and the interrupt was noticed by the attempt's code before. */
        AWAY_SENT,
        LEFT
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(InterruptDoor.class, "state", State.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    // Written to null by the thread itself when it leaves for good: a job that goes on in a stage keeps no thread
    // alive. Who sends reads it in SENDING, in which the thread does not leave; others ask whether it is theirs, or,
    // for a warning, where it is.
    private @Nullable Thread thread;

    // Written by the attempt's thread and by senders, by compareAndSet except where the comment says why not.
    private volatile State state = State.BEFORE;

    /** The door inside which this one is: a job may run on the thread of another one. Both open and close together. */
    private @Nullable InterruptDoor around; // the attempt's thread only, which forgets it when it leaves for good

    private boolean aroundIsAway; // the attempt's thread only

    InterruptDoor(Thread thread, @Nullable InterruptDoor around) {
        this.thread = thread;
        this.around = around;
    }

    /** The attempt's thread; null when it has left for good. */
    final @Nullable Thread thread() {
        return thread;
    }

    /** The attempt's thread goes in. */
    final void enter() {
        if (STATE.compareAndSet(this, State.BEFORE, State.INSIDE)) return;
        state = State.INSIDE_SENT; // nobody else leaves WANTED_BEFORE
        Thread.currentThread().interrupt();
    }

    /** The attempt's thread goes out to deliver; true if it was inside, and then it comes back through {@link #back}. */
    final boolean away() {
        if (Thread.currentThread() != thread) return false;
        boolean left = leaveForAWhile();
        if (around != null && around.away()) aroundIsAway = left = true;
        return left;
    }

    private boolean leaveForAWhile() {
        while (true) {
            switch (state) {
                case INSIDE -> {
                    if (STATE.compareAndSet(this, State.INSIDE, State.AWAY)) return true;
                }
                case SENDING -> Thread.onSpinWait();
                case INSIDE_SENT -> {
                    // Nobody else leaves INSIDE_SENT. What is still pending was ours: keep it for the way back.
                    state = Thread.interrupted() ? State.AWAY_WANTED : State.AWAY_SENT;
                    return true;
                }
                case BEFORE, WANTED_BEFORE, AWAY, AWAY_WANTED, AWAY_SENT, LEFT -> {
                    return false;
                }
            }
        }
    }

    /** The attempt's thread comes back from a delivery. */
    final void back() {
        if (aroundIsAway && around != null) {
            aroundIsAway = false;
            around.back();
        }
        comeBack();
    }

    private void comeBack() {
        State now = state;
        if (now == State.BEFORE || now == State.WANTED_BEFORE || now == State.LEFT)
            return; // only the one around was left
        if (STATE.compareAndSet(this, State.AWAY, State.INSIDE)) return;
        boolean wanted = state == State.AWAY_WANTED; // nobody else leaves AWAY_WANTED or AWAY_SENT
        state = State.INSIDE_SENT;
        if (wanted) Thread.currentThread().interrupt();
    }

    /** The attempt's thread goes out for good. */
    final void leave() {
        goOut();
        thread = null;
        around = null;
    }

    private void goOut() {
        while (true) {
            switch (state) {
                case INSIDE -> {
                    if (STATE.compareAndSet(this, State.INSIDE, State.LEFT)) return;
                }
                case SENDING -> Thread.onSpinWait();
                case INSIDE_SENT -> {
                    boolean unnoticed = Thread.interrupted(); // consume what was sent to this attempt
                    state = State.LEFT;
                    if (unnoticed && around != null && around.state == State.INSIDE_SENT)
                        Thread.currentThread().interrupt();
                    return;
                }
                case BEFORE, WANTED_BEFORE, AWAY, AWAY_WANTED, AWAY_SENT, LEFT -> {
                    state = State.LEFT;
                    return;
                }
            }
        }
    }

    /** Interrupts the attempt, now or when its thread is inside. */
    final void interrupt() {
        while (true) {
            switch (state) {
                case BEFORE -> {
                    if (STATE.compareAndSet(this, State.BEFORE, State.WANTED_BEFORE)) return;
                }
                case INSIDE -> {
                    if (STATE.compareAndSet(this, State.INSIDE, State.SENDING)) {
                        Thread inside = thread;
                        if (inside != null) inside.interrupt();
                        state = State.INSIDE_SENT; // everybody else waits for this
                        return;
                    }
                }
                case AWAY -> {
                    if (STATE.compareAndSet(this, State.AWAY, State.AWAY_WANTED)) return;
                }
                case WANTED_BEFORE, SENDING, INSIDE_SENT, AWAY_WANTED, AWAY_SENT, LEFT -> {
                    return;
                }
            }
        }
    }
}
