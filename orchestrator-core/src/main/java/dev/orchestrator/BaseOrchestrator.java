package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The base of an orchestrator: it keeps one immutable state, decides which jobs to dispatch, and reads the events.
 *
 * <p>Events of the jobs that it dispatched, and of their children, are <em>active</em> and go to the {@code onActive...}
 * hooks and to the handlers declared with {@link #on}. All other events on its bus are <em>passive</em> and go to
 * {@link #onPassiveEvent} and to the handlers declared with {@code observe}; one that overrides no {@code onPassiveEvent}
 * is asked only about what it observes (P12).
 *
 * <p><b>Threads.</b> Hooks and handlers run on the orchestrator's <em>lane</em>, one at a time, and each sees what the one
 * before it wrote (P3). Intents, the methods that its users call, run on their caller's thread, beside the handlers: what
 * both touch belongs into the state ({@link #update}) or into {@link #onLane}. Every method here may be called from any
 * thread.
 *
 * <p><b>Beginning.</b> No handler runs before the constructor has returned. The orchestrator begins with the first call
 * from outside, or with {@link #start}; what was emitted since the constructor began waits until then (P15). Handlers are
 * declared before that, in the constructor.
 *
 * <p><b>Errors.</b> What a hook or handler throws is logged and told to the bus's error handler; the lane goes on (P5).
 *
 * {@snippet class="dev.orchestrator.Snippets" region="orchestrator"}
 *
 * @param <S> the type of the state: immutable, with an {@code equals} that compares what is in it
 */
public abstract non-sealed class BaseOrchestrator<S> extends StateHolder<S> implements AutoCloseable {
    private final Dispatcher dispatcher;
    private final HandlerTable handlers;
    private final Inbox inbox;

    private volatile boolean cancelWhenClosed; // written before the closing, read by it

    // Each written in the user's constructor, read by dispatching threads, the lane and whoever closes.
    private volatile @Nullable FollowedRuns followed; // null unless something waits for endings
    private volatile List<Refetch> refetches = List.of();

    /**
     * Makes an orchestrator on the global dispatcher and bus.
     *
     * @param initial the first state
     */
    protected BaseOrchestrator(S initial) {
        this(initial, Dispatcher.global(), SignalBus.global());
    }

    /**
     * Makes an orchestrator whose lane is a virtual thread while there is something to handle.
     *
     * @param initial the first state
     * @param dispatcher who takes its jobs
     * @param bus where the events of its jobs go, and what it observes
     */
    protected BaseOrchestrator(S initial, Dispatcher dispatcher, SignalBus bus) {
        this(initial, dispatcher, bus, turn -> bus.scope().threads().start(Role.LANE, "orchestrator-lane", turn));
    }

    /**
     * Makes an orchestrator with a lane of the caller's choice, for instance a user interface's thread.
     *
     * <p>Handlers run on that executor, one at a time even if it has many threads. If it rejects a turn, the orchestrator
     * is closed; its jobs go on.
     *
     * @param initial the first state
     * @param dispatcher who takes its jobs
     * @param bus where the events of its jobs go, and what it observes
     * @param lane where its handlers run
     */
    @SuppressWarnings("this-escape") // the inbox hands nothing to this object before its constructor has returned (P15)
    protected BaseOrchestrator(S initial, Dispatcher dispatcher, SignalBus bus, Executor lane) {
        super(initial, bus);
        Objects.requireNonNull(lane, "lane");
        this.dispatcher = Objects.requireNonNull(dispatcher, "dispatcher");
        var wall = bus.scope().wall();
        this.handlers = new HandlerTable(wall);
        var overridden = OverriddenHooks.of(getClass());
        this.inbox = new Inbox(bus, lane, new EventRouter(this, overridden, handlers, wall), getClass(), outlets);
        dispatcher.serve(bus);
        if (overridden.passiveEvent()) inbox.interests().declare(Event.class);
        inbox.interests().startGathering();
        tellProbeOpened();
    }

    @Override
    final Inbox inbox() {
        return inbox;
    }

    final Dispatcher dispatcher() {
        return dispatcher;
    }

    @Override
    final BaseOrchestrator<S> self() {
        return this;
    }

    /** What it is called in logs: the class's name unless overridden. Stable across restarts where the user says so. */
    public String name() {
        return Ids.nameOf(getClass());
    }

    /**
     * Begins to handle events, for an orchestrator that nobody asks anything; later calls do nothing.
     *
     * <p>Called inside the constructor it takes effect with the first event after the constructor has returned.
     */
    public final void start() {
        inbox.start();
    }

    // ---- what it sets in motion ----

    /**
     * Hands a job to its executor and returns at once; the job is this orchestrator's own.
     *
     * @return the way to its ending; it may be dropped
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws IllegalStateException if the job's own id is in flight already, or the dispatcher or this is closed
     * @throws LoopDetectedException if handlers set each other off in a circle, and this dispatch is the next
     */
    public final <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job) {
        return dispatch(job, JobOptions.NONE);
    }

    /**
     * Hands a job to its executor, with options; otherwise as {@link #dispatch(Job)}.
     *
     * @param options the strongest source: what is set here wins over the job's options and the registration's
     * @return the way to its ending; it may be dropped
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws JobRejectedException if a policy turns the job away; this call never waits, since its caller may be a screen
     * @throws IllegalArgumentException if the options have what belongs to a registration
     * @throws IllegalStateException if the job's id is in flight already, or the dispatcher or this is closed
     */
    public final <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options) {
        return dispatchWith(job, options, null);
    }

    private <R extends @Nullable Object> JobHandle<R> dispatchWith(
            Job<R> job, JobOptions options, JobOptions.@Nullable SameKey ofOwner) {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(options, "options");
        inbox.touch();
        return dispatcher.dispatchFor(inbox, job, options, ofOwner);
    }

    /**
     * Owns a job that is under way elsewhere, for instance since before a restart; its events are active from now on.
     *
     * <p>The job's type has a {@linkplain Dispatcher#drive driver}, which knows the job by its id.
     *
     * @param job what was wanted
     * @param id the id with which it was dispatched; it wins over an id that the job has
     * @param options what the dispatch asked for; an id in them is ignored
     * @return the way to its ending; it may be dropped
     * @throws ExecutorNotFoundException if nothing is registered for the job's type
     * @throws IllegalArgumentException if an executor does the jobs of that type, and no driver; or if {@code id} is blank
     * @throws IllegalStateException if the id is in flight on this bus, or the dispatcher or this is closed
     * @throws UnsupportedOperationException if the jobs of that driver outlive no process
     */
    public final <R extends @Nullable Object> JobHandle<R> adopt(Job<R> job, String id, JobOptions options) {
        Objects.requireNonNull(job, "job");
        Ids.checked(id, "a job's id");
        Objects.requireNonNull(options, "options");
        inbox.touch();
        return dispatcher.adoptFor(inbox, job, id, options);
    }

    /**
     * Dispatches a job unless a policy turns it away, for those who expect that.
     *
     * @return the way to its ending; empty where {@link #dispatch(Job)} would throw a {@link JobRejectedException}
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws IllegalStateException if the job's own id is in flight already, or the dispatcher or this is closed
     */
    public final <R extends @Nullable Object> Optional<JobHandle<R>> tryDispatch(Job<R> job) {
        return tryDispatch(job, JobOptions.NONE);
    }

    /**
     * Dispatches a job with options unless a policy turns it away; otherwise as {@link #tryDispatch(Job)}.
     *
     * @param options the strongest source: what is set here wins over the job's options and the registration's
     * @return the way to its ending; empty where {@link #dispatch(Job, JobOptions)} would throw a
     *     {@link JobRejectedException}
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws IllegalArgumentException if the options have what belongs to a registration
     * @throws IllegalStateException if the job's id is in flight already, or the dispatcher or this is closed
     */
    public final <R extends @Nullable Object> Optional<JobHandle<R>> tryDispatch(Job<R> job, JobOptions options) {
        return Dispatcher.unlessRejected(() -> dispatch(job, options));
    }

    /**
     * Dispatches a job in the place of the one that this orchestrator dispatched with the same key before.
     *
     * <p>That one is cancelled, whatever its type, and the new one starts when its code has left, or when its grace is
     * over. One that still waits for that is cancelled without having started.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="dispatch-latest"}
     *
     * @param key anything with {@code equals} and {@code hashCode}; it belongs to this orchestrator
     * @return the way to its ending; it may be dropped
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws JobRejectedException if a limit turns the job away
     * @throws IllegalArgumentException if {@code key} is a blank string
     * @throws IllegalStateException if the job's own id is in flight already, or the dispatcher or this is closed
     */
    public final <R extends @Nullable Object> JobHandle<R> dispatchLatest(Object key, Job<R> job) {
        return dispatchLatest(key, job, JobOptions.NONE);
    }

    /**
     * Dispatches a job with options in the place of the one with the same key; otherwise as
     * {@link #dispatchLatest(Object, Job)}.
     *
     * @param options the strongest source; without a key of their own
     * @return the way to its ending; it may be dropped
     * @throws IllegalArgumentException also if the options have a key, or what belongs to a registration
     */
    public final <R extends @Nullable Object> JobHandle<R> dispatchLatest(Object key, Job<R> job, JobOptions options) {
        Objects.requireNonNull(options, "options");
        return dispatchWith(job, options.checkedWithoutKey(), JobOptions.keyed(key, new SameKeyRule.Replace()));
    }

    /**
     * Dispatches a job unless one that this orchestrator dispatched with the same key is under way.
     *
     * @param key anything with {@code equals} and {@code hashCode}; it belongs to this orchestrator
     * @return the way to its ending; empty if another one is under way, or a limit turns this one away
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws IllegalArgumentException if {@code key} is a blank string
     * @throws IllegalStateException if the job's own id is in flight already, or the dispatcher or this is closed
     */
    public final <R extends @Nullable Object> Optional<JobHandle<R>> dispatchIfIdle(Object key, Job<R> job) {
        return dispatchIfIdle(key, job, JobOptions.NONE);
    }

    /**
     * Dispatches a job with options unless one with the same key is under way; otherwise as
     * {@link #dispatchIfIdle(Object, Job)}.
     *
     * @param options the strongest source; without a key of their own
     * @return the way to its ending; empty if another one is under way, or a limit turns this one away
     * @throws IllegalArgumentException also if the options have a key, or what belongs to a registration
     */
    public final <R extends @Nullable Object> Optional<JobHandle<R>> dispatchIfIdle(
            Object key, Job<R> job, JobOptions options) {
        Objects.requireNonNull(options, "options");
        var ofOwner = JobOptions.keyed(key, new SameKeyRule.Drop());
        return Dispatcher.unlessRejected(() -> dispatchWith(job, options.checkedWithoutKey(), ofOwner));
    }

    /**
     * Dispatches several jobs, in their order.
     *
     * <p>The executors of all of them are looked up first, so an unknown type stops them all. A later refusal is thrown and
     * leaves those before it running.
     *
     * @param jobs the jobs; a copy is taken
     * @return the ways to their endings, in the same order
     * @throws ExecutorNotFoundException if the type of one of them has no executor; then none was dispatched
     * @throws JobRejectedException if a policy turns one of them away
     * @throws IllegalStateException if the id of one is in flight already, or the dispatcher or this is closed
     */
    public final <R extends @Nullable Object> List<JobHandle<? extends R>> dispatchAll(
            Collection<? extends Job<? extends R>> jobs) {
        var copy = new ArrayList<Job<? extends R>>(Objects.requireNonNull(jobs, "jobs"));
        copy.forEach(dispatcher::refuseUnknown);
        var handles = new ArrayList<JobHandle<? extends R>>(copy.size());
        for (Job<? extends R> job : copy) handles.add(dispatch(job));
        return handles;
    }

    /**
     * Emits an event onto this orchestrator's bus; it comes back as passive, like anybody's.
     *
     * <p>{@link #emit} is for the state.
     *
     * @throws IllegalArgumentException if {@code event} is a {@link JobEvent}; those come from runs alone
     * @throws IllegalStateException if the bus is closed, or for a full mailbox as {@link SignalBus#emit} says
     * @throws LoopDetectedException if handlers set each other off in a circle, and this one is the next
     */
    protected final void signal(Event event) {
        inbox.touch();
        bus().emit(event);
    }

    /**
     * Runs a task as a handler runs: on the lane, in the order of arrival, never beside a handler.
     *
     * <p>A task is never dropped. While 65,536 of them wait, this waits too (P11). After {@link #close} it does nothing.
     *
     * @throws IllegalStateException if 65,536 tasks wait, and this thread is running a handler or is interrupted while it
     *     waits, or this orchestrator has not begun; then the task was not taken
     */
    protected final void onLane(Runnable task) {
        Objects.requireNonNull(task, "task");
        inbox.touch();
        inbox.offerTask(() -> bus().scope().wall().run("a task on the lane of orchestrator " + inbox.name(), task));
    }

    // ---- its jobs ----

    /**
     * Cancels a job of its own, a child included.
     *
     * @return whether this call decided the ending; false if there is no such job or its ending was decided before
     */
    public final boolean cancel(String jobId) {
        return cancel(jobId, "cancelled by its orchestrator " + inbox.name());
    }

    /**
     * Cancels a job of its own, a child included.
     *
     * @param reason why, in words for people; it is in the event
     * @return whether this call decided the ending; false if there is no such job or its ending was decided before
     * @throws IllegalArgumentException if {@code reason} is blank
     */
    public final boolean cancel(String jobId, String reason) {
        Objects.requireNonNull(jobId, "jobId");
        Ids.checked(reason, "the reason of a cancellation");
        inbox.touch();
        JobRun<?> run = inbox.findOwned(jobId);
        return run != null && run.cancel(reason);
    }

    /**
     * Cancels all its jobs, children included.
     *
     * @return how many endings this call decided
     */
    public final int cancelAll() {
        return cancelAll("cancelled by its orchestrator " + inbox.name());
    }

    /**
     * Cancels all its jobs, children included.
     *
     * @param reason why, in words for people; it is in their events
     * @return how many endings this call decided
     * @throws IllegalArgumentException if {@code reason} is blank
     */
    public final int cancelAll(String reason) {
        Ids.checked(reason, "the reason of a cancellation");
        inbox.touch();
        return StopWalk.cancelAll(inbox.owned().all(), reason, false);
    }

    /** Whether it has a job whose ending it has not begun to handle; children count. */
    public final boolean hasActiveJobs() {
        inbox.touch();
        return !inbox.owned().isEmpty();
    }

    /** Whether a job of its own with that id is under way. */
    public final boolean isRunning(String jobId) {
        Objects.requireNonNull(jobId, "jobId");
        inbox.touch();
        return inbox.findOwned(jobId) != null;
    }

    /** Whether a job of its own of that type is under way; a family's type stands for its members. */
    public final boolean isRunning(Class<?> jobType) {
        Objects.requireNonNull(jobType, "jobType");
        inbox.touch();
        return inbox.owned().hasAny(jobType);
    }

    /** The latest report of a job of its own; empty if there is none, or the job is not under way. */
    public final Optional<JobProgress> progress(String jobId) {
        Objects.requireNonNull(jobId, "jobId");
        inbox.touch();
        JobRun<?> run = inbox.findOwned(jobId);
        return run == null ? Optional.empty() : Optional.ofNullable(run.latestProgress());
    }

    /**
     * A stage that completes when no job is active, the mailbox is empty and the last state was offered to its
     * subscribers; or when this orchestrator is closed.
     *
     * <p>What is attached without an executor of its own runs on the lane, so it should be short.
     */
    public final CompletionStage<Void> idle() {
        inbox.touch();
        return inbox.awaitIdle().released.minimalCompletionStage();
    }

    /**
     * Waits until no job is active, the mailbox is empty and the last state was offered to its subscribers.
     *
     * @param limit how long to wait at most
     * @throws TimeoutException if the wait is over first; it names what is still under way
     * @throws InterruptedException if the waiting thread is interrupted
     * @throws IllegalStateException if called on the lane itself, which would wait for itself
     */
    public final void awaitIdle(Duration limit) throws TimeoutException, InterruptedException {
        Objects.requireNonNull(limit, "limit");
        if (inbox.isOnLane()) {
            throw new IllegalStateException("awaitIdle was called on the lane of orchestrator " + name()
                    + ", which would wait for itself; use idle() there");
        }
        inbox.touch();
        var waiter = inbox.awaitIdle();
        try {
            if (bus().scope().threads().await(waiter.released, limit)) return;
        } finally {
            inbox.stopAwaiting(waiter);
        }
        throw new TimeoutException("orchestrator " + name() + " was not idle after " + limit + ": it has "
                + inbox.owned() + " under way, and its handlers may have events waiting");
    }

    // ---- hooks ----

    /** A worker has begun with a job of its own. */
    protected void onActiveStarted(JobStartedEvent event) {}

    /** A job of its own told how far it is. */
    protected void onActiveProgress(JobProgressEvent event) {}

    /** An attempt of a job of its own failed, and another one will be made. */
    protected void onActiveRetrying(JobRetryingEvent event) {}

    /** A job of its own ended well. */
    protected void onActiveSuccess(JobSuccessEvent<?> event) {}

    /** A job of its own failed. */
    protected void onActiveFailure(JobFailureEvent event) {}

    /** A job of its own was cancelled. */
    protected void onActiveCancelled(JobCancelledEvent event) {}

    /** The time of a job of its own was up. */
    protected void onActiveTimeout(JobTimeoutEvent event) {}

    /** A job of its own emitted an event of the user's. */
    protected void onActiveEvent(Event event) {}

    /**
     * Something happened on its bus that is not about a job of its own.
     *
     * <p>Overriding this makes the orchestrator interested in every event of its bus; {@code observe} is cheaper.
     */
    protected void onPassiveEvent(Event event) {}

    // ---- typed handlers ----

    /**
     * Begins to declare what happens at each turn in the life of its own jobs of a type, or of a family of types.
     *
     * @throws IllegalStateException if this orchestrator has begun; declare handlers in the constructor
     */
    protected final <J extends Job<R>, R extends @Nullable Object> JobHandlers<J, R> on(Class<J> jobType) {
        Objects.requireNonNull(jobType, "jobType");
        refuseIfBegun("declare handlers");
        return new JobHandlers<>(this, jobType);
    }

    /**
     * Folds what its own jobs of a type tell into a field of the state: loading, ready or failed.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="track"}
     *
     * <p>Of several such jobs the one counts that was dispatched last; what the others still tell changes nothing. The
     * field is loading as soon as a worker has begun. It begins as {@link AsyncState#idle()}, whatever the first state has;
     * who sets the field otherwise too tells how to read it, see {@link #track(Class, Function, BiFunction)}.
     *
     * @param jobType a type of jobs, or a family's
     * @param wither gives a state with another value of the field; may be called more than once and must only compute
     * @throws IllegalStateException if this orchestrator has begun; declare it in the constructor
     */
    protected final <J extends Job<R>, R extends @Nullable Object> void track(
            Class<J> jobType, BiFunction<? super S, ? super AsyncState<R>, ? extends S> wither) {
        trackWith(jobType, null, wither);
    }

    /**
     * Folds what its own jobs of a type tell into a field of the state that something else may set too; otherwise as
     * {@link #track(Class, BiFunction)}.
     *
     * @param reader gives the field's value
     * @param wither gives a state with another value of the field; may be called more than once and must only compute
     * @throws IllegalStateException if this orchestrator has begun; declare it in the constructor
     */
    protected final <J extends Job<R>, R extends @Nullable Object> void track(
            Class<J> jobType,
            Function<? super S, AsyncState<R>> reader,
            BiFunction<? super S, ? super AsyncState<R>, ? extends S> wither) {
        trackWith(jobType, Objects.requireNonNull(reader, "reader"), wither);
    }

    private <R extends @Nullable Object> void trackWith(
            Class<? extends Job<R>> jobType,
            @Nullable Function<? super S, AsyncState<R>> reader,
            BiFunction<? super S, ? super AsyncState<R>, ? extends S> wither) {
        Objects.requireNonNull(jobType, "jobType");
        refuseIfBegun("track jobs");
        var tracker = new StateTracker<S, R>(inbox.orderOf(jobType), reader, wither);
        handlers.addActive(jobType, JobEvent.class, "track(" + Ids.nameOf(jobType) + ")", (job, event) -> {
            var change = tracker.change(event);
            if (change != null) update(change);
        });
    }

    /**
     * Begins to change a field of the state before jobs have made the change true: at once, confirmed by the job's success,
     * undone by its failure, timeout or cancellation.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="patches"}
     *
     * <p>{@link #undo} and {@link #redo} leave the field as it is.
     *
     * @param reader gives the field's value; may be called more than once and must only compute
     * @param wither gives a state with another value of the field; may be called more than once and must only compute
     * @return what applies patches; to be kept in a field of the orchestrator
     * @throws IllegalStateException if this orchestrator has begun; declare it in the constructor
     */
    protected final <T extends @Nullable Object> Patches<T> patches(
            Function<? super S, Optimistic<T>> reader,
            BiFunction<? super S, ? super Optimistic<T>, ? extends S> wither) {
        var field = new PatchedField<>(this, reader, wither);
        refuseIfBegun("declare patches");
        follow();
        leaveOnMove(field::carry);
        return new Patches<>(this, field);
    }

    /**
     * Begins to declare when a job of this orchestrator is dispatched again: at an interval, at events, on demand.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="refetch"}
     *
     * @param job gives the job of each run; called on the lane
     * @throws IllegalStateException if this orchestrator has begun; declare it in the constructor
     */
    protected final Refetch refetch(Supplier<? extends Job<?>> job) {
        return refetch(job, JobOptions.NONE);
    }

    /**
     * Begins to declare when a job of this orchestrator is dispatched again, with options; otherwise as
     * {@link #refetch(Supplier)}.
     *
     * @param job gives the job of each run; called on the lane
     * @param options as for {@link #dispatch(Job, JobOptions)}, of each run
     * @throws IllegalStateException if this orchestrator has begun; declare it in the constructor
     */
    protected final Refetch refetch(Supplier<? extends Job<?>> job, JobOptions options) {
        var refetch = new Refetch(this, job, options);
        refuseIfBegun("declare a refetch");
        follow();
        var all = new ArrayList<>(refetches);
        all.add(refetch);
        refetches = List.copyOf(all);
        return refetch;
    }

    private void follow() {
        if (followed == null) followed = new FollowedRuns();
    }

    /** As {@link #dispatch(Job, JobOptions)}; for those whose declaration has called {@link #follow}. */
    final <R extends @Nullable Object> JobHandle<R> dispatchFollowed(
            Job<R> job, JobOptions options, FollowedRuns.Follower follower) {
        inbox.touch();
        return Objects.requireNonNull(followed).dispatch(dispatcher, inbox, job, options, follower);
    }

    /** What waits for the ending of that run, which is about to be handled; null if nothing does. */
    final FollowedRuns.@Nullable Follower followerOf(JobRun<?> run) {
        FollowedRuns runs = followed;
        return runs == null ? null : runs.take(run);
    }

    /** How many runs something waits for. */
    final int countFollowed() {
        FollowedRuns runs = followed;
        return runs == null ? 0 : runs.size();
    }

    /**
     * Declares what happens at a passive event of a type, its subtypes included.
     *
     * @throws IllegalStateException if this orchestrator has begun; declare handlers in the constructor
     */
    protected final <E extends Event> void observe(Class<E> eventType, Consumer<? super E> handler) {
        Objects.requireNonNull(handler, "handler");
        declarePassive(eventType, null, (event, envelope) -> handler.accept(eventType.cast(event)));
    }

    /**
     * Declares what happens at a passive event of a type, with what the bus knows of it.
     *
     * @throws IllegalStateException if this orchestrator has begun; declare handlers in the constructor
     */
    protected final <E extends Event> void observeWithInfo(
            Class<E> eventType, BiConsumer<? super E, ? super EventInfo> handler) {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(eventType, "eventType");
        refuseIfBegun("declare handlers");
        handlers.addPassiveWithInfo(
                eventType,
                "observeWithInfo(" + Ids.nameOf(eventType) + ")",
                (event, envelope) -> handler.accept(eventType.cast(event), envelope.info(bus())));
        inbox.interests().declare(eventType);
    }

    /**
     * Declares what happens when somebody else's job of a type ended well.
     *
     * @throws IllegalStateException if this orchestrator has begun; declare handlers in the constructor
     */
    @SuppressWarnings(
            "unchecked") // the data of a success of a J is an R: register ties the executor's result to the job's
    protected final <J extends Job<R>, R extends @Nullable Object> void observeSuccess(
            Class<J> jobType, BiConsumer<? super J, ? super R> handler) {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(jobType, "jobType");
        declarePassive(JobSuccessEvent.class, jobType, (event, envelope) -> {
            var success = (JobSuccessEvent<?>) event;
            handler.accept(jobType.cast(success.job()), (R) success.data());
        });
    }

    /**
     * Chooses what happens when too many passive events wait; {@code block(65_536)} if not called.
     *
     * <p>Events of its own jobs and terminal events are always accepted. A rule that blocks is not for a lane that runs on
     * a thread which also emits outside of handlers, as a user interface's may: that thread would wait for itself.
     *
     * @throws IllegalStateException if this orchestrator has begun; choose in the constructor
     */
    protected final void mailbox(OverflowRule rule) {
        Objects.requireNonNull(rule, "rule");
        if (inbox.isClosed() || !inbox.choose(rule)) refuseIfBegun("choose the mailbox's rule");
    }

    private void declarePassive(
            Class<? extends Event> eventType, @Nullable Class<?> jobType, BiConsumer<Event, Envelope> handler) {
        Objects.requireNonNull(eventType, "eventType");
        String what = jobType == null ? "observe(" + Ids.nameOf(eventType) : "observeSuccess(" + Ids.nameOf(jobType);
        observeAs(what + ")", eventType, jobType, handler);
    }

    /** A job of this orchestrator told something; costs a look at an empty list where nothing is fetched again. */
    final void tellRefetches(Event event, JobRun<?> run) {
        List<Refetch> all = refetches;
        if (all.isEmpty()) return;
        for (Refetch each : all) each.heard(event, run.id());
    }

    final void observeAs(
            String what,
            Class<? extends Event> eventType,
            @Nullable Class<?> jobType,
            BiConsumer<Event, Envelope> handler) {
        refuseIfBegun("declare handlers");
        handlers.addPassive(eventType, jobType, what, handler);
        inbox.interests().declare(eventType);
    }

    void declare(
            Class<?> jobType, Class<? extends JobEvent> eventType, String what, BiConsumer<Job<?>, JobEvent> handler) {
        declareAs("on(" + Ids.nameOf(jobType) + ")." + what, jobType, eventType, handler);
    }

    final void declareAs(
            String what, Class<?> jobType, Class<? extends JobEvent> eventType, BiConsumer<Job<?>, JobEvent> handler) {
        refuseIfBegun("declare handlers");
        handlers.addActive(jobType, eventType, what, handler);
    }

    /**
     * Stops handling, completes the state stream and lets go of the bus; the last state stays readable.
     *
     * <p>Its jobs go on. A handler that is just running on another thread runs to its end and is not waited for; no
     * further one begins. Closing twice does no harm; overriding methods call this one.
     */
    @Override
    public void close() {
        closeNow();
    }

    /** Whether it was closed: then it handles nothing more and dispatches nothing, for good. Any thread may ask. */
    public final boolean isClosed() {
        return inbox.isClosed();
    }

    /**
     * Closes, and cancels the running jobs if that is wished; otherwise as {@link #close()}, which is called.
     *
     * <p>This orchestrator handles none of the endings: they reach the handles and whoever observes them.
     */
    public final void close(CancelRunning running) {
        Objects.requireNonNull(running, "running");
        if (running == CancelRunning.YES) cancelWhenClosed = true;
        close();
    }

    final void closeNow() {
        List<JobRun<?>> goOn = inbox.close();
        if (goOn == null) return;
        handlers.close();
        refetches.forEach(Refetch::close);
        FollowedRuns runs = followed;
        if (runs != null) runs.clear();
        freeze();
        if (cancelWhenClosed) {
            String reason = "its orchestrator " + inbox.name() + " was closed";
            StopWalk.cancelAll(goOn, reason, false);
        }
    }
}
