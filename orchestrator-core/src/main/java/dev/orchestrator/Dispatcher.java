package dev.orchestrator;

import dev.orchestrator.Acceptance.Asking;
import dev.orchestrator.spi.DrivenType;
import dev.orchestrator.spi.JobDriver;
import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The router: it knows which executor does which type of job, and hands each job over at once.
 *
 * <p>There is one {@linkplain #global() global} dispatcher and any number of others (P14); one dispatcher may serve
 * several buses. Every method may be called from any thread and from inside a handler; {@link #run} and
 * {@link #close} wait, and {@link #dispatch(Job, JobOptions) dispatch} does at a limit that makes callers wait.
 */
public final class Dispatcher implements AutoCloseable {
    static final Duration LONG_ENOUGH = Duration.ofDays(365_000);

    private final SignalBus bus;
    private final @Nullable Executor worker;
    private final boolean global;
    private final ExecutorTable executors = new ExecutorTable();
    private final InterceptorTable interceptors = new InterceptorTable();
    private final DispatcherClosing closing;
    private final Acceptance acceptance;
    private final Asking asCaller;
    private final Asking asCallerWithoutPatience;

    private Dispatcher(Builder builder, boolean global) {
        this.bus = builder.bus;
        this.asCaller = new Asking(bus, null, null, null, true);
        this.asCallerWithoutPatience = new Asking(bus, null, null, null, false);
        this.worker = builder.worker;
        this.global = global;
        this.closing = new DispatcherClosing(this, bus, builder.closeGrace);
        var fallback = builder.fallback == null
                ? null
                : Route.<@Nullable Object>async(this, Job.class, builder.fallback, JobOptions.NONE);
        this.acceptance = new Acceptance(executors, closing, interceptors, builder.limit, fallback);
    }

    /** The one dispatcher that is there for everybody who was given no other; it cannot be closed. */
    public static Dispatcher global() {
        return Global.DISPATCHER;
    }

    private static final class Global {
        static final Dispatcher DISPATCHER = new Dispatcher(new Builder(), true);
    }

    /** Makes a dispatcher of its own on the global bus. */
    public static Dispatcher create() {
        return builder().build();
    }

    /** Makes a dispatcher of its own on that bus. */
    public static Dispatcher create(SignalBus bus) {
        return builder().bus(bus).build();
    }

    /** Begins to make a dispatcher of its own. */
    public static Builder builder() {
        return new Builder();
    }

    /** What a dispatcher is made of; every part has a default. */
    public static final class Builder {
        private SignalBus bus = SignalBus.global();
        private @Nullable Executor worker;
        private Duration closeGrace = JobRun.GRACE;
        private @Nullable RunLimit limit;
        private @Nullable AsyncJobExecutor<Job<?>, @Nullable Object> fallback;

        private Builder() {}

        /** The bus of the jobs that no orchestrator dispatches; the global one if not set. */
        public Builder bus(SignalBus value) {
            bus = Objects.requireNonNull(value, "bus");
            return this;
        }

        /**
         * Where the jobs run; a virtual thread for each if not set.
         *
         * <p>A worker that rejects a job makes it a failure (P1). Work that computes for long wants platform threads.
         */
        public Builder worker(Executor value) {
            worker = Objects.requireNonNull(value, "worker");
            return this;
        }

        /**
         * How long {@link Dispatcher#close} lets running jobs go on, and how long it then waits for cancelled ones; five
         * seconds if not set.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder closeGrace(Duration value) {
            if (Objects.requireNonNull(value, "closeGrace").isNegative()) {
                throw new IllegalArgumentException(
                        "the grace of a closing must not be negative, was " + value + "; use zero to cancel at once");
            }
            closeGrace = value;
            return this;
        }

        /**
         * How many jobs may be in flight on this dispatcher, whatever their types; no limit if not set.
         *
         * @see JobOptions.Builder#limit
         * @see JobOptions.Builder#limitPerKey
         */
        public Builder limit(RunLimit value) {
            limit = Objects.requireNonNull(value, "limit");
            return this;
        }

        /**
         * Where jobs go whose type has no executor of its own; without one they are refused (P9).
         *
         * <p>For what serves every type alike, such as a recorder in a test or a bridge to another process. Nothing checks
         * that the results are of the types that the jobs ask for.
         */
        public Builder fallback(AsyncJobExecutor<Job<?>, @Nullable Object> value) {
            fallback = Objects.requireNonNull(value, "fallback");
            return this;
        }

        /** Makes the dispatcher. */
        public Dispatcher build() {
            return new Dispatcher(this, false);
        }
    }

    // ---- registering ----

    /**
     * Registers who does the jobs of a type.
     *
     * <p>The type is the jobs' own class, or a sealed family: then the executor does the jobs of every member. A job is
     * found by its exact class, so subclasses of a class that is not sealed are not meant. A job type has one executor.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="register"}
     *
     * @return the registration; closing it undoes it, and jobs under way go on
     * @throws IllegalStateException if the type, or a member of the family, has an executor already
     * @throws IllegalArgumentException if no job can have the type: an interface or abstract class that is not sealed
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription register(
            Class<J> type, JobExecutor<? super J, ? extends R> executor) {
        return register(type, executor, JobOptions.NONE);
    }

    /**
     * Registers who does the jobs of a type, with options for all of them; otherwise as
     * {@link #register(Class, JobExecutor)}.
     *
     * @param options the weakest source: what the dispatch or the job sets wins
     * @return the registration; closing it undoes it, and jobs under way go on
     * @throws IllegalArgumentException also if the options have an id, a key, a limit per key or a token, which belong to a dispatch
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription register(
            Class<J> type, JobExecutor<? super J, ? extends R> executor, JobOptions options) {
        return executors.add(type, Route.plain(this, type, executor, options));
    }

    /**
     * Registers who begins the jobs of a type and answers with a stage.
     *
     * @return the registration; closing it undoes it, and jobs under way go on
     * @throws IllegalStateException if the type, or a member of the family, has an executor already
     * @throws IllegalArgumentException if no job can have the type: an interface or abstract class that is not sealed
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription registerAsync(
            Class<J> type, AsyncJobExecutor<? super J, ? extends R> executor) {
        return registerAsync(type, executor, JobOptions.NONE);
    }

    /**
     * Registers who begins the jobs of a type, with options for all of them; otherwise as
     * {@link #registerAsync(Class, AsyncJobExecutor)}.
     *
     * @param options the weakest source: what the dispatch or the job sets wins
     * @return the registration; closing it undoes it, and jobs under way go on
     * @throws IllegalArgumentException also if the options have an id, a key, a limit per key or a token, which belong to a dispatch
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription registerAsync(
            Class<J> type, AsyncJobExecutor<? super J, ? extends R> executor, JobOptions options) {
        return executors.add(type, Route.async(this, type, executor, options));
    }

    /**
     * Registers who does the jobs of a type whose result the compiler cannot tell: a generic record, or a family with
     * several types of results.
     *
     * <p>Nothing checks that a result is of the type that its job promises; a wrong one shows where it is used.
     *
     * @return the registration; closing it undoes it, and jobs under way go on
     * @throws IllegalStateException if the type, or a member of the family, has an executor already
     * @throws IllegalArgumentException if no job can have the type: an interface or abstract class that is not sealed
     */
    @SuppressWarnings("rawtypes") // Class<? extends Job<?>> would refuse the class of a generic record
    public Subscription registerFamily(
            Class<? extends Job> type, JobExecutor<? super Job<?>, ? extends @Nullable Object> executor) {
        return registerFamily(type, executor, JobOptions.NONE);
    }

    /**
     * Registers a family with options for all its jobs; otherwise as {@link #registerFamily(Class, JobExecutor)}.
     *
     * @param options the weakest source: what the dispatch or the job sets wins
     * @return the registration; closing it undoes it, and jobs under way go on
     * @throws IllegalArgumentException also if the options have an id, a key, a limit per key or a token, which belong to a dispatch
     */
    @SuppressWarnings("rawtypes")
    public Subscription registerFamily(
            Class<? extends Job> type,
            JobExecutor<? super Job<?>, ? extends @Nullable Object> executor,
            JobOptions options) {
        return executors.add(type, Route.plain(this, type, executor, options));
    }

    /**
     * Puts an executor in the place of the registered one; jobs under way stay with the old one.
     *
     * @return the new registration; closing the old one from then on does nothing
     * @throws IllegalStateException if exactly that type has no executor yet
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription replace(
            Class<J> type, JobExecutor<? super J, ? extends R> executor) {
        return replace(type, executor, JobOptions.NONE);
    }

    /**
     * Puts an executor with options in the place of the registered one; the options of that one go with it.
     *
     * @return the new registration; closing the old one from then on does nothing
     * @throws IllegalStateException if exactly that type has no executor yet
     * @throws IllegalArgumentException if the options have an id, a key, a limit per key or a token, which belong to a dispatch
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription replace(
            Class<J> type, JobExecutor<? super J, ? extends R> executor, JobOptions options) {
        return executors.replace(type, Route.plain(this, type, executor, options));
    }

    /**
     * Puts an executor that answers with a stage in the place of the registered one, as {@link #replace} does.
     *
     * @return the new registration; closing the old one from then on does nothing
     * @throws IllegalStateException if exactly that type has no executor yet
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription replaceAsync(
            Class<J> type, AsyncJobExecutor<? super J, ? extends R> executor) {
        return replaceAsync(type, executor, JobOptions.NONE);
    }

    /**
     * Puts an executor that answers with a stage, with options, in the place of the registered one.
     *
     * @return the new registration; closing the old one from then on does nothing
     * @throws IllegalStateException if exactly that type has no executor yet
     * @throws IllegalArgumentException if the options have an id, a key, a limit per key or a token, which belong to a dispatch
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription replaceAsync(
            Class<J> type, AsyncJobExecutor<? super J, ? extends R> executor, JobOptions options) {
        return executors.replace(type, Route.async(this, type, executor, options));
    }

    /**
     * Registers a driver for the jobs of a type in place of an executor: it has them done elsewhere, later or in its own way.
     *
     * <p>Its jobs count for no limit of this dispatcher, no interceptor is asked at their dispatch, and closing this
     * dispatcher neither waits for them nor ends them: what becomes of them is the driver's to say.
     *
     * @param type the jobs' own class, or a sealed family, as with {@link #register(Class, JobExecutor)}
     * @param options the weakest source; not obeyed here, and handed to the driver with the rest
     * @return the registration; closing it undoes it, and jobs under way stay with the driver
     * @throws IllegalStateException if the type, or a member of the family, has an executor or a driver already
     * @throws IllegalArgumentException if no job can have the type, or the options have what belongs to a dispatch
     */
    public <J extends Job<R>, R extends @Nullable Object> DrivenType<J, R> drive(
            Class<J> type, JobDriver<? super J, R> driver, JobOptions options) {
        Route<R> route = Route.driven(this, type, driver, options);
        return new DriverRegistration<>(acceptance, route, executors.add(type, route));
    }

    /** What is registered now: the types as they were registered, by name, and their executors or drivers; a copy. */
    public Map<Class<?>, Object> executors() {
        return executors.executors();
    }

    /** The jobs of this dispatcher that are in flight now, by id; a copy. */
    public List<JobSnapshot> jobs() {
        return closing.jobs();
    }

    // ---- intercepting ----

    /**
     * Surrounds every attempt of the jobs of a type.
     *
     * <p>All that this method, {@link #interceptAll}, {@link #interceptFamily} and {@link #interceptAsync} declare
     * stands in one order: the first declared is outermost. What stands around an attempt is settled when it begins; one
     * declared or closed meanwhile counts from the next attempt on.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="intercept"}
     *
     * @param type the jobs' class, or any supertype of theirs, sealed or not
     * @return the declaration; closing it undoes it, and attempts under way stay surrounded
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription intercept(
            Class<J> type, JobInterceptor<? super J, R> interceptor) {
        return interceptors.add(type, interceptor);
    }

    /**
     * Surrounds every attempt of the jobs of a type, without holding a thread where the executor holds none.
     *
     * @param type the jobs' class, or any supertype of theirs, sealed or not
     * @return the declaration; closing it undoes it, and attempts under way stay surrounded
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription interceptAsync(
            Class<J> type, AsyncJobInterceptor<? super J, R> interceptor) {
        return interceptors.add(type, interceptor);
    }

    /**
     * Surrounds every attempt of the jobs of a type whose result the compiler cannot tell: a generic record, or a family
     * with several types of results.
     *
     * <p>Nothing checks that a value it gives instead of the executor's is of the type that the job promises; a wrong one
     * shows where it is used.
     *
     * @param type the jobs' class, or any supertype of theirs, sealed or not
     * @return the declaration; closing it undoes it, and attempts under way stay surrounded
     */
    @SuppressWarnings("rawtypes") // Class<? extends Job<?>> would refuse the class of a generic record
    public Subscription interceptFamily(
            Class<? extends Job> type, JobInterceptor<Job<?>, @Nullable Object> interceptor) {
        return interceptors.add(type, interceptor);
    }

    /**
     * Surrounds every attempt of every job. As with {@link #interceptFamily}, nothing checks a value that it gives instead
     * of the executor's.
     *
     * @return the declaration; closing it undoes it, and attempts under way stay surrounded
     */
    public Subscription interceptAll(JobInterceptor<Job<?>, @Nullable Object> interceptor) {
        return interceptors.add(Job.class, interceptor);
    }

    /**
     * Surrounds every attempt of every job, without holding a thread where the executor holds none. As with
     * {@link #interceptFamily}, nothing checks a value that it gives instead of the executor's.
     *
     * @return the declaration; closing it undoes it, and attempts under way stay surrounded
     */
    public Subscription interceptAllAsync(AsyncJobInterceptor<Job<?>, @Nullable Object> interceptor) {
        return interceptors.add(Job.class, interceptor);
    }

    /**
     * Asks at every dispatch, on the dispatching thread, for an interceptor around that one job.
     *
     * <p>What those give stands outside of all that the other methods declare, the first declared outermost. One that
     * throws refuses the dispatch, with what it threw.
     *
     * @return the declaration; closing it undoes it, and jobs under way stay surrounded
     */
    public Subscription interceptDispatch(DispatchInterceptor interceptor) {
        return interceptors.addAtDispatch(interceptor);
    }

    InterceptorTable interceptors() {
        return interceptors;
    }

    // ---- dispatching ----

    /**
     * Hands a job to its executor and returns at once, but for a limit that makes callers wait.
     *
     * <p>The job belongs to no orchestrator: its events are passive for everybody on this dispatcher's bus.
     *
     * @return the way to its ending
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws JobRejectedException if a policy of the job, its registration or this dispatcher turns the job away
     * @throws IllegalStateException if the job's own id is in flight already, or this dispatcher is closed
     * @throws LoopDetectedException if handlers set each other off in a circle, and this dispatch is the next
     */
    public <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job) {
        return dispatch(job, JobOptions.NONE);
    }

    /**
     * Hands a job to its executor, with options; otherwise as {@link #dispatch(Job)}.
     *
     * <p>It returns at once unless a limit is reached that was chosen to wait and ten thousand jobs wait there already:
     * then it waits for room in that line, outside of handlers, and is refused if the waiting thread is interrupted.
     *
     * @param options the strongest source: what is set here wins over the job's options and the registration's
     * @return the way to its ending
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws JobRejectedException if a policy turns the job away
     * @throws IllegalArgumentException if the options have what belongs to a registration
     * @throws IllegalStateException if the job's id is in flight already, or this dispatcher is closed
     */
    public <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options) {
        return accept(job, options, asCaller);
    }

    /**
     * Dispatches a job unless a policy turns it away, for those who expect that; never waits.
     *
     * @return the way to its ending; empty where {@link #dispatch(Job)} would throw a {@link JobRejectedException}
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws IllegalStateException if the job's own id is in flight already, or this dispatcher is closed
     */
    public <R extends @Nullable Object> Optional<JobHandle<R>> tryDispatch(Job<R> job) {
        return tryDispatch(job, JobOptions.NONE);
    }

    /**
     * Dispatches a job with options unless a policy turns it away; otherwise as {@link #tryDispatch(Job)}.
     *
     * @param options the strongest source: what is set here wins over the job's options and the registration's
     * @return the way to its ending; empty where {@link #dispatch(Job, JobOptions)} would throw a
     *     {@link JobRejectedException}, or wait
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws IllegalArgumentException if the options have what belongs to a registration
     * @throws IllegalStateException if the job's id is in flight already, or this dispatcher is closed
     */
    public <R extends @Nullable Object> Optional<JobHandle<R>> tryDispatch(Job<R> job, JobOptions options) {
        return unlessRejected(() -> accept(job, options, asCallerWithoutPatience));
    }

    /** Turns a refusal by a policy into an empty answer. */
    static <R extends @Nullable Object> Optional<JobHandle<R>> unlessRejected(Supplier<JobHandle<R>> dispatching) {
        try {
            return Optional.of(dispatching.get());
        } catch (JobRejectedException rejected) {
            return Optional.empty();
        }
    }

    /**
     * Dispatches a job and waits for its value.
     *
     * <p>An interrupt of the waiting thread cancels the job. What the job threw is thrown as it is, so a job that failed
     * with an {@link InterruptedException} of its own looks as if the caller had been interrupted; {@link #dispatch} and
     * {@link JobHandle#await} tell the two apart.
     *
     * @return the job's value
     * @throws Exception the job's own error, as it was thrown
     * @throws JobCancelledException if the job was cancelled
     * @throws JobTimeoutException if the job's own time limit ended it
     * @throws InterruptedException if the waiting thread was interrupted
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws JobRejectedException if a policy turns the job away
     * @throws IllegalStateException if the job's own id is in flight already, or this dispatcher is closed
     */
    public <R extends @Nullable Object> R run(Job<R> job) throws Exception {
        return run(job, JobOptions.NONE);
    }

    /**
     * Dispatches a job with options and waits for its value; otherwise as {@link #run(Job)}.
     *
     * @param options the strongest source: what is set here wins over the job's options and the registration's
     * @return the job's value
     * @throws Exception the job's own error, as it was thrown, or one of those of {@link #run(Job)}
     */
    public <R extends @Nullable Object> R run(Job<R> job, JobOptions options) throws Exception {
        JobHandle<R> handle = dispatch(job, options);
        JobResult<R> result;
        try {
            result = handle.await(LONG_ENOUGH);
        } catch (InterruptedException interrupted) {
            handle.cancel("the thread that waited for it was interrupted");
            throw interrupted;
        }
        return result.orThrow();
    }

    /** A job of that owner; with a key of the owner's own, or null. */
    <R extends @Nullable Object> JobHandle<R> dispatchFor(
            Inbox owner, Job<R> job, JobOptions options, JobOptions.@Nullable SameKey ofOwner) {
        return accept(
                job, options, ofOwner == null ? owner.asking() : new Asking(owner.bus(), owner, ofOwner, null, false));
    }

    /** A job of that owner; the follower is told which run it is before the owner knows it. */
    <R extends @Nullable Object> JobHandle<R> dispatchFollowed(
            Inbox owner, Job<R> job, JobOptions options, Consumer<JobRun<?>> follower) {
        return accept(job, options, new Asking(owner.bus(), owner, null, null, false, follower));
    }

    /** A job that is under way elsewhere is that owner's from now on. */
    <R extends @Nullable Object> JobHandle<R> adoptFor(Inbox owner, Job<R> job, String id, JobOptions options) {
        return acceptance.adopt(job, id, options, owner.asking());
    }

    <R extends @Nullable Object> JobHandle<R> dispatchChild(Job<R> job, JobOptions options, RunAttempt<?> parent) {
        JobRun<?> run = parent.run();
        return accept(job, options, new Asking(run.bus(), run.owner(), null, parent, true));
    }

    private <R extends @Nullable Object> JobHandle<R> accept(Job<R> job, JobOptions options, Asking asking) {
        return acceptance.accept(
                Objects.requireNonNull(job, "job"), Objects.requireNonNull(options, "options"), asking);
    }

    /** Refuses a job whose type has no executor. */
    void refuseUnknown(Job<?> job) {
        acceptance.refuseUnknown(Objects.requireNonNull(job, "job"));
    }

    void startWorker(JobRun<?> run) {
        Executor chosen = workerOf(run);
        if (chosen != null) chosen.execute(run);
        else bus.scope().threads().start(Role.WORKER, run.id(), run);
    }

    private @Nullable Executor workerOf(JobRun<?> run) {
        Executor ofJob = run.options().worker();
        return ofJob != null ? ofJob : worker;
    }

    /** Whether the run is handed to an executor of the user's, which may block or run it at once. */
    boolean hasWorkerOfUser(JobRun<?> run) {
        return workerOf(run) != null;
    }

    /** Jobs that wait end with the closing of their dispatcher; this one has just begun to. */
    void endIfClosed(JobRun<?> run) {
        closing.endIfClosed(run);
    }

    /** The job's own longer grace does not delay a closing. */
    void endGraceIfOver(JobRun<?> run) {
        closing.endGraceIfOver(run);
    }

    /** The bus of the jobs that no orchestrator dispatches. */
    public SignalBus bus() {
        return bus;
    }

    Acceptance acceptance() {
        return acceptance;
    }

    /** Jobs of this dispatcher may be dispatched on that bus from now on. */
    void serve(SignalBus other) {
        closing.serve(other);
    }

    /** The ending of that run may be told although its code is still inside. */
    void noteInside(JobRun<?> run) {
        closing.noteInside(run);
    }

    void tellingBegins() {
        closing.tellingBegins();
    }

    void tellingIsOver() {
        closing.tellingIsOver();
    }

    void noteLeft(JobRun<?> run) {
        closing.noteLeft(run);
    }

    /**
     * Refuses new jobs from now on, waits for the running ones up to the grace of this dispatcher, cancels those that
     * are left, and returns when every ending was told: at the latest one grace later.
     *
     * <p>Called from a handler or from the thread of one of its own jobs it does not wait; all the rest happens all the
     * same. A thread that only helps such a job, or completes its stage, is not recognized and waits. If the
     * waiting thread is interrupted, the jobs are cancelled at once, and the thread stays interrupted. Closing twice does
     * no harm.
     *
     * @throws IllegalStateException if this is the {@linkplain #global() global} dispatcher
     */
    @Override
    public void close() {
        if (global)
            throw new IllegalStateException(
                    "the global dispatcher is everybody's and cannot be closed; use Dispatcher.create(bus)");
        closing.close();
        acceptance.close();
    }
}
