package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How many things of one kind wait for a lane, and those who wait until there are fewer (P11).
 *
 * <p>Who finds it full may wait. The lane wakes everybody when half of it is free, and while somebody waits whoever comes
 * then waits too; so nobody is passed by for ever, and waking costs little.
 *
 * <p>Why no wake is lost: who waits joins first, and then looks again whether more than half is taken. The lane lowers
 * the count first, and then looks whether somebody waits. So either the waiter sees the lower count and does not wait, or
 * the lane sees the waiter. And if the waiter saw more than half taken, the lane still has things to take, and looks
 * after each. Proof: RoomTest.
 */
final class Room extends Awaited {
    private static final VarHandle ENTERED;

    static {
        try {
            ENTERED = MethodHandles.lookup().findVarHandle(Room.class, "entered", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final int capacity;

    // Both only grow, around the end of the ints too; their difference is what waits. entered: raised by writers,
    // before the thing can be taken. left: written by the lane alone, volatile, since it then looks whether
    // somebody waits.
    private volatile int entered;
    private volatile int left;

    Room(int capacity) {
        this.capacity = capacity;
    }

    /** How many wait. Never more than there were at some moment of the call, so nobody is turned away without need. */
    int taken() {
        int came = entered; // before the other one, which may grow meanwhile
        return came - left;
    }

    boolean isFull() {
        return taken() >= capacity;
    }

    /** Whether whoever may wait has to. */
    boolean isClosed() {
        int taken = taken();
        return taken >= capacity || (taken > capacity / 2 && isAwaited());
    }

    /** Counts one more, whether or not it is full. Any thread, before the thing is put where the lane finds it. */
    void enter() {
        ENTERED.getAndAdd(this, 1);
    }

    /** Counts one more if it is not full. */
    boolean tryEnter() {
        while (true) {
            int came = entered;
            if (came - left >= capacity) return false;
            if (ENTERED.compareAndSet(this, came, came + 1)) return true;
        }
    }

    /** Counts one less. The lane only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // nobody else writes it
    void leave() {
        left++;
        if (isAwaited() && taken() <= capacity / 2) wakeAll();
    }
}
