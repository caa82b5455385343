package dev.orchestrator;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A workflow in several steps, each of which can be undone, written as plain code.
 *
 * <p>The steps run on their callers' threads, as does the {@linkplain #rollback rollback}: newest first, and one
 * compensation that fails does not stop the others.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="saga"}
 *
 * <p>The idea is that of H. Garcia-Molina and K. Salem, "Sagas", 1987.
 */
public final class Saga {
    private final SagaSteps steps;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean isRollingBack = new AtomicBoolean(); // whoever raises it undoes the steps
    private @Nullable SagaReport<@Nullable Void> report; // guarded by lock; null until it has ended

    private Saga(SagaSteps steps) {
        this.steps = steps;
    }

    /**
     * Begins a saga that tells its events on the global bus.
     *
     * @throws IllegalArgumentException if {@code name} is blank
     */
    public static Saga named(String name) {
        return named(name, SignalBus.global());
    }

    /**
     * Begins a saga that tells its events on that bus.
     *
     * @throws IllegalArgumentException if {@code name} is blank
     */
    public static Saga named(String name, SignalBus bus) {
        return new Saga(SagaSteps.on(bus, name));
    }

    /**
     * Begins a saga inside a job, whose events its own are: active for the job's owner.
     *
     * <p>Its id is the job's with the name behind it. What it tells after the job was stopped, its rollback for instance, is
     * told on the job's bus.
     *
     * @throws IllegalArgumentException if {@code name} is blank, or the context is none that a dispatcher gave
     */
    public static Saga named(String name, JobContext context) {
        return new Saga(SagaSteps.in(context, name));
    }

    /**
     * Begins to declare a saga whose steps are jobs, see {@link SagaFlow}.
     *
     * @throws IllegalArgumentException if {@code name} is blank
     */
    public static <I extends @Nullable Object, O extends @Nullable Object> SagaDefinition<I, O> define(
            String name, SagaFlow<I, O> flow) {
        return new SagaDefinition<>(name, flow);
    }

    /** What it is called. */
    public String name() {
        return steps.saga();
    }

    /** Its id, which all its events have. */
    public String id() {
        return steps.id();
    }

    // ---- steps ----

    /**
     * Chooses the retry policy and the time limit of each compensation; without it there is one attempt without limit.
     *
     * @param options with a retry policy, a time limit or both
     * @return this saga
     * @throws IllegalArgumentException if the options have what belongs to a registration
     */
    public Saga undoWith(JobOptions options) {
        steps.undoWith(Objects.requireNonNull(options, "options"));
        return this;
    }

    /**
     * Does a step that is called by its number; otherwise as {@link #step(String, Callable, Compensation)}.
     *
     * @return what the action gives
     * @throws Exception what the action throws, as it is
     */
    public <T extends @Nullable Object> T step(Callable<T> action, Compensation<? super T> compensation)
            throws Exception {
        return doStep(null, action, compensation, null);
    }

    /**
     * Does a step, and keeps what undoes it until the saga is committed.
     *
     * @param step what the step is called in events and reports
     * @param action called once, on this thread
     * @param compensation undoes it; called if the saga is rolled back after the action has returned
     * @return what the action gives
     * @throws Exception what the action throws, as it is; then there is nothing to undo
     * @throws IllegalStateException if the saga has ended; where that happened while the action was under way, the step is
     *     undone before
     * @throws IllegalArgumentException if {@code step} is blank
     */
    public <T extends @Nullable Object> T step(String step, Callable<T> action, Compensation<? super T> compensation)
            throws Exception {
        return doStep(Ids.checked(step, "the name of a step"), action, compensation, null);
    }

    /**
     * Does a step that is to be undone too when nobody knows whether it was done: the action timed out, was cancelled or
     * interrupted; otherwise as {@link #step(String, Callable, Compensation)}.
     *
     * @param ifUnknown undoes what may have been done; it gets the error that says so
     * @return what the action gives
     * @throws Exception what the action throws, as it is
     */
    public <T extends @Nullable Object> T step(
            String step,
            Callable<T> action,
            Compensation<? super T> compensation,
            Compensation<? super Throwable> ifUnknown)
            throws Exception {
        Objects.requireNonNull(ifUnknown, "ifUnknown");
        return doStep(Ids.checked(step, "the name of a step"), action, compensation, ifUnknown);
    }

    private <T extends @Nullable Object> T doStep(
            @Nullable String step,
            Callable<T> action,
            Compensation<? super T> compensation,
            @Nullable Compensation<? super Throwable> ifUnknown)
            throws Exception {
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(compensation, "compensation");
        return steps.step(step, action, compensation, ifUnknown);
    }

    // ---- the end ----

    /**
     * All steps are done: nothing is undone any more.
     *
     * @return the report
     * @throws IllegalStateException if the saga has ended
     */
    public SagaReport<@Nullable Void> commit() {
        if (!steps.commit()) throw steps.ended();
        return end(new SagaReport.Completed<>(name(), id(), null));
    }

    /**
     * Undoes the steps that were done, newest first, on this thread; each is tried, whatever happens to the others.
     *
     * <p>An interrupt does not stop it: it is kept until the end. Where a compensation fails, that is logged, told as an
     * event, and added to the error of the step that failed, as a suppressed {@link CompensationFailedException}.
     *
     * @return the report; a second call gives the same
     * @throws IllegalStateException if the saga is committed, or another thread is just rolling it back
     */
    public SagaReport<@Nullable Void> rollback() {
        SagaReport<@Nullable Void> known = known();
        if (known instanceof SagaReport.Completed) throw steps.ended();
        if (known != null) return known;
        if (!isRollingBack.compareAndSet(false, true)) {
            throw new IllegalStateException("saga " + name() + " (" + id() + ") is being rolled back already");
        }
        return end(steps.report(steps.undoAll(), steps.failure()));
    }

    private @Nullable SagaReport<@Nullable Void> known() {
        lock.lock();
        try {
            return report;
        } finally {
            lock.unlock();
        }
    }

    private SagaReport<@Nullable Void> end(SagaReport<@Nullable Void> how) {
        lock.lock();
        try {
            report = how;
        } finally {
            lock.unlock();
        }
        steps.tell(new SagaEvent.Ended(name(), id(), how));
        return how;
    }
}
