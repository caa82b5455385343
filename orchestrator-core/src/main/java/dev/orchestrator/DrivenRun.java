package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A job that a driver has done elsewhere: it has an owner, events and one ending like any run, and no code here.
 *
 * <p>Its cell is NEW until the driver tells something, then RUNNING, then the ending; nobody but the driver leaves NEW or
 * RUNNING, unless a job is stopped that has nobody to hear the wish. So racing endings are decided by the cell, as always,
 * and nothing is ever Stopping: a wish to stop is kept at the {@code door}.
 *
 * <p>Proof: DrivenRunTest, DrivenStopTest, DrivenHandlingTest.
 */
final class DrivenRun<R extends @Nullable Object> extends JobRun<R> {
    /** Where a wish to stop arrives, while nobody can take it or has taken it. */
    private enum Door {
        /** The driver has not been asked: a wish ends the job, and the driver is never asked. */
        NOT_STARTED,
        /** The driver is being asked, and may yet say who takes a wish. */
        STARTING,
        /** The driver has taken the job on and takes no wish: a wish ends the job. */
        STARTED,
        /** The one wish was handed to the driver. */
        HANDED_OVER,
        /** The job has ended, or is about to. */
        CLOSED
    }

    /** It came while the driver was being asked, and waits for who takes it. */
    private record Wish(String reason) {}

    private record StopHandler(Consumer<? super String> handler) {}

    private enum Handling {
        OPEN,
        BY_OWNER,
        BY_NOBODY
    }

    private static final VarHandle DOOR;
    private static final VarHandle HANDLING;

