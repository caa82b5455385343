package dev.orchestrator;

import dev.orchestrator.spi.SharedWork;
import dev.orchestrator.spi.SharingContext;
import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a run, what the code that makes it sees of the run, and the door to that code.
 *
 * <p>It is over once: when its code has left. Before that its time may be up; then the code is stopped, what it still
 * reports or emits is dropped, and whatever it returns the attempt has failed.
 */
final class RunAttempt<R extends @Nullable Object> extends InterruptDoor implements SharingContext<R> {
    private enum Phase {
        OPEN,
        TIME_IS_UP,
        /** It ends the job before its code has left. */
        ENDS_EARLY,
        OVER,
        /** Its code has left, or its stage was cancelled and the code goes on, after its time was up. */
        OVER_TOO_LATE
    }

    private static final VarHandle PHASE;
    private static final VarHandle ON_CANCEL;
    private static final VarHandle STAGE_CANCELLED;
    private static final VarHandle EARLY;

    static {
        try {
            var lookup = MethodHandles.lookup();
            PHASE = lookup.findVarHandle(RunAttempt.class, "phase", Phase.class);
            STAGE_CANCELLED = lookup.findVarHandle(RunAttempt.class, "stageCancelled", boolean.class);
            ON_CANCEL = lookup.findVarHandle(RunAttempt.class, "onCancel", OnCancel.class);
            EARLY = lookup.findVarHandle(RunAttempt.class, "early", JobResult.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final JobRun<R> run;
    private final int number;

    // Written by the timer (OPEN to TIME_IS_UP), by whoever ends the job early (OPEN to ENDS_EARLY) and by whoever sees
    // the code leave (TIME_IS_UP to OVER_TOO_LATE, else to OVER), by compareAndSet: so exactly one of "it was in time",
    // "its time was up" and "it has ended the job" is true, and nobody ends the job through an attempt that another one
    // follows.
    private volatile Phase phase = Phase.OPEN;

    // Written once, by compareAndSet, by whoever wants to end the job early, and then the phase; whoever finds the
    // phase ENDS_EARLY has it, and may tell it as well as the one who wrote it.
    private volatile @Nullable JobResult<R> early;

    // Each written by the attempt's code or worker, which then looks whether the attempt was stopped; a stopper decides
    // and then reads. So at least one of the two sees the other, and OnCancel gives each closeable to one of them only.
    private volatile @Nullable CompletionStage<?> stage;
    private volatile boolean stageCancelled; // by whichever of the two comes first, by compareAndSet
    private volatile @Nullable OnCancel onCancel; // made once, by compareAndExchange

    // Written to false by the worker when the code goes on in a stage; read by whoever asks who is inside.
    private volatile boolean isWorkerInside = true;

    private boolean endedTheJob; // whoever sees the code leave

    // Written by the worker before the code begins, who then looks whether the job has ended; read by whoever tells its
    // ending, after that, and by whoever sees the code leave. So at least one of them cancels it.
    private volatile Time.@Nullable Timer limitTimer;

    RunAttempt(JobRun<R> run, int number, Thread thread, @Nullable InterruptDoor around) {
        super(thread, around);
        this.run = run;
        this.number = number;
    }

    @SuppressWarnings("unchecked") // the executor of a job of R was given the context of a run of R
    static <R extends @Nullable Object> RunAttempt<R> of(JobContext context) {
        if (context instanceof RunAttempt<?> ours) return (RunAttempt<R>) ours;
        throw new IllegalArgumentException(
                "a job can be ended only through the context that its dispatcher gave, was a "
                        + context.getClass().getName() + "; return the value or throw the error instead");
    }

    JobRun<R> run() {
        return run;
    }

    /** A thread that is inside the code; null if none is held for it, or the attempt is over. */
    @Nullable
    Thread threadInside() {
        if (isOver()) return null;
        return isWorkerInside ? thread() : threadOfStage();
    }

    /** Whether that thread is inside the code. */
    boolean isInside(Thread thread) {
        return !isOver() && ((isWorkerInside && thread() == thread) || threadOfStage() == thread);
    }

    /** The thread that waits for an asynchronous executor, if an interceptor needs one. */
    private @Nullable Thread threadOfStage() {
        return stage instanceof InterceptedStage<?> surrounded ? surrounded.thread() : null;
    }

    /** Whether what the code says still counts. */
    boolean isOpen() {
        return phase == Phase.OPEN && run.isRunning();
    }

    boolean isOver() {
        Phase now = phase;
        return now == Phase.OVER || now == Phase.OVER_TOO_LATE;
    }

    // ---- its time and its end ----

    void limitTo(Duration limit) {
        limitTimer = run.bus().scope().time().schedule(limit, this::timeIsUp);
        if (run.isEnded()) releaseLimit();
    }

    /** Its time is no longer counted. */
    void releaseLimit() {
        Time.Timer timer = limitTimer;
        if (timer != null) timer.cancel();
    }

    /** On the timer's thread: decides and interrupts; the rest happens on threads of ours. */
    private void timeIsUp() {
        if (!PHASE.compareAndSet(this, Phase.OPEN, Phase.TIME_IS_UP)) return;
        // Before the code can leave, which another attempt and its children may follow at once.
        run.cancelChildrenElsewhere("the time of an attempt of its parent job " + run.id() + " is up");
        stopCode();
    }

    /** The code has left: gives what the attempt came to. */
    JobResult<R> over(JobResult<R> outcome, @Nullable Duration limit) {
        Phase before = noteLeft();
        releaseLimit();
        OnCancel closeables = onCancel;
        if (closeables != null) {
            if (isStopped()) closeAll(closeables); // the code was faster than who stopped it
            else closeables.takeAll();
        }
        return switch (before) {
            case OPEN, OVER, OVER_TOO_LATE -> outcome;
            case TIME_IS_UP ->
                new JobResult.Failure<>(new TimeoutException(
                        "attempt " + number + " of job " + run.id() + " was not over after " + limit));
            case ENDS_EARLY -> {
                endedTheJob = true;
                yield Objects.requireNonNull(early);
            }
        };
    }

    private Phase noteLeft() {
        while (true) {
            Phase before = phase;
            if (before == Phase.OVER || before == Phase.OVER_TOO_LATE) return before;
            Phase after = before == Phase.TIME_IS_UP ? Phase.OVER_TOO_LATE : Phase.OVER;
            if (PHASE.compareAndSet(this, before, after)) return before;
        }
    }

    /** Whether it has ended the job before its code left. */
    boolean endedTheJob() {
        return endedTheJob;
    }

    // ---- stopping ----

    /**
     * Interrupts the code, closes what it wants closed and cancels its stage; the last two on threads of ours.
     *
     * <p>In that order: the attempt is over with its stage, and forgets what is to be closed.
     */
    void stopCode() {
        interrupt();
        OnCancel closeables = onCancel;
        if (closeables != null) closeAll(closeables);
        cancelStage();
    }

    /** The code, with what stands around it, is about to be begun in that stage. */
    void beginsIn(CompletionStage<?> whole) {
        stage = whole;
    }

    /** The code is under way in that stage, and the worker is not held for it any more. */
    void goesOnIn(CompletionStage<?> begun) {
        stage = begun;
        isWorkerInside = false;
        if (isStopped()) cancelStage();
    }

    /** Cancels the stage, once, if it is known yet; whoever makes it known looks whether it has to be. */
    private void cancelStage() {
        CompletionStage<?> begun = stage;
        if (begun == null || !STAGE_CANCELLED.compareAndSet(this, false, true)) return;
        elsewhere(
                "the stage of job " + run.id(),
                () -> begun.toCompletableFuture().cancel(true));
    }

    private boolean isStopped() {
        Phase now = phase;
        return now == Phase.TIME_IS_UP || now == Phase.OVER_TOO_LATE || run.isStopped();
    }

    private void closeAll(OnCancel closeables) {
        for (AutoCloseable each : closeables.takeAll()) {
            elsewhere("an onCancel of job " + run.id(), () -> {
                try {
                    each.close();
                } catch (Exception thrown) {
                    throw Thrown.asIs(thrown);
                }
            });
        }
    }

    private void elsewhere(String what, Runnable code) {
        var scope = run.bus().scope();
        scope.threads().start(Role.TELLER, run.id(), () -> scope.wall().run(what, code));
    }

    // ---- what the code sees and says ----

    @Override
    public String jobId() {
        return run.id();
    }

    @Override
    public int attempt() {
        return number;
    }

    /** Without a report as an object, which a tight loop would make for nothing. */
    @Override
    public void progress(double fraction) {
        if (isOpen()) run.progress(fraction);
    }

    @Override
    public void progress(JobProgress progress) {
        Objects.requireNonNull(progress, "progress");
        if (isOpen()) run.progress(progress);
    }

    @Override
    public void data(@Nullable Object value, Origin origin) {
        Objects.requireNonNull(origin, "origin");
        if (isOpen()) run.data(value, Provenance.of(origin));
    }

    @Override
    public void origin(Origin origin) {
        Objects.requireNonNull(origin, "origin");
        if (isOpen()) run.noteProvenance(Provenance.of(origin));
    }

    @Override
    public void emit(Event event) {
        SignalBus.refuseJobEvent(event);
        if (isOpen()) run.emit(event);
    }

    @Override
    public <C extends @Nullable Object> JobHandle<C> dispatch(Job<C> job) {
        return dispatch(job, JobOptions.NONE);
    }

    @Override
    public <C extends @Nullable Object> JobHandle<C> dispatch(Job<C> job, JobOptions options) {
        return run.dispatcher().dispatchChild(job, options, this);
    }

    @Override
    public boolean isCancelled() {
        return !isOpen();
    }

    @Override
    public boolean isTimeUp() {
        Phase now = phase;
        return now == Phase.TIME_IS_UP || now == Phase.OVER_TOO_LATE || run.isTimedOut();
    }

    @Override
    public void throwIfCancelled() {
        if (isCancelled()) throw new JobCancelledException("job " + run.id() + " was stopped, and its code noticed");
    }

    @Override
    public Subscription onCancel(AutoCloseable closeable) {
        Objects.requireNonNull(closeable, "closeable");
        OnCancel closeables = closeables();
        Subscription entry = closeables.add(closeable);
        if (isStopped()) closeAll(closeables); // over or not: a stage that was cancelled leaves its code behind
        else if (isOver()) closeables.takeAll();
        return entry;
    }

    private OnCancel closeables() {
        OnCancel known = onCancel;
        if (known != null) return known;
        var fresh = new OnCancel();
        var before = (OnCancel) ON_CANCEL.compareAndExchange(this, (OnCancel) null, fresh);
        return before == null ? fresh : before;
    }

    // ---- sharing ----

    /** The work that it waits for; null if it does its own. */
    @SuppressWarnings("unchecked") // a job waits for a work of its own type
    @Nullable
    SharedRun<R> sharedWork() {
        return stage instanceof WaitingAttempt<?> waiting ? ((WaitingAttempt<R>) waiting).work() : null;
    }

    @Override
    public Time time() {
        return run.bus().scope().time();
    }

    @Override
    public <T> Optional<T> extra(Class<T> type) {
        return Optional.ofNullable(run.options().extra(Objects.requireNonNull(type, "type")));
    }

    @Override
    public void data(@Nullable Object value, Origin origin, Instant asOf) {
        Objects.requireNonNull(asOf, "asOf");
        if (isOpen()) run.data(value, new Provenance(origin, asOf, null));
    }

    @Override
    public void origin(Origin origin, Instant asOf, @Nullable Throwable refreshError) {
        Objects.requireNonNull(asOf, "asOf");
        if (isOpen()) run.noteProvenance(new Provenance(origin, asOf, refreshError));
    }

    @Override
    public SharedWork<R> share(JobExecutor<?, ? extends R> executor, Consumer<? super JobResult<R>> beforeTelling) {
        return share(
                Route.plain(run.dispatcher(), run.route().registeredType(), executor, JobOptions.NONE), beforeTelling);
    }

    @Override
    public SharedWork<R> shareAsync(
            AsyncJobExecutor<?, ? extends R> executor, Consumer<? super JobResult<R>> beforeTelling) {
        return share(
                Route.async(run.dispatcher(), run.route().registeredType(), executor, JobOptions.NONE), beforeTelling);
    }

    private SharedWork<R> share(Route<R> route, Consumer<? super JobResult<R>> beforeTelling) {
        JobOptions options =
                run.route().isSharing() ? run.options() : run.options().forOneAttempt();
        var work = new SharedRun<>(
                run.id(), run.job(), route, run.bus(), run.cause(), run.chain(), options, beforeTelling);
        work.surroundBy(run.madeAtDispatch());
        work.inheritSlots(run.slots());
        return work;
    }

    @Override
    @SuppressWarnings("unchecked") // as the interface says
    public @Nullable CompletionStage<R> join(SharedWork<R> work, UnaryOperator<JobResult<R>> ending) {
        if (!(work instanceof SharedRun<?> shared))
            throw new IllegalArgumentException(
                    "a work is made by share(...), was a " + work.getClass().getName());
        var waiting = new WaitingAttempt<>(this, (SharedRun<R>) shared, ending);
        return waiting.work().joinUntilTold(waiting) ? waiting : null;
    }

    @Override
    public R await(CompletionStage<? extends R> begun) throws Exception {
        CompletableFuture<? extends R> future = begun.toCompletableFuture();
        try {
            run.bus().scope().threads().await(begun, Dispatcher.LONG_ENOUGH);
        } catch (InterruptedException stopped) {
            future.cancel(true);
            throw stopped;
        }
        try {
            return future.join();
        } catch (CompletionException failed) {
            throw Thrown.asIs(Thrown.unwrapped(failed));
        }
    }

    // ---- the end ----

    boolean succeed(R value) {
        return endEarly(new JobResult.Success<>(value));
    }

    boolean fail(Throwable error) {
        return endEarly(new JobResult.Failure<>(error));
    }

    /** Decides that this attempt is the last, and then the ending; if the code leaves meanwhile, its worker may tell it. */
    private boolean endEarly(JobResult<R> result) {
        if (!EARLY.compareAndSet(this, (JobResult<R>) null, result)) return false;
        if (!PHASE.compareAndSet(this, Phase.OPEN, Phase.ENDS_EARLY)) return false;
        return run.endEarly(run.withEarlierErrors(result)) || !run.isStopped();
    }
}
