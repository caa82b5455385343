package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A place at which threads may wait for a change. While nobody ever did, it costs one reference.
 *
 * <p>Who waits brings a signal, which may stand at several places: whichever changes first completes it.
 */
abstract class Awaited {
    /** What one thread waits for; two are the same only if they are one. */
    static final class Signal {
        final CompletableFuture<Void> given = new CompletableFuture<>();
    }

    private static final VarHandle WAITERS;

    static {
        try {
            WAITERS = MethodHandles.lookup().findVarHandle(Awaited.class, "waiters", ConcurrentLinkedQueue.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    // Made once, by compareAndSet, with the first who waits. Who waits joins and then looks whether he still has
    // to; who changes something does that and then looks here, both through volatile fields: at least one sees the
    // other.
    private volatile @Nullable ConcurrentLinkedQueue<Signal> waiters;

    final void join(Signal signal) {
        if (waiters == null) WAITERS.compareAndSet(this, null, new ConcurrentLinkedQueue<Signal>());
        var mine = waiters;
        if (mine != null) mine.add(signal); // never null from here on
    }

    final void leave(Signal signal) {
        var mine = waiters;
        if (mine != null) mine.remove(signal);
    }

    final boolean isAwaited() {
        var mine = waiters;
        return mine != null && !mine.isEmpty();
    }

    final void wakeAll() {
        var mine = waiters;
        if (mine == null) return;
        for (Signal signal; (signal = mine.poll()) != null; ) signal.given.complete(null);
    }
}
