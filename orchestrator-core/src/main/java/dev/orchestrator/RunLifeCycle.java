package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The part of a run with its one atomic cell; whoever wins it decides the ending (P1).
 *
 * <pre>
 *   NEW -&gt; RUNNING -&gt; Stopping(result) -&gt; result        NEW, RUNNING or RESTING -&gt; result
 *   RUNNING -&gt; RESTING -&gt; RUNNING, between two attempts
 * </pre>
 *
 * Decided on leaving NEW, RUNNING or RESTING, told when the cell has the result itself: every method that puts that
 * there says so to exactly one caller, and that caller tells.
 *
 * <p>Writes: the worker (enter, rest, endAfterCode), a timer, a canceller, a closing dispatcher (decideStop, endAfterGrace), an executor
 * that ends early (end); all by compareAndSet. Reads: anyone. The successful compareAndSet publishes what its thread did
 * before, so whoever sees the result sees the whole of it without a lock. Never two endings: who comes second finds the cell
 * decided and drops its result. Never none: the worker, or the stage it returned, calls {@link #endAfterCode} whatever was
 * thrown, and a worker that could not be started is ended by the thread that tried.
 *
 * <p>Code of the run that waits to emit joins here too: deciding the ending ends its wait; a stopper wakes
 * it when it has sent the interrupt, so that the code finds that one pending.
 */
class RunLifeCycle<R extends @Nullable Object> extends RunHooks {
    /** What a wish to stop came to. */
    enum Stop {
        /** Somebody else decided before. */
        TOO_LATE,
        /** No code of the job is running, and none will: the caller tells the ending now. */
        ENDED,
        /** The job runs: it is told when its code has left or its grace is over. */
        STOPPING
    }

    private enum Phase {
        /** No attempt has begun. */
        NEW,
        /** An attempt's code may be running. */
        RUNNING,
        /** An attempt's code has left, and another attempt will be made. */
        RESTING
    }

    private record Stopping<R extends @Nullable Object>(JobResult<R> result) {}

    private static final VarHandle CELL;

    static {
        try {
            CELL = MethodHandles.lookup().findVarHandle(RunLifeCycle.class, "cell", Object.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile Object cell = Phase.NEW;

    /** An attempt begins; false if the job was ended before it could. */
    final boolean enter() {
        return CELL.compareAndSet(this, Phase.NEW, Phase.RUNNING)
                || CELL.compareAndSet(this, Phase.RESTING, Phase.RUNNING);
    }

    /** An attempt's code has left, and another one will be made; false if the job was stopped or ended meanwhile. */
    final boolean rest() {
        return CELL.compareAndSet(this, Phase.RUNNING, Phase.RESTING);
    }

    /** Whether no attempt has begun and the ending is open. */
    final boolean isNew() {
        return cell == Phase.NEW;
    }

    final boolean isResting() {
        return cell == Phase.RESTING;
    }

    /** Whether an attempt has begun and the ending is open. */
    final boolean isRunning() {
        Object now = cell;
        return now == Phase.RUNNING || now == Phase.RESTING;
    }

    final boolean isStopping() {
        return cell instanceof Stopping;
    }

    final boolean isEnded() {
        return cell instanceof JobResult;
    }

    /** Whether the time that the job had in all was up, told or not. */
    final boolean isTimedOut() {
        Object now = cell;
        return (now instanceof Stopping<?> stopping && stopping.result() instanceof JobResult.TimedOut)
                || now instanceof JobResult.TimedOut;
    }

    /** Whether the ending was somebody's wish or the end of its time, told or not. */
    final boolean isStopped() {
        return switch (cell) {
            case Stopping<?> stopping -> true;
            case JobResult.Cancelled<?> cancelled -> true;
            case JobResult.TimedOut<?> timedOut -> true;
            default -> false;
        };
    }

    /** Ends a job that is not being stopped; true if this call decided, and then the caller tells. */
    final boolean end(JobResult<R> result) {
        while (cell instanceof Phase open) {
            if (!CELL.compareAndSet(this, open, result)) continue;
            wakeAll();
            return true;
        }
        return false;
    }

    /** Ends a job whose code is running; true if this call decided, and then the caller tells. */
    final boolean endRunning(JobResult<R> result) {
        if (!CELL.compareAndSet(this, Phase.RUNNING, result)) return false;
        wakeAll();
        return true;
    }

    /** Decides that a job is stopped with that ending; interrupts nobody. */
    final Stop decideStop(JobResult<R> result) {
        while (cell instanceof Phase open) {
            boolean codeRuns = open == Phase.RUNNING;
            if (CELL.compareAndSet(this, open, codeRuns ? new Stopping<>(result) : result))
                return codeRuns ? Stop.STOPPING : Stop.ENDED;
        }
        return Stop.TOO_LATE;
    }

    /** Ends a job of which no code is running, and no other; true if this call decided, and then the caller tells. */
    final boolean endIdle(JobResult<R> result) {
        while (cell instanceof Phase open && open != Phase.RUNNING) {
            if (CELL.compareAndSet(this, open, result)) return true;
        }
        return false;
    }

    /**
     * The job's code has left with that result; gives the ending that the caller has to tell, null if it was told before.
     */
    @Nullable
    final JobResult<R> endAfterCode(JobResult<R> result) {
        return end(result) ? result : endAfterGrace();
    }

    /** The grace is over; gives the ending that the caller has to tell, null if the code left before. */
    @SuppressWarnings("unchecked")
    @Nullable
    final JobResult<R> endAfterGrace() {
        Object now = cell;
        if (!(now instanceof Stopping<?> stopping)) return null;
        var result = (JobResult<R>) stopping.result();
        return CELL.compareAndSet(this, now, result) ? result : null;
    }
}
