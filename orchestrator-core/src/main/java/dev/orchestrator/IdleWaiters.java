package dev.orchestrator;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Those who wait until an orchestrator has nothing under way.
 *
 * <p>Each puts a mark into the mailbox, and is released only when the lane has come to it: what was in the mailbox before
 * the wait began is handled by then, also if the lane was just about to find the mailbox empty.
 */
final class IdleWaiters {
    /** One who waits; two are the same only if they are one. */
    static final class Waiter {
        final CompletableFuture<Void> released = new CompletableFuture<>();
        private boolean reached; // the lane only
    }

    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    Waiter add() {
        var waiter = new Waiter();
        waiters.add(waiter);
        return waiter;
    }

    void remove(Waiter waiter) {
        waiters.remove(waiter);
    }

    /** The lane has come to the mark of that one. */
    void reach(Waiter waiter) {
        waiter.reached = true;
    }

    /** Nothing is under way: releases those whose mark the lane has come to. The lane only. */
    void releaseReached() {
        for (Waiter waiter : waiters) {
            if (!waiter.reached) continue;
            remove(waiter);
            waiter.released.complete(null);
        }
    }

    /** The orchestrator is closed: releases everybody. */
    void releaseAll() {
        for (Waiter waiter; (waiter = waiters.poll()) != null; ) waiter.released.complete(null);
    }
}
