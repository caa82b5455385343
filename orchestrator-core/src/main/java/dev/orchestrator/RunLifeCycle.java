package dev.orchestrator;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The one atomic cell of a run; whoever wins it decides the ending (P1).
 *
 * <pre>
 *   NEW -&gt; RUNNING -&gt; Stopping(result) -&gt; Ended(result)        NEW -&gt; Ended        RUNNING -&gt; Ended
 * </pre>
 *
 * Decided on leaving NEW or RUNNING, told on entering Ended: every method that enters Ended says so to exactly one
 * caller, and that caller tells.
 *
 * <p>Writes: the worker (start, finish), a timer, a canceller, a closing dispatcher (stop, graceIsOver), an executor that
 * ends early (end); all by compareAndSet. Reads: anyone. The successful compareAndSet publishes what its thread did
 * before, so whoever sees Ended sees the whole result without a lock. Never two endings: who comes second finds the cell
 * decided and drops its result. Never none: the worker, or the stage it returned, calls {@link #finish} whatever was
 * thrown, and a worker that could not be started is ended by the thread that tried.
 *
 * <p>Code of the run that waits to emit joins here too: deciding the ending ends its wait; a stopper wakes
 * it when it has sent the interrupt, so that the code finds that one pending.
 */
final class RunLifeCycle<R extends @Nullable Object> extends Awaited {
    /** What a wish to stop came to. */
    enum Stop {
        /** Somebody else decided before. */
        TOO_LATE,
        /** The job had not started and never will: the caller tells the ending now. */
        ENDED,
        /** The job runs: it is told when its code has left or its grace is over. */
        STOPPING
    }

    private enum Phase {
        NEW,
        RUNNING
    }

    private record Stopping<R extends @Nullable Object>(JobResult<R> result) {}

    private record Ended<R extends @Nullable Object>(JobResult<R> result) {}

    private final AtomicReference<Object> cell = new AtomicReference<>(Phase.NEW);

    /** From new to running; false if the job was ended before it could start. */
    boolean start() {
        return cell.compareAndSet(Phase.NEW, Phase.RUNNING);
    }

    boolean isRunning() {
        return cell.get() == Phase.RUNNING;
    }

    boolean isStopping() {
        return cell.get() instanceof Stopping;
    }

    boolean isEnded() {
        return cell.get() instanceof Ended;
    }

    /** Ends a job that is not being stopped; true if this call decided, and then the caller tells. */
    boolean end(JobResult<R> result) {
        var ended = new Ended<>(result);
        if (!cell.compareAndSet(Phase.RUNNING, ended) && !cell.compareAndSet(Phase.NEW, ended)) return false;
        wakeAll();
        return true;
    }

    /** Stops a job with that ending. */
    Stop stop(JobResult<R> result) {
        // NEW only becomes RUNNING, so looking at NEW first and at RUNNING second misses neither.
        if (cell.compareAndSet(Phase.NEW, new Ended<>(result))) return Stop.ENDED;
        return cell.compareAndSet(Phase.RUNNING, new Stopping<>(result)) ? Stop.STOPPING : Stop.TOO_LATE;
    }

    /**
     * The job's code has left with that result; gives the ending that the caller has to tell, null if it was told before.
     */
    @Nullable
    JobResult<R> finish(JobResult<R> result) {
        return end(result) ? result : graceIsOver();
    }

    /** The grace is over; gives the ending that the caller has to tell, null if the code left before. */
    @SuppressWarnings("unchecked")
    @Nullable
    JobResult<R> graceIsOver() {
        Object now = cell.get();
        if (!(now instanceof Stopping<?> stopping)) return null;
        var result = (JobResult<R>) stopping.result();
        return cell.compareAndSet(now, new Ended<>(result)) ? result : null;
    }
}
