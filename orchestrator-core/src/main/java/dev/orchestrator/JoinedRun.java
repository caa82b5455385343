package dev.orchestrator;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch of a job with a key: a job of its own, with its id, owner, events and ending, but without work of its own.
 *
 * <p>The work is a {@link SharedRun}: this dispatch's, or the one that it joined.
 */
final class JoinedRun<R extends @Nullable Object> extends JobRun<R> {
    // Written by the dispatching thread before others know this run, and under the lock of the keys when it joins.
    private volatile SharedRun<R> work;

    // Raised under the lock of the work, taken by whoever tells: so each appended event is told once.
    private final AtomicInteger untold = new AtomicInteger();

    JoinedRun(Job<R> job, Route<R> route, @Nullable Inbox owner, @Nullable ChildRuns siblings, SharedRun<R> work) {
        super(work.id(), job, route, work.bus(), owner, work.cause(), work.chain(), siblings, work.options());
        this.work = work;
        work.beginWith(this);
    }

    SharedRun<R> work() {
        return work;
    }

    /** Takes part in the work of an earlier dispatch, if that is still open. */
    boolean join(SharedRun<R> earlier) {
        if (!earlier.join(this)) return false;
        work = earlier;
        return true;
    }

    /** The work has begun; appends the started event if somebody wants it. */
    boolean begin() {
        return lifeCycle().enter() && appendStarted();
    }

    /** An event was appended for it, under the lock of the work; it is told when that lock was released. */
    void noteAppended() {
        untold.incrementAndGet();
    }

    /** Tells what was appended and nobody has told yet. */
    void tellAppended() {
        for (int count = untold.getAndSet(0); count > 0; count--) announce();
    }

    /** The work has ended. */
    void endWith(JobResult<R> result) {
        JobResult<R> ending = lifeCycle().finish(result);
        if (ending != null) tell(ending);
    }

    /** Nothing that was appended before is left behind: it takes part no more, so the work would not tell it. */
    @Override
    void tell(JobResult<R> result) {
        tellAppended();
        super.tell(result);
    }

    @Override
    boolean stop(JobResult<R> result, Duration withGrace, boolean onTimer) {
        var before = lifeCycle().stop(result);
        if (before == RunLifeCycle.Stop.TOO_LATE) return false;
        boolean toldWithTheWork = work.leave(this, result, withGrace, onTimer);
        lifeCycle().wakeAll(); // code that waits to emit for this one
        if (before == RunLifeCycle.Stop.ENDED) {
            tellAndNoteDown(result, onTimer);
        } else if (!toldWithTheWork) {
            JobResult<R> ending = lifeCycle().graceIsOver();
            if (ending != null) tellAndNoteDown(ending, onTimer);
        }
        return true;
    }

    @Override
    boolean withdraw(String why) {
        if (!super.withdraw(why)) return false;
        work.leave(this, new JobResult.Cancelled<>(why), Duration.ZERO, false);
        return true;
    }

    @Override
    void graceIsOver() {
        if (lifeCycle().isStopping()) work.graceIsOver();
    }

    @Override
    boolean isWaiting() {
        return work.isWaiting();
    }

    @Override
    boolean isOnThisThread() {
        return work.isOnThisThread();
    }

    @Override
    int attemptCount() {
        return work.attemptCount();
    }

    @Override
    @Nullable
    JobProgress latestProgress() {
        return work.latestProgress();
    }
}
