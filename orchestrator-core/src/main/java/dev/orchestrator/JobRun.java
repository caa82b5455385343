package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One dispatch of one job, from its acceptance to its ending.
 *
 * <p>{@link RunLifeCycle} decides the ending, {@link RunEvents} tells, {@link RunAttempts} does the work; this class does
 * what they decide. They are its superclasses and no objects of their own, because of a million runs in flight.
 * {@link JoinedRun} is a dispatch without work of its own, {@link SharedRun} the work that several of them take part in.
 */
class JobRun<R extends @Nullable Object> extends RunAttempts<R> {
    static final Duration GRACE = Duration.ofSeconds(5);

    private static final VarHandle CHILDREN;
    private static final VarHandle PASSES;

    static {
        try {
            var lookup = MethodHandles.lookup();
            CHILDREN = lookup.findVarHandle(JobRun.class, "children", ChildRuns.class);
            PASSES = lookup.findVarHandle(JobRun.class, "passes", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final @Nullable ChildRuns siblings;
    private final RunHandle<R> handle;

    // Each written by whoever starts the timer, who afterwards looks whether the run has ended; read by whoever tells
    // the ending, after that. So at least one of the two cancels it.
    private volatile Time.@Nullable Timer total; // the time that the job has in all
    private volatile Time.@Nullable Timer waiting; // for the next attempt, or for silence
    private volatile Time.@Nullable Timer grace; // of code that was stopped

    // How many have yet to let the run pass before it is launched: who dispatches it, and what it waits for.
    private volatile int passes = 1;

    // Written by whoever launches it, read by a closing dispatcher.
    private volatile boolean launched;

    // The limits that count this run, and those that count an ancestor. Written before the run is launched, first by
    // the dispatching thread and then under the lock of the limits; read there and by children, whose parent was
    // launched.
    private @Nullable RunSlots slots;

    private volatile @Nullable ChildRuns children; // made once, by compareAndExchange; read by stoppers

    JobRun(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            @Nullable Inbox owner,
            long cause,
            @Nullable Chain chain,
            @Nullable ChildRuns siblings,
            JobOptions options) {
        super(id, job, route, bus, owner, cause, chain, options);
        this.siblings = siblings;
        this.handle = new RunHandle<>(id, bus().scope().threads(), this);
    }

    final JobHandle<R> handle() {
        return handle;
    }

    @Override
    final JobRun<R> self() {
        return this;
    }

    /** Another run has its id from now on, and its owner has yet to handle the ending of this one. */
    final void noteReplaced() {
        Inbox mine = owner();
        if (mine != null) mine.noteNotInFlight();
    }

    /** Whether its handle has the ending. */
    final boolean isTold() {
        return handle.isEnded();
    }

    /**
     * Who closes the owner takes it away and then looks whether the ending is told, who tells it does it the other way
     * round: so at least one of them sees that nobody will handle the ending, and lets go of the run.
     */
    @Override
    void forgetOwner() {
        super.forgetOwner();
        if (isTold()) bus().runs().remove(this);
    }

    /** What is known of it now. */
    final JobSnapshot snapshot() {
        Inbox mine = owner();
        return new JobSnapshot(id(), job(), mine == null ? null : mine.name(), phase(), attemptCount(), options());
    }

    JobSnapshot.Phase phase() {
        if (isEnded()) return JobSnapshot.Phase.ENDED;
        if (isStopping()) return JobSnapshot.Phase.STOPPING;
        return isNew() || isResting() ? JobSnapshot.Phase.WAITING : JobSnapshot.Phase.RUNNING;
    }

    // ---- to the worker ----

    /** It may have to wait for something before it is launched; said before anybody can let it pass. */
    final void hold() {
        passes = 2;
    }

    /** One of those that it waits for lets it pass; the last one launches it, away from whoever's thread this is. */
    final void pass() {
        if ((int) PASSES.getAndAdd(this, -1) == 1) launchFromElsewhere();
    }

    /** The dispatching thread lets it pass, and may launch it at once. */
    final void passHere() {
        if (passes == 1 || (int) PASSES.getAndAdd(this, -1) == 1) launch();
    }

    /** Hands the run to its worker; a worker that refuses it makes it a failure (P1). */
    private void launch() {
        launched = true;
        try {
            dispatcher().startWorker(this);
        } catch (Throwable refused) {
            refusedByWorker(refused);
        }
    }

    /** As {@link #launch}, from a timer or the thread of another job: a worker of the user's is asked on one of ours. */
    final void launchFromElsewhere() {
        if (dispatcher().hasWorkerOfUser(this)) bus().scope().threads().start(Role.TELLER, id(), this::launch);
        else launch();
    }

    /** What it waits for now; taken back when the run ends. */
    final void waitUntil(Time.Timer timer) {
        waiting = timer;
        if (isEnded()) timer.cancel();
    }

    /** The time that it has in all begins now. */
    final void limitTotal() {
        Duration limit = options().timeout();
        if (limit == null) return;
        var timer = bus().scope().time().schedule(limit, () -> timeIsUp(limit));
        total = timer;
        if (isEnded()) timer.cancel();
    }

    /** On the timer's thread. */
    private void timeIsUp(Duration limit) {
        StopWalk.stop(this, new JobResult.TimedOut<>(limit), options().grace(), true);
    }

    /** Cancelled by its token from now on. */
    final void obeyToken() {
        CancellationToken token = options().token();
        if (token == null) return;
        token.add(this);
        if (isEnded()) token.remove(this);
    }

    @Nullable
    RunSlots slots() {
        return slots;
    }

    final void holdSlots(RunSlots taken) {
        slots = taken;
    }

    /** The slots of its parent and of that one's ancestors count for this run too. */
    final void inheritSlots(@Nullable RunSlots ofParent) {
        slots = ofParent;
    }

    // ---- its end ----

    /** No code of this run is running, and none will. */
    void noteDown() {
        runHooks();
        dispatcher().noteLeft(this);
    }

    @Override
    final void finish(JobResult<R> result) {
        if (!(result instanceof JobResult.Cancelled)) tellLastReport();
        JobResult<R> ending = endAfterCode(result);
        if (ending != null) tell(ending, true);
        else noteDown();
    }

    /**
     * Takes back a run that was not launched, without a word to anybody; false if somebody has stopped it already, and
     * then its ending was told as that of an accepted job.
     */
    boolean withdraw(String why) {
        var result = new JobResult.Cancelled<R>(why);
        return end(result) && takeBack(result);
    }

    /** Nothing is told of a run that has ended; true. */
    final boolean takeBack(JobResult<R> result) {
        releaseAll();
        handle.complete(result); // a closing dispatcher may have seen it, and waits
        noteDown();
        return true;
    }

    /** Nobody here is told of the ending of a run, which its cell says has ended: whoever waits at its handle gets that error. */
    final void takeBack(IllegalStateException why) {
        releaseAll();
        handle.know(why);
        bus().runs().remove(this);
        Inbox mine = owner();
        if (mine != null) mine.letGoUntold(this);
        noteDown();
        handle.complete(why);
    }

    /** Ends the run although its code is still inside; false if the ending was decided before. */
    final boolean endEarly(JobResult<R> result) {
        dispatcher().noteInside(this);
        tellLastReport();
        if (!endRunning(result)) return false;
        tell(result, false);
        return true;
    }

    /** The worker threw: the run has failed, whether or not it was handed on before. */
    private void refusedByWorker(Throwable error) {
        JobResult<R> result = refused(error);
        tellLastReport();
        while (isNew() || isRunning()) {
            if (endIdle(result)) tell(result, true);
            else endEarly(result);
        }
    }

    // ---- stopping ----

    final boolean cancel(String reason) {
        return StopWalk.stop(this, new JobResult.Cancelled<>(reason), options().grace(), false);
    }

    /** Whether it waits for a limit, its key, silence or the next attempt, and no code of it is running. */
    boolean isWaiting() {
        if (isResting() || (isNew() && !launched)) return true;
        SharedRun<R> work = sharedWork();
        return work != null && work.isWaiting();
    }

    /** Decides and interrupts; children and telling are left to the walk. True if this call decided. */
    boolean stop(JobResult<R> result, Duration withGrace, StopWalk walk) {
        switch (decideStop(result)) {
            case TOO_LATE -> {
                return false;
            }
            case ENDED -> walk.tellLater(this, () -> tell(result, true));
            case STOPPING -> {
                stopCode();
                wakeAll(); // code that waits to emit, and now finds its interrupt pending
                if (withGrace.isZero()) {
                    graceIsOver(false); // it was not asked whether the code leaves
                } else {
                    var timer = bus().scope().time().schedule(withGrace, this::graceIsOver);
                    grace = timer;
                    if (isEnded()) timer.cancel();
                    dispatcher().endGraceIfOver(this);
                }
                walk.goOnWithChildrenOf(this);
            }
        }
        return true;
    }

    final String parentDidNotSucceed() {
        return "its parent job " + id() + " did not succeed";
    }

    /** Cancels those that there are now: when a thread of ours gets to it, there may be some of the next attempt. */
    final void cancelChildrenElsewhere(String why) {
        var now = runningChildren();
        if (now.isEmpty()) return;
        bus().scope().threads().start(Role.TELLER, id(), () -> StopWalk.cancelAll(now, why, false));
    }

    /** Decides on whichever thread calls, which may be the timer's; tells on one of ours. */
    void graceIsOver() {
        graceIsOver(true);
    }

    private void graceIsOver(boolean warns) {
        if (!isStopping()) return;
        dispatcher().noteInside(this);
        JobResult<R> ending = endAfterGrace();
        if (ending == null) return;
        bus().scope().threads().start(Role.TELLER, id(), () -> {
            if (warns) warnOfCodeThatStays();
            tell(ending, false);
        });
    }

    private void warnOfCodeThatStays() {
        RunAttempt<R> attempt = currentAttempt();
        if (attempt == null || attempt.isOver() || attempt.sharedWork() != null) return; // a work says so itself
        var text = new StringBuilder(named() + " was stopped and the code of attempt " + attemptCount()
                + " goes on; what it still returns is dropped. ");
        Thread inside = attempt.threadInside();
        if (inside == null) {
            if (route().isAsync()) text.append("Its stage was cancelled and has not completed");
        } else {
            text.append("It is at");
            for (StackTraceElement at : inside.getStackTrace())
                text.append("\n\tat ").append(at);
        }
        Log.warning(text.toString());
    }

    // ---- telling ----

    /**
     * Tells the ending; called once, by whoever entered the last state of the life cycle.
     *
     * @param isDown whether no code is running: then slots are free before anybody is called who may not return
     */
    void tell(JobResult<R> result, boolean isDown) {
        tellOwner(result);
        if (isDown) noteDown();
        tellOthers(result);
    }

    /** The first half of telling: the owner has the ending; nobody is called. */
    final void tellOwner(JobResult<R> result) {
        releaseAll();
        var event = TerminalEvent.of(result, id(), bus().scope().time().now(), job(), attemptCount(), provenance());
        appendEnding(event);
        tellingBegins();
        handle.know(result); // before the owner's handler runs: it may dispatch the same id again (P2)
        Inbox mine = owner();
        if (mine == null || !mine.findsInFlightWhatIsTold()) bus().runs().remove(this);
        notifyOwner();
        logEnding(event);
    }

    /** The second half: those who wait for the result, and the plain subscribers. */
    final void tellOthers(JobResult<R> result) {
        StopWalk walk = walkToChildrenAfter(result);
        handle.complete(result);
        outbox().tell();
        tellingIsOver();
        if (walk != null) walk.end();
    }

    /** A closing dispatcher waits a moment until nobody is being told an ending. */
    void tellingBegins() {
        dispatcher().tellingBegins();
    }

    void tellingIsOver() {
        dispatcher().tellingIsOver();
    }

    /** Stops the children of a run that did not succeed, and leaves telling them to the walk; null if there are none. */
    final @Nullable StopWalk walkToChildrenAfter(JobResult<R> result) {
        if (children == null || result instanceof JobResult.Success) return null;
        var walk = new StopWalk(false);
        walk.goOnWithChildrenOf(this);
        walk.decideChildren();
        return walk;
    }

    private void logEnding(TerminalEvent event) {
        if (!Log.isDebug()) return;
        Log.debug(named() + " ended after " + event.attempts() + " attempts: " + Ids.nameOf(event.getClass()));
    }

    /** Takes back what would come later, and lets go of what was given for this run. */
    final void releaseAll() {
        release(total);
        release(waiting);
        release(grace);
        releaseAttemptLimit();
        closeReports();
        CancellationToken token = options().token();
        if (token != null) token.remove(this);
    }

    private static void release(Time.@Nullable Timer timer) {
        if (timer != null) timer.cancel();
    }

    // ---- children ----

    /** The set of this run's children; made by the first thread that dispatches one. */
    final ChildRuns children() {
        ChildRuns known = children;
        if (known != null) return known;
        var fresh = new ChildRuns();
        var before = (ChildRuns) CHILDREN.compareAndExchange(this, (ChildRuns) null, fresh);
        return before == null ? fresh : before;
    }

    /** The children that are not down. */
    final Collection<JobRun<?>> runningChildren() {
        ChildRuns mine = children;
        return mine == null ? List.of() : mine.all();
    }

    /** The run is known among its parent's children until it is down. */
    final void joinSiblings() {
        ChildRuns family = siblings;
        if (family == null) return;
        family.add(this);
        whenDown(() -> family.remove(this));
    }
}
