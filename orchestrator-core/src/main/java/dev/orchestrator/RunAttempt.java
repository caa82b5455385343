package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a run, and what the code that makes it sees of the run.
 *
 * <p>It is over once: when its code has left. Before that its time may be up; then the code is stopped, what it still
 * reports or emits is dropped, and whatever it returns the attempt has failed.
 */
final class RunAttempt<R extends @Nullable Object> implements JobContext {
    private enum Phase {
        OPEN,
        TIME_IS_UP,
        OVER,
        /** Its code has left, or its stage was cancelled and the code goes on, after its time was up. */
        OVER_TOO_LATE
    }

    private static final VarHandle PHASE;
    private static final VarHandle ON_CANCEL;

    static {
        try {
            var lookup = MethodHandles.lookup();
            PHASE = lookup.findVarHandle(RunAttempt.class, "phase", Phase.class);
            ON_CANCEL = lookup.findVarHandle(RunAttempt.class, "onCancel", OnCancel.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final JobRun<R> run;
    private final int number;
    private final InterruptDoor door;

    // Written by the timer (OPEN to TIME_IS_UP) and by whoever sees the code leave (OPEN to OVER, else to
    // OVER_TOO_LATE),
    // by compareAndSet: so exactly one of "it was in time" and "its time was up" is true.
    private volatile Phase phase = Phase.OPEN;

    // Each written by the attempt's code or worker, which then looks whether the attempt was stopped; a stopper decides
    // and then reads. So at least one of the two sees the other, and OnCancel gives each closeable to one of them only.
    private volatile @Nullable CompletionStage<?> stage;
    private volatile @Nullable OnCancel onCancel; // made once, by compareAndExchange

    // Written by the worker before the code begins, read by whoever sees the code leave.
    private Time.@Nullable Timer limitTimer;

    RunAttempt(JobRun<R> run, int number, InterruptDoor door) {
        this.run = run;
        this.number = number;
        this.door = door;
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

    InterruptDoor door() {
        return door;
    }

    /** The thread that is inside the code; null if none is held for it, or the attempt is over. */
    @Nullable
    Thread threadInside() {
        if (isOver()) return null;
        CompletionStage<?> begun = stage;
        if (begun == null) return door.thread();
        return begun instanceof InterceptedStage<?> surrounded ? surrounded.thread() : null;
    }

    /** Whether what the code says still counts. */
    boolean isOpen() {
        return phase == Phase.OPEN && run.isUnderWay();
    }

    boolean isOver() {
        Phase now = phase;
        return now == Phase.OVER || now == Phase.OVER_TOO_LATE;
    }

    // ---- its time and its end ----

    void limitTo(Duration limit) {
        limitTimer = run.bus().scope().time().schedule(limit, this::timeIsUp);
    }

    /** On the timer's thread: decides and interrupts; the rest happens on threads of ours. */
    private void timeIsUp() {
        if (!PHASE.compareAndSet(this, Phase.OPEN, Phase.TIME_IS_UP)) return;
        stopCode();
        run.cancelChildrenElsewhere("the time of an attempt of its parent job " + run.id() + " is up");
    }

    /** The code has left: gives what the attempt came to. */
    JobResult<R> over(JobResult<R> outcome, @Nullable Duration limit) {
        boolean isLate = !PHASE.compareAndSet(this, Phase.OPEN, Phase.OVER)
                && PHASE.compareAndSet(this, Phase.TIME_IS_UP, Phase.OVER_TOO_LATE);
        Time.Timer timer = limitTimer;
        if (timer != null) timer.cancel();
        OnCancel closeables = onCancel;
        if (closeables != null) closeables.takeAll();
        if (!isLate) return outcome;
        return new JobResult.Failure<>(
                new TimeoutException("attempt " + number + " of job " + run.id() + " was not over after " + limit));
    }

    // ---- stopping ----

    /**
     * Interrupts the code, closes what it wants closed and cancels its stage; the last two on threads of ours.
     *
     * <p>In that order: the attempt is over with its stage, and forgets what is to be closed.
     */
    void stopCode() {
        door.interrupt();
        OnCancel closeables = onCancel;
        if (closeables != null) closeAll(closeables);
        CompletionStage<?> begun = stage;
        if (begun != null)
            elsewhere(
                    "the stage of job " + run.id(),
                    () -> begun.toCompletableFuture().cancel(true));
    }

    /** The code is under way in that stage, and no thread is held for it any more. */
    void goesOnIn(CompletionStage<?> begun) {
        stage = begun;
        if (isStopped())
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

    @Override
    public void progress(JobProgress progress) {
        Objects.requireNonNull(progress, "progress");
        if (isOpen()) run.progress(progress);
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

    boolean succeed(R value) {
        return phase == Phase.OPEN && run.endEarly(new JobResult.Success<>(value));
    }

    boolean fail(Throwable error) {
        return phase == Phase.OPEN && run.endEarly(new JobResult.Failure<>(error));
    }
}
