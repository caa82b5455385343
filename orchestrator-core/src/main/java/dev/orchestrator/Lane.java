package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of one orchestrator, or of one stream of events, on an executor, one thread at a time (P3).
 *
 * <p>A turn is started on demand and ends after 256 pieces of work or 8 milliseconds; if there is more, it is queued
 * again, so that a window stays alive and the lanes on one thread are fair to each other.
 *
 * <p>Why two turns never overlap: a turn is queued only by whoever raises {@code queued}, and lowered only by the turn
 * itself when it is over. Why no work is forgotten: whoever adds work looks at {@code queued} afterwards; a turn lowers
 * it and looks for work afterwards. Whichever of the two comes second sees the other. And the lowering and the next
 * raising order all that one turn wrote before all that the next one reads.
 */
final class Lane implements Runnable {
    /** What a lane does. Called by one thread at a time. */
    interface Work {
        /** Does one piece; false if there was none. Throws nothing. */
        boolean doOne();

        /** Whether there is something that {@link #doOne} would do. */
        boolean hasMore();

        /** A turn is over, and there was nothing left to do. */
        void ranDry();
    }

    private static final int PIECES_PER_TURN = 256;
    private static final long NANOS_PER_TURN = 8_000_000;

    private final Executor executor;
    private final Scope scope;
    private final Work work;
    private final Consumer<Throwable> onRejected;
    private final AtomicBoolean queued = new AtomicBoolean();

    private volatile boolean open;
    private volatile @Nullable Thread thread; // written by the running turn, read by whoever asks whether it is the one

    // For executors that run a turn on the thread that queues it: that thread notices itself here, and loops instead of
    // going deeper. Another thread can only see somebody else's name, whatever the order of the writes.
    private volatile @Nullable Thread requeuing;

    // The thread that found itself there; only that thread takes its own name, so nobody takes a turn that is not
    // meant.
    private volatile @Nullable Thread again;

    /**
     * Makes a lane.
     *
     * @param onRejected what happens when the executor rejects a turn; the turn itself then runs on a thread of ours
     */
    Lane(Executor executor, Scope scope, Work work, Consumer<Throwable> onRejected) {
        this.executor = executor;
        this.scope = scope;
        this.work = work;
        this.onRejected = onRejected;
    }

    /** From now on there are turns; until then work waits. */
    void open() {
        open = true;
        wake();
    }

    /** Whether the calling thread is just running a turn of this lane. */
    boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    /** Queues a turn if there is work and none is queued. Any thread; throws nothing. */
    void wake() {
        if (!open || queued.get() || !queued.compareAndSet(false, true)) return;
        execute(this);
    }

    private void execute(Runnable turn) {
        try {
            executor.execute(turn);
        } catch (Throwable rejected) {
            // On a thread of ours, so that the emitter who woke this lane notices nothing.
            scope.threads().start(Role.TELLER, "orchestrator-lane", () -> {
                try {
                    onRejected.accept(rejected);
                } finally {
                    turn.run();
                }
            });
        }
    }

    @Override
    public void run() {
        Thread current = Thread.currentThread();
        if (requeuing == current) {
            again = current;
            return;
        }
        do {
            again = null;
            turn(current);
            queued.set(false);
            if (!work.hasMore() || !queued.compareAndSet(false, true)) return;
            requeuing = current;
            execute(this);
            requeuing = null;
        } while (again == current);
    }

    private void turn(Thread current) {
        thread = current;
        long began = scope.time().nanos();
        int pieces = 0;
        while (doOne()) {
            pieces++;
            // The clock is asked last: most turns have one piece.
            if (!work.hasMore() || pieces == PIECES_PER_TURN || scope.time().nanos() - began >= NANOS_PER_TURN) break;
        }
        if (!work.hasMore()) work.ranDry(); // also after a full turn that happened to do the last piece
        thread = null;
    }

    private boolean doOne() {
        try {
            return work.doOne();
        } catch (Throwable ours) {
            Log.error("the framework itself failed in a lane; the lane goes on", ours);
            return true;
        }
    }
}