    static {
        try {
            var lookup = MethodHandles.lookup();
            DOOR = lookup.findVarHandle(DrivenRun.class, "door", Object.class);
            HANDLING = lookup.findVarHandle(DrivenRun.class, "handling", Handling.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final JobOptions asked;

    // A Door, a Wish or a StopHandler. Written by stoppers, by the dispatching thread and by whoever declares the
    // taker, all by compareAndSet on what they have read; and to CLOSED by whoever has ended the job. So a wish and a
    // taker that come at the same moment meet: one of the two finds the other there. And the driver is asked, or a
    // wish ends the job before, never both.
    private volatile Object door = Door.NOT_STARTED;

    // Left by compareAndSet: by the lane that is about to handle the ending, or by whoever closes the owner. So the
    // owner handles it, or it is said that it does not, and never both.
    private volatile Handling handling;

    private final CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();

    private final AtomicBoolean accepted = new AtomicBoolean(); // raised by whoever tells the probe

    // Held while the started event is appended, which calls nobody: who tells something else waits that long, so
    // nothing comes before it (P4).
    private final ReentrantLock beginning = new ReentrantLock();
    private volatile boolean begun; // written under the lock

    private volatile int attempts; // written by the driver, read by whoever tells the ending

    private boolean withdrawn; // the dispatching thread only

    DrivenRun(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            @Nullable Inbox owner,
            long cause,
            @Nullable Chain chain,
            @Nullable ChildRuns siblings,
            JobOptions asked,
            JobOptions options) {
        super(id, job, route, bus, owner, cause, chain, siblings, options);
        this.asked = asked;
        this.handling = owner == null ? Handling.BY_NOBODY : Handling.OPEN;
    }

    JobOptions asked() {
        return asked;
    }

    // ---- taking it on ----

    /**
     * Hands the job to its driver, unless somebody has stopped it before; throws what that throws, if it refuses the job.
     *
     * @param isUnderWay whether it is none that begins now
     */
    void start(boolean isUnderWay) {
        if (!DOOR.compareAndSet(this, Door.NOT_STARTED, Door.STARTING)) {
            noteAccepted(); // stopped just now, in time to be told
            return;
        }
        try {
            route().start(job(), new DrivenControl<>(this), isUnderWay);
        } catch (Throwable thrown) {
            if (withdraw("its driver refused it")) throw thrown;
            if (!endWith(new JobResult.Failure<>(thrown)))
                bus().scope().wall().report(thrown, "the driver that was asked to start " + named(), null);
            return;
        }
        noteAccepted();
        startIsOver();
    }

    /** From now on a wish that nobody takes ends the job, one that has come already too. */
    private void startIsOver() {
        while (true) {
            Object now = door;
            if (now instanceof Wish(String reason)) {
                if (!DOOR.compareAndSet(this, now, Door.CLOSED)) continue;
                endWith(new JobResult.Cancelled<>(reason));
                return;
            }
            if (now != Door.STARTING || DOOR.compareAndSet(this, now, Door.STARTED)) return;
        }
    }

    /** Nobody can refuse it any more. */
    private void noteAccepted() {
        if (accepted.compareAndSet(false, true)) bus().scope().probe().accepted(this);
    }

    /** Also false if something was told of it: then it was accepted. */
    @Override
    boolean withdraw(String why) {
        if (withdrawn) return true;
        var result = new JobResult.Cancelled<R>(why);
        if (!endIdle(result)) return false;
        withdrawn = true;
        door = Door.CLOSED;
        takeBack(result);
        nobodyHandles();
        return true;
    }

    // ---- what the driver tells ----

    /** It has begun, and whoever wants to know that is told first; false if it has ended. */
    boolean begins() {
        if (begun) return isRunning();
        if (enter()) noteAccepted();
        else if (!isRunning()) return false;
        boolean isToBeTold;
        beginning.lock();
        try {
            isToBeTold = !begun && appendStarted();
            begun = true;
        } finally {
            beginning.unlock();
        }
        if (isToBeTold) announce();
        return isRunning();
    }

    /** A driver never waits: what it tells may exceed what a mailbox holds. */
    @Override
    boolean letsPass(JobProgress report) {
        return isRunning();
    }

    @Override
    boolean letsPassData(@Nullable Object value, Provenance from) {
        return isRunning();
    }

    @Override
    void emit(Event event) {
        if (event instanceof BaseEvent base && !base.correlationId().equals(id())) bus().emitAtOnce(this, event);
        else publish(event, cause());
    }

    void noteAttempts(int count) {
        attempts = count;
    }

    @Override
    int attemptCount() {
        return attempts;
    }

    // ---- its end ----

    /** Ends the job; true if this call decided. */
    boolean endWith(JobResult<R> result) {
        if (result instanceof JobResult.Success || result instanceof JobResult.Failure) tellLastReport();
        if (!end(result)) return false;
        noteAccepted();
        tell(result, true);
        return true;
    }

    @Override
    void tell(JobResult<R> result, boolean isDown) {
        door = Door.CLOSED;
        super.tell(result, isDown);
        if (handling == Handling.BY_NOBODY) handled.complete(null);
    }

    /** Lets go of the job without an ending. */
    void letGo(String why) {
        if (!end(new JobResult.Cancelled<>(why))) return; // only that it is over counts: nothing is told
        noteAccepted();
        door = Door.CLOSED;
        takeBack(new IllegalStateException(why));
        nobodyHandles();
    }

    /** A closing dispatcher does not wait for those who are told of a job that is not its own to end. */
    @Override
    void tellingBegins() {}

    @Override
    void tellingIsOver() {}

    // ---- its owner ----

    CompletionStage<@Nullable Void> handled() {
        return handled.minimalCompletionStage();
    }

    boolean isOwned() {
        return handling != Handling.BY_NOBODY;
    }

    /** The owner is about to handle the ending; false if it was closed before, and must not. On its lane. */
    boolean beginHandling() {
        return HANDLING.compareAndSet(this, Handling.OPEN, Handling.BY_OWNER);
    }

    /** The owner's handlers for the ending have returned. On its lane. */
    void handlingIsOver() {
        handled.complete(null);
    }

    @Override
    void forgetOwner() {
        super.forgetOwner();
        nobodyHandles();
    }

    private void nobodyHandles() {
        HANDLING.compareAndSet(this, Handling.OPEN, Handling.BY_NOBODY);
        if (handling == Handling.BY_NOBODY) handled.complete(null);
    }

    // ---- stopping ----

    @Override
    JobSnapshot.Phase phase() {
        if (isEnded()) return JobSnapshot.Phase.ENDED;
        Object now = door;
        if (now instanceof Wish || now == Door.HANDED_OVER) return JobSnapshot.Phase.STOPPING;
        return isNew() ? JobSnapshot.Phase.WAITING : JobSnapshot.Phase.RUNNING;
    }

    /** Passes the wish on; true if it is the first, or has ended the job. Whose wish it is makes no difference. */
    @Override
    boolean stop(JobResult<R> result, Duration withGrace, StopWalk walk) {
        String reason = result instanceof JobResult.Cancelled<R>(String why) ? why : "its time is up";
        while (!isEnded()) {
            Object now = door;
            if (now instanceof StopHandler(var handler)) {
                if (!DOOR.compareAndSet(this, now, Door.HANDED_OVER)) continue;
                handOver(handler, reason);
                return true;
            }
            if (now == Door.STARTING) {
                if (DOOR.compareAndSet(this, now, new Wish(reason))) return true;
            } else if (now == Door.NOT_STARTED || now == Door.STARTED) {
                if (!DOOR.compareAndSet(this, now, Door.CLOSED)) continue;
                if (!end(result)) return false;
                walk.tellLater(this, () -> tell(result, true));
                return true;
            } else {
                return false;
            }
        }
        return false;
    }

    /** That one takes the wish to stop, now or when it comes. */
    void takeWishes(Consumer<? super String> handler) {
        while (true) {
            Object now = door;
            if (now instanceof Wish(String reason)) {
                if (!DOOR.compareAndSet(this, now, Door.HANDED_OVER)) continue;
                handOver(handler, reason);
                return;
            }
            if (now == Door.CLOSED) return;
            if (now == Door.HANDED_OVER || now instanceof StopHandler)
                throw new IllegalStateException("job " + id() + " has an onStop handler already; declare one per job");
            if (DOOR.compareAndSet(this, now, new StopHandler(handler))) return;
        }
    }

    private void handOver(Consumer<? super String> handler, String reason) {
        bus().scope().threads().start(Role.TELLER, id(), () -> {
            if (isEnded()) return;
            bus().scope().wall().run("the onStop handler of " + named(), () -> handler.accept(reason));
        });
    }
}
