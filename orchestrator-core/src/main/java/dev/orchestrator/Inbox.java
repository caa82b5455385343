package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What waits for an orchestrator's handlers, and the lane that hands it to them one at a time (P3).
 *
 * <p>Three kinds of things arrive: tokens of own runs, each for one active event; passive events; and tasks. Until the
 * orchestrator has begun they wait (P15); after the closing none is handled any more. The passive events are bounded by the
 * rule that the orchestrator chose, the tasks by a number; the tokens by the runs that are under way (P11).
 */
final class Inbox implements QueuedListener, Lane.Work, Delivery {
    /** The orchestrator, as its inbox sees it. Called on the lane, one call at a time; throws nothing. */
    interface Handlers {
        void active(Envelope envelope, JobRun<?> run);

        void passive(Envelope envelope);

        /** No ending of that run will come; gives what is to be done on the lane, or null. From any thread. */
        @Nullable
        Runnable letGo(JobRun<?> run);

        /** Whether a passive event is for this orchestrator; called on emitting threads. */
        boolean wants(Event event);

        /** Whether it wants to know that a job of its own has started. */
        boolean wantsStarted();

        /** Whether somebody wants to know how far a job is. */
        boolean wantsProgress();

        /** Whether a handler wants to know what the bus knows of an event. */
        boolean wantsInfo();

        /** The handler that is running, in words for people; on the lane, while one runs for that event. */
        String running(Event event);

        void laneRejected(Throwable error);

        String name();
    }

    private static final OverflowRule DEFAULT_RULE = OverflowRule.block(65_536);
    private static final int TASKS = 65_536;
    private static final Duration SOON = Duration.ofMillis(10);
    private static final Duration LONG_WAIT = Duration.ofSeconds(10);
    private static final Time.Timer NO_TIMER = () -> {};

    private final SignalBus bus;
    private final Acceptance.Asking asking; // for every dispatch without a key of this owner's
    private final Handlers handlers;
    private final Outlets<?> outlets;
    private final Construction construction;
    private final Interests interests;
    private final ChosenMailbox mailbox = new ChosenMailbox(DEFAULT_RULE);
    private final Room tasks = new Room(TASKS);
    private final OwnedRuns owned = new OwnedRuns();
    private final RunsByKey keys = new RunsByKey();
    private final IdleWaiters idleWaiters = new IdleWaiters();
    private final Lane lane;

    // Each written once, to true; read by dispatching and emitting threads and by the lane.
    private volatile boolean begun;
    private volatile boolean startWished;
    private volatile boolean somethingWaits;
    private volatile boolean ownThingsWait; // an event of an own job, or a task
    private volatile boolean someAreNotInFlight; // runs of its own, whose endings it has yet to handle
    private volatile boolean closed;

    private volatile @Nullable DispatchOrder order; // made in the user's constructor, if it tracks jobs

    // Null until something waits for an orchestrator that has not begun; NO_TIMER once nobody needs to be warned.
    private final AtomicReference<Time.@Nullable Timer> warning = new AtomicReference<>();

    private @Nullable Object current; // the lane only: what it is just handling

    Inbox(SignalBus bus, Executor executor, Handlers handlers, Class<?> type, Outlets<?> outlets) {
        this.bus = bus;
        this.asking = new Acceptance.Asking(bus, this, null, null, false);
        this.handlers = handlers;
        this.outlets = outlets;
        this.construction = new Construction(type);
        this.interests = new Interests(bus, this);
        this.lane = new Lane(executor, bus.scope(), this, rejected -> {
            if (!closed) handlers.laneRejected(rejected);
        });
    }

    Acceptance.Asking asking() {
        return asking;
    }

    SignalBus bus() {
        return bus;
    }

    Interests interests() {
        return interests;
    }

    /** What the orchestrator is called; never throws. */
    String name() {
        return handlers.name();
    }

    @Override
    public String toString() {
        return "orchestrator " + name();
    }

    OwnedRuns owned() {
        return owned;
    }

    /** The run of its own with that id whose ending it has not begun to handle. */
    @Nullable
    JobRun<?> findOwned(String id) {
        JobRun<?> run = bus.runs().find(id, this);
        return run == null && someAreNotInFlight ? owned.find(id) : run;
    }

    /**
     * Whether a run whose ending is told may stay in flight until this orchestrator handles it. One that has not begun may
     * never do, where its constructor has thrown for instance, and then nobody else must keep it.
     */
    boolean findsInFlightWhatIsTold() {
        if (begun && !closed) return true;
        noteNotInFlight();
        return false;
    }

    /** A run whose ending it has not handled cannot be found in flight any more. */
    void noteNotInFlight() {
        someAreNotInFlight = true;
    }

    /** What is under way with a key of this orchestrator's own. */
    RunsByKey keys() {
        return keys;
    }

