package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One dispatch of one job, from its acceptance to its ending.
 *
 * <p>{@link RunLifeCycle} decides the ending, {@link RunOutbox} orders the events, {@link InterruptDoor} keeps interrupts
 * where they belong; this class does what they decide.
 */
final class JobRun<R extends @Nullable Object> implements Runnable, Thread.UncaughtExceptionHandler {
    static final Duration GRACE = Duration.ofSeconds(5);

    private static final VarHandle CHILDREN;
    private static final VarHandle PROGRESS;

    static {
        try {
            var lookup = MethodHandles.lookup();
            CHILDREN = lookup.findVarHandle(JobRun.class, "children", ChildRuns.class);
            PROGRESS = lookup.findVarHandle(JobRun.class, "progress", RunProgress.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final String id;
    private final Job<R> job;
    private final Route<R> route;
    private final SignalBus bus;
    private final long cause;
    private final @Nullable ChildRuns siblings;
    private final RunHandle<R> handle;
    private final RunLifeCycle<R> lifeCycle = new RunLifeCycle<>();
    private final RunOutbox outbox;

    // Written by the dispatching thread before the run starts, and to null by whoever closes the owner; read by whoever
    // appends. An appender that still sees a closed owner puts a token into a mailbox that nobody reads any more.
    private volatile @Nullable Inbox owner;

    // The way to reach the code: the worker writes it before it goes in and then looks whether it was stopped; a
    // stopper
    // decides the cell and then reads it. So at least one of the two sees the other.
    private volatile @Nullable InterruptDoor door;
    private volatile @Nullable CompletionStage<?> stage;

    // Written by the stopper, who afterwards looks whether the run has ended; read by whoever tells the ending, after
    // that. So at least one of the two cancels it.
    private volatile Time.@Nullable Timer grace;

    // Written by the worker when the code has left; see Dispatcher.noteInside.
    private volatile boolean codeHasLeft;

    private volatile int attempts;

    // Written by the dispatching thread before it launches the run, which orders it before all that the worker reads.
    private List<Interceptor> madeAtDispatch = List.of();

    private volatile @Nullable ChildRuns children; // made once, by compareAndExchange; read by stoppers

    private volatile @Nullable RunProgress progress; // made once, by compareAndExchange, with the first report

    JobRun(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            @Nullable Inbox owner,
            long cause,
            @Nullable ChildRuns siblings) {
        this.id = id;
        this.job = job;
        this.route = route;
        this.bus = bus;
        this.owner = owner;
        this.cause = cause;
        this.siblings = siblings;
        this.handle = new RunHandle<>(id, bus.scope().threads(), this);
        this.outbox = new RunOutbox(bus);
        if (owner == null) outbox.forgetOwner();
    }

    String id() {
        return id;
    }

    Job<R> job() {
        return job;
    }

    JobHandle<R> handle() {
        return handle;
    }

    /** The number of the event whose handler dispatched this job; 0 if none did. */
    long cause() {
        return cause;
    }

    Dispatcher dispatcher() {
        return route.dispatcher();
    }

    @Nullable
    Inbox owner() {
        return owner;
    }

    /** The owner is closed: the job goes on, and keeps nothing of its owner alive. */
    void forgetOwner() {
        owner = null;
        outbox.forgetOwner();
    }

    @Nullable
    JobProgress latestProgress() {
        RunProgress reports = progress;
        return reports == null ? null : reports.latest();
    }

    /** Whether the ending is still open. */
    boolean isUnderWay() {
        return lifeCycle.isRunning();
    }

    /** Whether the calling thread is inside this run's code. */
    boolean isOnThisThread() {
        Thread current = Thread.currentThread();
        InterruptDoor attempt = door;
        return !codeHasLeft && ((attempt != null && attempt.thread() == current) || threadOfStage() == current);
    }

    /** The thread that waits for an asynchronous executor, if an interceptor needs one. */
    private @Nullable Thread threadOfStage() {
        return stage instanceof InterceptedStage<?> surrounded ? surrounded.thread() : null;
    }

    // ---- the worker ----

    /** These stand around every attempt, outside of what the dispatcher's users declared; before the launch. */
    void surroundBy(List<Interceptor> interceptors) {
        madeAtDispatch = interceptors;
    }

    /** Hands the run to its worker; a worker that refuses it makes it a failure (P1). */
    void launch() {
        try {
            route.dispatcher().startWorker(this);
        } catch (Throwable refused) {
            endEarly(new JobResult.Failure<>(refused));
        }
    }

    @Override
    public void run() {
        if (!lifeCycle.start()) return;
        attempts = 1;
        try {
            if (isStartedWanted())
                publish(new JobStartedEvent(id, bus.scope().time().now(), job), cause);
            Thread thread = Thread.currentThread();
            boolean ownThread = thread.getUncaughtExceptionHandler() == this;
            var attempt = new InterruptDoor(thread, ownThread ? null : Running.doorOfThisThread());
            door = attempt;
            var context = new RunContext<>(this, 1);
            if (!lifeCycle.isRunning()) {
                finish(new JobResult.Cancelled<>("stopped before its code began"));
            } else if (route.isAsync()) {
                follow(inside(attempt, ownThread, () -> begin(context)));
            } else {
                finish(new JobResult.Success<>(inside(attempt, ownThread, () -> execute(context))));
            }
        } catch (Throwable thrown) {
            finish(new JobResult.Failure<>(thrown));
        }
    }

    private R execute(JobContext context) throws Exception {
        Surrounded surrounded = surrounded(context);
        return surrounded == null
                ? route.execute(job, context)
                : InterceptorChain.call(surrounded, () -> route.execute(job, context));
    }

    private CompletionStage<? extends R> begin(JobContext context) throws Exception {
        Surrounded surrounded = surrounded(context);
        if (surrounded == null) return route.begin(job, context);
        var whole = new InterceptedStage<R>(surrounded, () -> route.begin(job, context));
        stage = whole; // before anybody is inside: a closing from in there recognizes its thread
        whole.begin();
        return whole;
    }

    /** What stands around an attempt that begins now; null, and nothing is made, if nothing does. */
    private @Nullable Surrounded surrounded(JobContext context) {
        List<Interceptor> around = route.dispatcher().interceptors().around(job, madeAtDispatch);
        return around.isEmpty() ? null : new Surrounded(around, job, context, lifeCycle::isRunning, bus.scope());
    }

    /** Most programs do not ask when a job starts: then nothing is made, queued or woken for it. */
    private boolean isStartedWanted() {
        Inbox mine = owner;
        return (mine != null && mine.wantsStarted())
                || !bus.interest().of(JobStartedEvent.class).isNobody();
    }

    /** Code that belongs to a user and may throw anything. */
    private interface Code<T extends @Nullable Object> {
        T run() throws Exception;
    }

    private <T extends @Nullable Object> T inside(InterruptDoor attempt, boolean ownThread, Code<T> code)
            throws Exception {
        Object before = ownThread ? null : Running.goThrough(attempt);
        attempt.enter();
        try {
            return code.run();
        } finally {
            attempt.leave();
            if (!ownThread) Running.goThrough(before);
        }
    }

    /** Makes this run known to its own thread (see {@link Running}); nothing is thrown through {@link #run}. */
    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        Log.error("the framework itself failed in job " + id, error);
    }

    @Nullable
    InterruptDoor door() {
        return door;
    }

    private void follow(CompletionStage<? extends R> begun) {
        stage = begun;
        door = null; // this thread is not held from here on
        if (!lifeCycle.isRunning()) cancelStage(begun);
        begun.whenComplete((value, error) -> finish(
                error == null ? new JobResult.Success<>(value) : new JobResult.Failure<>(Thrown.unwrapped(error))));
    }

    /** The code has left, with that result. */
    private void finish(JobResult<R> result) {
        codeHasLeft = true;
        JobResult<R> ending = lifeCycle.finish(result);
        if (ending != null) tell(ending);
        route.dispatcher().noteLeft(this);
    }

    boolean codeHasLeft() {
        return codeHasLeft;
    }

    /**
     * Takes back a run that was not launched, without a word to anybody; false if somebody has stopped it already, and
     * then its ending was told as that of an accepted job.
     */
    boolean withdraw(String why) {
        var result = new JobResult.Cancelled<R>(why);
        if (!lifeCycle.end(result)) return false;
        handle.complete(result); // a closing dispatcher may have seen it, and waits
        return true;
    }

    /** Ends the run although its code may still be inside; false if the ending was decided before. */
    boolean endEarly(JobResult<R> result) {
        if (attempts > 0) route.dispatcher().noteInside(this);
        if (!lifeCycle.end(result)) return false;
        tell(result);
        return true;
    }

    // ---- stopping ----

    boolean cancel(String reason) {
        return cancel(reason, GRACE);
    }

    boolean cancel(String reason, Duration withGrace) {
        return stop(new JobResult.Cancelled<>(reason), withGrace);
    }

    private boolean stop(JobResult<R> result, Duration withGrace) {
        switch (lifeCycle.stop(result)) {
            case TOO_LATE -> {
                return false;
            }
            case ENDED -> tell(result);
            case STOPPING -> {
                if (withGrace.isZero()) {
                    graceIsOver();
                } else {
                    var timer = bus.scope().time().schedule(withGrace, this::graceIsOver);
                    grace = timer;
                    if (lifeCycle.isEnded()) timer.cancel();
                }
                reachCode();
            }
        }
        return true;
    }

    private void reachCode() {
        InterruptDoor inside = door;
        if (inside != null) inside.interrupt();
        CompletionStage<?> begun = stage;
        if (begun != null) cancelStage(begun);
        cancelChildren();
    }

    /** On a thread of ours: cancelling a stage runs what its users attached to it. */
    private void cancelStage(CompletionStage<?> begun) {
        Runnable cancelling = () -> begun.toCompletableFuture().cancel(true);
        bus.scope()
                .threads()
                .start(Role.TELLER, id, () -> bus.scope().wall().run("the stage of job " + id, cancelling));
    }

    private void cancelChildren() {
        ChildRuns mine = children;
        if (mine != null) mine.cancelAll("its parent job " + id + " did not succeed");
    }

    /** Decides on whichever thread calls, which may be the timer's; tells on one of ours. */
    void graceIsOver() {
        if (!lifeCycle.isStopping()) return;
        route.dispatcher().noteInside(this);
        JobResult<R> ending = lifeCycle.graceIsOver();
        if (ending == null) return;
        bus.scope().threads().start(Role.TELLER, id, () -> {
            warnOfCodeThatStays();
            tell(ending);
        });
    }

    private void warnOfCodeThatStays() {
        InterruptDoor attempt = door;
        Thread inside = attempt != null ? attempt.thread() : threadOfStage();
        if (inside == null || codeHasLeft) return;
        var text = new StringBuilder("job " + id + " of type " + job.getClass().getName()
                + " was stopped and its code goes on; what it still returns is dropped. It is at");
        for (StackTraceElement at : inside.getStackTrace())
            text.append("\n\tat ").append(at);
        Log.warning(text.toString());
    }

    // ---- telling ----

    /** Tells the ending; called once, by whoever entered the last state of the life cycle. */
    private void tell(JobResult<R> result) {
        Time.Timer timer = grace;
        if (timer != null) timer.cancel();
        var event = TerminalEvent.of(result, id, bus.scope().time().now(), job, attempts);
        outbox.append(new Envelope(event, this, cause, true));
        route.dispatcher().tellingBegins();
        bus.runs().remove(this); // before the owner's handler runs: it may dispatch the same id again (P2)
        if (siblings != null) siblings.remove(this);
        handle.know(result);
        notifyOwner();
        if (!(result instanceof JobResult.Success)) cancelChildren();
        handle.complete(result);
        outbox.tell();
        route.dispatcher().tellingIsOver();
    }

    /** Appends an event of this run; false if the run has ended. */
    boolean publish(Event event, long causedBy) {
        if (!outbox.append(new Envelope(event, this, causedBy, false))) return false;
        notifyOwner();
        outbox.tell();
        return true;
    }

    private void notifyOwner() {
        Inbox mine = owner;
        if (mine == null) return;
        mine.offerToken(this);
        mine.wake();
    }

    /** The next event for the owner, on its lane, one per token. */
    @Nullable
    Envelope nextForOwner() {
        Envelope next = outbox.nextForOwner();
        if (owner == null) outbox.forgetOwner(); // closed meanwhile, and the line above may have undone its forgetting
        return next;
    }

    // ---- what the code says ----

    void emit(Event event) {
        SignalBus.refuseJobEvent(event);
        if (!lifeCycle.isRunning()) return;
        if (event instanceof BaseEvent base && !base.correlationId().equals(id)) bus.route(event);
        else publish(event, cause);
    }

    void progress(JobProgress report) {
        if (!lifeCycle.isRunning() || !reports().report(report, this::append)) return;
        Inbox mine = owner;
        if (mine != null) mine.wake();
        outbox.tell();
    }

    private RunProgress reports() {
        RunProgress known = progress;
        if (known != null) return known;
        var fresh = new RunProgress();
        var before = (RunProgress) PROGRESS.compareAndExchange(this, (RunProgress) null, fresh);
        return before == null ? fresh : before;
    }

    /** Puts a report into the outbox and the owner's mailbox, and calls nobody. */
    private boolean append(JobProgress report) {
        if (!lifeCycle.isRunning()) return false;
        var event = new JobProgressEvent(id, bus.scope().time().now(), job, report);
        if (!outbox.append(new Envelope(event, this, cause, false))) return false;
        Inbox mine = owner;
        if (mine != null) mine.offerToken(this);
        return true;
    }

    <C extends @Nullable Object> JobHandle<C> dispatchChild(Job<C> child) {
        return route.dispatcher().dispatchChild(child, bus, this);
    }

    /** The set of this run's children; made by the first thread that dispatches one. */
    ChildRuns children() {
        ChildRuns known = children;
        if (known != null) return known;
        var fresh = new ChildRuns();
        var before = (ChildRuns) CHILDREN.compareAndExchange(this, (ChildRuns) null, fresh);
        return before == null ? fresh : before;
    }
}
