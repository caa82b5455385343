package dev.orchestrator;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Those who wait until an orchestrator has nothing under way. Any thread adds and removes, the lane releases. */
final class IdleWaiters {
    /** One who waits; two are the same only if they are one. */
    static final class Waiter {
        final CompletableFuture<Void> released = new CompletableFuture<>();
    }

    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();

    Waiter add() {
        var waiter = new Waiter();
        waiters.add(waiter);
        return waiter;
    }

    void remove(Waiter waiter) {
        waiters.remove(waiter);
    }

    void release() {
        for (Waiter waiter; (waiter = waiters.poll()) != null; ) waiter.released.complete(null);
    }
}