    /** The handler that is running for that event, in words for people. On the lane. */
    String runningHandler(Event event) {
        return handlers.running(event);
    }

    boolean isOnLane() {
        return lane.isCurrent();
    }

    boolean isClosed() {
        return closed;
    }

    boolean hasBegun() {
        return begun;
    }

    /** As above, for somebody who is held up: if it was told to start, and can do so by now, it does. */
    boolean hasBegunByNow() {
        if (!begun && startWished) touch();
        return begun;
    }

    /** Chooses what happens when too many passive events wait; false if it has begun. */
    boolean choose(OverflowRule rule) {
        return mailbox.choose(rule);
    }

    // ---- beginning and closing ----

    /** A call came that may be the first from outside; from inside the constructor it begins nothing (P15). */
    void touch() {
        if (begun || !construction.isOver()) return;
        interests.stopGathering();
        begun = true;
        stopWarning();
        mailbox.fix();
        lane.open();
    }

    /** The plain wish to begin, which is kept while the constructor runs. */
    void start() {
        startWished = true;
        touch();
        if (!begun) startLater();
    }

    /** Looks again until the constructor has returned; there may be no further call and no further event. */
    private void startLater() {
        bus.scope()
                .time()
                .schedule(
                        SOON,
                        () -> bus.scope().threads().start(Role.TELLER, "orchestrator-start", () -> {
                            touch();
                            if (!begun) startLater();
                        }));
    }

    /** Stops handling; what is being handled is handled to its end. Gives the jobs that go on; null if it is closed. */
    @Nullable
    List<JobRun<?>> close() {
        if (closed) return null;
        closed = true;
        begun = true;
        stopWarning();
        interests.clear();
        List<JobRun<?>> goOn = owned.release();
        DispatchOrder numbers = order;
        if (numbers != null) goOn.forEach(numbers::forget);
        mailbox.fix();
        wakeEmitters();
        lane.open(); // state subscribers still get their last state and their completion
        idleWaiters.releaseAll();
        return goOn;
    }

    /** Whoever waits for room here looks again. */
    private void wakeEmitters() {
        Room room = mailbox.room();
        if (room != null) room.wakeAll();
        tasks.wakeAll();
    }

    // ---- arriving ----

    /** Takes the run into possession; false if this orchestrator is closed. */
    boolean own(JobRun<?> run) {
        DispatchOrder numbers = order;
        if (numbers != null) numbers.number(run);
        owned.add(run);
        if (!closed) return true;
        owned.remove(run);
        if (numbers != null) numbers.forget(run);
        return false;
    }

    void disown(JobRun<?> run) {
        DispatchOrder numbers = order;
        if (numbers != null) numbers.forget(run);
        owned.remove(run);
        lane.wake(); // somebody may wait until there is no job
    }

    /** No ending of that run of its own will come, although it was accepted; what it has told before is handled. */
    void letGoUntold(JobRun<?> run) {
        Runnable toDo = handlers.letGo(run);
        if (toDo != null) {
            tasks.enter(); // beyond the bound, if need be: there is one per job
            addOwn(toDo);
        }
        disown(run);
    }

    /** From now on the order is known in which jobs of that type are dispatched. In the user's constructor. */
    DispatchOrder orderOf(Class<?> jobType) {
        DispatchOrder known = order;
        if (known == null) order = known = new DispatchOrder();
        known.track(jobType);
        return known;
    }

    /** Whether it wants to know that a job of its own has started; while handlers may still be declared it does. */
    boolean wantsStarted() {
        return !begun || handlers.wantsStarted();
    }

    boolean wantsProgress() {
        return !begun || handlers.wantsProgress();
    }

    void offerToken(JobRun<?> run) {
        if (closed) return;
        if (!begun) ownThingsWait = true;
        add(run);
    }

    /** Takes a task, if need be when there is room for it; drops it if this orchestrator is closed. */
    void offerTask(Runnable task) {
        if (tasks.isClosed()) Admission.passes(bus, null, "the task was not taken", this::tasksInTheWay);
        if (closed) return;
        tasks.enter();
        addOwn(task);
    }

    private @Nullable Full tasksInTheWay(boolean mayWait) {
        if (closed || !(mayWait ? tasks.isClosed() : tasks.isFull())) return null;
        return new Full(
                tasks,
                hasBegunByNow(),
                () -> TASKS + " tasks of onLane wait for orchestrator " + handlers.name(),
                "hand fewer tasks to onLane, or do more in each");
    }

    private void addOwn(Object taskOrMark) {
        if (!begun) ownThingsWait = true;
        add(taskOrMark);
        wake();
    }

    /** Begins a wait for idleness, which ends with the closing too. */
    IdleWaiters.Waiter awaitIdle() {
        var waiter = idleWaiters.add();
        if (!closed) addOwn(waiter);
        if (closed) idleWaiters.releaseAll(); // the lane comes to no mark any more
        return waiter;
    }

