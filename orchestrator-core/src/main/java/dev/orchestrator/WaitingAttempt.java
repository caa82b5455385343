package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that takes part in a {@link SharedRun} instead of doing the work itself; the stage of that attempt.
 *
 * <p>Cancelling the stage, as stopping the job does, leaves the work. Who was the last waits until the code of the work has
 * left, like any job whose code was stopped; the others have nothing to wait for.
 */
final class WaitingAttempt<R extends @Nullable Object> extends CompletableFuture<R> implements Taker<R> {
    private final RunAttempt<R> attempt;
    private final SharedRun<R> work;
    private final UnaryOperator<JobResult<R>> ending;

    /** Whether the job has no code of its own: where an executor waits inside its code, only that one gets the value. */
    private final boolean isWholeJob;

    // Raised under the lock of the work, taken by whoever tells: so each appended event is told once.
    private final AtomicInteger untold = new AtomicInteger();

    private @Nullable JobResult<R> ofWork; // written by whoever tells the ending, who then starts the one that reads it

    WaitingAttempt(RunAttempt<R> attempt, SharedRun<R> work, UnaryOperator<JobResult<R>> ending) {
        this.attempt = attempt;
        this.work = work;
        this.ending = Objects.requireNonNull(ending, "ending");
        this.isWholeJob = jobRun().route().isSharing();
    }

    SharedRun<R> work() {
        return work;
    }

    @Override
    public JobRun<R> jobRun() {
        return attempt.run();
    }

    @Override
    public boolean wantsReports() {
        return isWholeJob;
    }

    @Override
    public void takePartIn(SharedRun<R> joined) {}

    @Override
    public boolean begin() {
        return false; // its job has started already
    }

    @Override
    public boolean hasBegun() {
        return attempt.isOpen();
    }

    @Override
    public void noteAppended() {
        untold.incrementAndGet();
    }

    @Override
    public void tellAppended() {
        for (int count = untold.getAndSet(0); count > 0; count--) jobRun().announceKept();
    }

    @Override
    public void endForOwner(JobResult<R> result) {
        ofWork = result;
    }

    /** Ending the job calls its subscribers, who may not return: the other jobs that took part do not wait for them. */
    @Override
    public void endForOthers(boolean mayStay) {
        if (mayStay) end();
        else jobRun().bus().scope().threads().start(Role.WORKER, jobRun().id(), this::end);
    }

    private void end() {
        tellAppended();
        JobResult<R> mine = settled(Objects.requireNonNull(ofWork));
        if (isWholeJob && !work.isDown()) endEarly(mine);
        work.whenDown(() -> complete(mine));
    }

    private JobResult<R> settled(JobResult<R> result) {
        if (!attempt.isOpen()) return result;
        if (result instanceof JobResult.Cancelled<R>(String reason) && isWholeJob) jobRun().cancel(reason);
        if (!(result instanceof JobResult.Success || result instanceof JobResult.Failure)) return result;
        try {
            return Objects.requireNonNull(ending.apply(result), "ending");
        } catch (Throwable thrown) {
            return new JobResult.Failure<>(thrown);
        }
    }

    /** The work has ended before its code has left, and so does the job. */
    private void endEarly(JobResult<R> result) {
        switch (result) {
            case JobResult.Success<R>(R value) -> attempt.succeed(value);
            case JobResult.Failure<R>(Throwable error) -> attempt.fail(error);
            case JobResult.Cancelled<R> cancelled -> {}
            case JobResult.TimedOut<R> timedOut -> {}
        }
    }

    private void complete(JobResult<R> result) {
        switch (result) {
            case JobResult.Success<R>(R value) -> complete(value);
            case JobResult.Failure<R>(Throwable error) -> completeExceptionally(error);
            case JobResult.Cancelled<R>(String reason) -> completeExceptionally(new JobCancelledException(reason));
            case JobResult.TimedOut<R>(var limit) -> completeExceptionally(new JobTimeoutException(limit));
        }
    }

    @Override
    public void workIsDown() {}

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) return false;
        var walk = new StopWalk(false);
        boolean wasLast = work.leave(this, whyLeft(), jobRun().options().grace(), walk);
        if (!wasLast) super.cancel(mayInterruptIfRunning);
        walk.end();
        return true;
    }

    /** What stands around the code of the work may want to know whether its time was up. */
    private JobResult<R> whyLeft() {
        var limit = jobRun().options().timeout();
        return limit != null && jobRun().isTimedOut()
                ? new JobResult.TimedOut<>(limit)
                : new JobResult.Cancelled<>("nobody takes part in it");
    }
}
