package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is under way in a declared saga, or in a branch of it, and whether it is to go on.
 *
 * <p>Why nothing escapes a stop: whoever begins a job or a branch adds it under the lock and looks there whether the scope is
 * stopped; whoever stops says so under the lock and then stops what was added before. Nobody is called under the lock.
 */
final class SagaScope {
    /** Hands a job to its executor for the saga: a dispatcher, an orchestrator or a job does. */
    interface Dispatching {
        <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options);
    }

    private static final Duration LONG_ENOUGH = Duration.ofDays(365_000);

    private final SagaSteps steps;
    private final Dispatching dispatching;
    private final Dispatcher undoing;
    private final SagaScope root; // itself, if it is no branch
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final Set<JobHandle<?>> underWay = new HashSet<>();
    private final Set<SagaScope> branches = new HashSet<>();
    private @Nullable String stopped; // why it is stopped
    private boolean over; // it cannot be stopped any more

    private volatile boolean interrupted; // of the root: whether a thread that waited in it was

    SagaScope(SagaSteps steps, Dispatching dispatching, Dispatcher undoing) {
        this.steps = steps;
        this.dispatching = dispatching;
        this.undoing = undoing;
        this.root = this;
    }

    private SagaScope(SagaScope parent) {
        this.steps = parent.steps.branch();
        this.dispatching = parent.dispatching;
        this.undoing = parent.undoing;
        this.root = parent.root;
    }

    SagaSteps steps() {
        return steps;
    }

    Threads threads() {
        return steps.bus().scope().threads();
    }

    // ---- what is under way ----

    /** Runs a job to its end and gives its value. */
    <R extends @Nullable Object> R run(Job<R> job, JobOptions options) throws Exception {
        throwIfStopped();
        JobHandle<R> handle = dispatching.dispatch(job, options);
        try {
            String why = begin(handle);
            if (why != null) handle.cancel(why);
            return valueOf(handle);
        } finally {
            end(handle);
        }
    }

    private @Nullable String begin(JobHandle<?> handle) {
        lock.lock();
        try {
            underWay.add(handle);
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    private void end(JobHandle<?> handle) {
        lock.lock();
        try {
            underWay.remove(handle);
        } finally {
            lock.unlock();
        }
    }

    /** Runs a job that undoes something, whether or not this is stopped. */
    void undo(Job<?> job, JobOptions options) throws Exception {
        valueOf(undoing.dispatch(job, options));
    }

    /** Whatever interrupts the wait stops the saga, and neither a job that undoes something nor what is known of a step. */
    private <R extends @Nullable Object> R valueOf(JobHandle<R> handle) throws Exception {
        var ending = handle.result().toCompletableFuture();
        await(ending);
        try {
            return ending.join().orThrow();
        } catch (CompletionException letGo) {
            throw Thrown.asIs(Thrown.unwrapped(letGo)); // by the driver of that job
        }
    }

    /** Begins a branch, whose steps are kept apart. */
    SagaScope branch() {
        var branch = new SagaScope(this);
        String why;
        lock.lock();
        try {
            branches.add(branch);
            why = stopped;
        } finally {
            lock.unlock();
        }
        if (why != null) branch.stop(why);
        return branch;
    }

    /** A branch has come to its end. */
    void leave(SagaScope branch) {
        lock.lock();
        try {
            branches.remove(branch);
        } finally {
            lock.unlock();
        }
    }

    /** Waits to the end; an interrupt stops the whole saga, and what is under way ends the sooner. */
    void await(CompletionStage<?> stage) {
        while (true) {
            try {
                if (threads().await(stage, LONG_ENOUGH)) return;
            } catch (InterruptedException wish) {
                root.interrupted = true;
                root.stop("the thread of the saga was interrupted");
            }
        }
    }

    /** Whether a thread that waited was interrupted, which it has yet to be told. */
    boolean wasInterrupted() {
        return root.interrupted;
    }

    // ---- stopping ----

    /** Begins nothing more, and cancels what is under way; false if it was over or stopped before. */
    boolean stop(String why) {
        List<JobHandle<?>> jobs;
        List<SagaScope> parts;
        lock.lock();
        try {
            if (over || stopped != null) return false;
            stopped = why;
            jobs = List.copyOf(underWay);
            parts = List.copyOf(branches);
        } finally {
            lock.unlock();
        }
        for (JobHandle<?> job : jobs) job.cancel(why);
        for (SagaScope part : parts) part.stop(why);
        return true;
    }

    private void throwIfStopped() {
        lock.lock();
        try {
            if (stopped != null) throw new JobCancelledException(stopped);
        } finally {
            lock.unlock();
        }
    }

    /** All is done: nobody can stop it any more. Throws if somebody has. */
    void finish() {
        lock.lock();
        try {
            if (stopped != null) throw new JobCancelledException(stopped);
            over = true;
        } finally {
            lock.unlock();
        }
    }
}