    void stopAwaiting(IdleWaiters.Waiter waiter) {
        idleWaiters.remove(waiter);
    }

    @Override
    public boolean offer(Envelope envelope) {
        if (!wants(envelope.event, envelope.run)) return true;
        boolean taken = mailbox.offer(envelope);
        if (!begun) somethingWaits = true;
        return taken;
    }

    private boolean wants(Event event, @Nullable JobRun<?> about) {
        if (closed) return false;
        if (about != null && about.owner() == this) return false; // active: it comes by the run itself
        if (interests.isGathering() && construction.isOver()) interests.stopGathering();
        return interests.isGathering() || handlers.wants(event);
    }

    @Override
    public boolean isClosedToEmitters() {
        Room room = mailbox.room();
        return room != null && room.isClosed();
    }

    @Override
    public @Nullable Full inTheWay(Event event, @Nullable JobRun<?> about, boolean mayWait) {
        Room room = mailbox.room();
        if (room == null || !(mayWait ? room.isClosed() : room.isFull()) || !wants(event, about)) return null;
        return new Full(room, hasBegunByNow(), () -> mailboxName() + " is full", OverflowRule.REMEDY);
    }

    @Override
    public String mailboxName() {
        return "the mailbox of orchestrator " + handlers.name() + " with the rule " + mailbox.rule();
    }

    @Override
    public boolean wantsInfo() {
        return handlers.wantsInfo();
    }

    private void add(Object thing) {
        mailbox.add(thing);
        if (!begun) somethingWaits = true;
    }

    @Override
    public void wake() {
        if (!begun && somethingWaits) beginOrWarn();
        lane.wake();
    }

    private void beginOrWarn() {
        if (startWished) touch();
        if (!begun && warning.get() == null) startWarning();
    }

    @Override
    public void busClosed() {
        wakeEmitters();
    }

    // ---- handling ----

    @Override
    public boolean hasMore() {
        return outlets.hasMore() || mailbox.hasReady();
    }

    @Override
    public boolean doOne() {
        if (closed) mailbox.clear();
        Object next = closed ? null : mailbox.poll();
        if (next == null && !outlets.hasMore()) return false;
        current = next;
        Running.handle(bus, this);
        current = null;
        return true;
    }

    /** Handles one thing between offering the state before it and the one after. State subscribers are handlers too. */
    @Override
    public void deliver(SignalBus there) {
        outlets.flush();
        switch (current) {
            case JobRun<?> run -> deliverActive(run);
            case Envelope envelope -> {
                Running.handling(envelope);
                handlers.passive(envelope);
            }
            case IdleWaiters.Waiter waiter -> idleWaiters.reach(waiter);
            case Runnable task -> {
                tasks.leave();
                task.run();
            }
            case null -> {} // only the state has changed
            default -> throw new AssertionError("nothing else arrives here");
        }
        outlets.flush();
    }

    private void deliverActive(JobRun<?> run) {
        Envelope envelope = run.nextForOwner();
        if (envelope == null) return; // the orchestrator was closed meanwhile
        DrivenRun<?> driven = envelope.last && run instanceof DrivenRun<?> it ? it : null;
        if (driven != null && !driven.beginHandling()) return; // closed meanwhile, and so it was said to the driver
        if (envelope.last) letGo(run); // before the handler: inside it the job is over (P2)
        DispatchOrder numbers = order;
        if (numbers != null) numbers.handling(run, envelope.last);
        Running.handling(envelope);
        handlers.active(envelope, run);
        if (driven != null) driven.handlingIsOver();
    }

    private void letGo(JobRun<?> run) {
        bus.runs().remove(run);
        owned.remove(run);
    }

    @Override
    public void ranDry() {
        if (idleWaiters.isEmpty() || !owned.isEmpty()) return;
        Running.handle(bus, there -> idleWaiters.releaseReached()); // what was attached there runs as a handler does
    }

    // ---- the warning ----

    private void startWarning() {
        Time.Timer timer = bus.scope().time().schedule(LONG_WAIT, this::warn);
        if (!warning.compareAndSet(null, timer) || begun) timer.cancel();
    }

    private void stopWarning() {
        Time.Timer timer = warning.getAndSet(NO_TIMER);
        if (timer != null) timer.cancel();
    }

    private void warn() {
        if (begun) return;
        if (!ownThingsWait && interests.isEmpty()) {
            warning.set(null); // what waits was gathered while nobody knew whether it would be wanted
            return;
        }
        warning.set(NO_TIMER);
        String text = "orchestrator " + handlers.name() + " lets its events wait for " + LONG_WAIT.toSeconds()
                + " s and more: nobody has called it from outside. Call start() on one that nobody asks anything";
        bus.scope().threads().start(Role.TELLER, "orchestrator-warning", () -> Log.warning(text));
    }
}
