package dev.orchestrator;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch of a job with a key: a job of its own, with its id, owner, events and ending, but without work of its own.
 *
 * <p>The work is a {@link SharedRun}: this dispatch's, or the one that it joined.
 */
final class JoinedRun<R extends @Nullable Object> extends JobRun<R> implements Taker<R> {
    // Written by the dispatching thread before others know this run, and when it joins, before that work knows it.
    private volatile SharedRun<R> work;

    private volatile boolean begun; // written once, under the lock of the work; read by whoever tells the ending

    private @Nullable JobResult<R> ending; // written and read by whoever tells the ending, between its two halves

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

    @Override
    public JobRun<R> jobRun() {
        return this;
    }

    @Override
    public boolean wantsReports() {
        return true;
    }

    /** From now on it takes part in the work of an earlier dispatch. */
    @Override
    public void takePartIn(SharedRun<R> earlier) {
        work = earlier;
    }

    /**
     * The work is the earlier one from now on. Who has stopped this run before that may have left the other work: the
     * stopper decides and then reads {@code work}, this thread wrote it and then looks at what was decided.
     */
    void hasJoined() {
        if (isStopped()) leaveWork("nobody takes part in it", options().grace());
        tellAppended();
    }

    /** Appends the started event if somebody wants it. */
    @Override
    public boolean begin() {
        if (!enter()) return false;
        begun = true;
        return appendStarted();
    }

    @Override
    public boolean hasBegun() {
        return begun;
    }

    @Override
    public void noteAppended() {
        untold.incrementAndGet();
    }

    @Override
    public void tellAppended() {
        for (int count = untold.getAndSet(0); count > 0; count--) announce();
    }

    /** The work has ended, and this run with it, unless it has ended otherwise before. */
    @Override
    public void endForOwner(JobResult<R> result) {
        JobResult<R> mine = endAfterCode(result);
        if (mine == null) return;
        tellOwner(mine);
        ending = mine;
    }

    /** Tells what {@link #endForOwner} has told the owner, if it has. */
    @Override
    public void endForOthers(boolean mayStay) {
        JobResult<R> mine = ending;
        if (mine == null) return;
        tellAppended();
        tellOthers(mine);
    }

    @Override
    public void workIsDown() {
        noteDown();
    }

    /** Nothing that was appended before is left behind: it takes part no more, so the work would not tell it. */
    @Override
    void tell(JobResult<R> result, boolean isDown) {
        tellAppended();
        super.tell(result, isDown);
    }

    @Override
    boolean stop(JobResult<R> result, Duration withGrace, StopWalk walk) {
        var before = decideStop(result);
        if (before == RunLifeCycle.Stop.TOO_LATE) return false;
        boolean toldWithTheWork = work.leave(this, result, withGrace, walk);
        wakeAll(); // code that waits to emit for this one
        if (before == RunLifeCycle.Stop.ENDED) {
            walk.tellLater(this, () -> tell(result, true));
        } else if (!toldWithTheWork) {
            JobResult<R> mine = endAfterGrace();
            if (mine != null) walk.tellLater(this, () -> tell(mine, true));
        }
        return true;
    }

    private void leaveWork(String why, Duration withGrace) {
        var walk = new StopWalk(false);
        work.leave(this, new JobResult.Cancelled<>(why), withGrace, walk);
        walk.end();
    }

    @Override
    boolean withdraw(String why) {
        if (!super.withdraw(why)) return false;
        leaveWork(why, Duration.ZERO);
        return true;
    }

    @Override
    void graceIsOver() {
        if (isStopping()) work.graceIsOver();
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
    Provenance provenance() {
        return work.provenance();
    }

    @Override
    int attemptCount() {
        return begun ? work.attemptCount() : 0;
    }

    @Override
    @Nullable
    JobProgress latestProgress() {
        return work.latestProgress();
    }
}
