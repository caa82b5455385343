package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.Clock;
import com.github.kagkarlsson.scheduler.task.Execution;
import dev.orchestrator.Event;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.durable.Store.NewJob;
import dev.orchestrator.durable.Store.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Does durable jobs in this process: claims due works, makes attempts, records what comes of them, and keeps the house.
 *
 * <p>The queue is db-scheduler's; what is added here is what a work means. Everything is told to a {@link Listener} when it
 * is recorded. All methods may be called from any thread.
 */
final class Engine implements AutoCloseable {
    private static final int HEARTBEATS = 4;
    private static final Duration SOON = Duration.ofMillis(10);

    private final Store store;
    private final Settings settings;
    private final Node node;
    private final SignalBus bus;
    private final KindTable kinds;
    private final ConditionWatch conditions;
    private final Patience patience;
    private final Works works = new Works();
    private final AtomicBoolean isToWakeSoon = new AtomicBoolean();
    private final Glances glances;
    private final Recurring recurring;
    private final Leases leases;
    private final Worker worker;
    private final Claims claims;
    private final FirstClaims firstClaims;
    private final QueueScheduler scheduler;
    private final Sweeper sweeper;
    private final Payloads payloads;
    private final Closing closing;

    private final Round saysAlive;
    private final Round looksForWishes;
    private final Round watchesLeases;
    private final Round queuesRecurring;

    /**
     * Makes it; nothing happens before {@link #start}.
     *
     * @param node this process
     * @param kinds those that are registered; asked again and again
     * @param events how events are stored; refuses those whose class is not registered
     * @param usersBus whose clock and threads are used
     */
    Engine(
            Store store,
            Settings settings,
            Node node,
            Supplier<? extends Collection<? extends Kind<?, ?>>> kinds,
            Payloads payloads,
            Function<? super Event, EncodedEvent> events,
            SignalBus usersBus,
            Listener listener) {
        this.store = store;
        this.settings = settings;
        this.node = node;
        this.payloads = payloads;
        this.bus = SignalBus.builder()
                .time(usersBus.time())
                .threads(usersBus.threads())
                .build();
        this.patience = new Patience(bus.time());
        this.conditions = new ConditionWatch(store, usersBus, this::wake);
        this.kinds = new KindTable(kinds, conditions, store);
        this.glances = new Glances(store);
        this.recurring = new Recurring(patience);
        this.leases = new Leases(store, works, usersBus, settings.lease());
        var tools = new Tools(
                store,
                settings,
                node.id(),
                this.kinds,
                conditions,
                payloads,
                events,
                bus,
                listener,
                patience,
                works,
                glances,
                this::wake);
        this.worker = new Worker(tools);
        Clock clock = () -> Instant.ofEpochMilli(store.now());
        var tasks = new QueueTasks(clock, recurring, name -> new WorkTask(name, this::work, this::dead));
        this.claims = new Claims(works, glances, this.kinds, recurring, settings.workers());
        this.scheduler = QueueScheduler.create(store, settings, node.id(), tasks, claims, clock, leases);
        works.afterEach(this::claimMore);
        this.firstClaims = new FirstClaims(tools, claims, this::begin);
        this.sweeper = new Sweeper(store, settings, listener, usersBus);
        Duration beat = settings.lease().dividedBy(HEARTBEATS);
        this.saysAlive = new Round("saying that this process is alive", beat, this::sayAlive, usersBus);
        this.looksForWishes = new Round("looking for cancelled jobs", settings.poll(), this::obeyWishes, usersBus);
        this.watchesLeases = new Round("watching leases", beat, leases::watch, usersBus);
        this.queuesRecurring =
                new Round("queueing recurring jobs", beat, () -> recurring.queue(scheduler, clock), usersBus);
        this.closing = new Closing(bus.time(), usersBus.threads(), works, settings.grace(), this::stopAll);
    }

    /**
     * Begins to claim works.
     *
     * @throws DurableStoreException if the database is not there
     */
    void start() {
        sayAlive();
        kindsChanged();
        scheduler.start();
        List.of(saysAlive, looksForWishes, watchesLeases).forEach(Round::start);
        queuesRecurring.now();
        sweeper.start();
        store.onWake(() -> {
            wake();
            looksForWishes.now();
        });
    }

    private void sayAlive() {
        var known = new ArrayList<>(kinds.known());
        known.addAll(recurring.tasks());
        store.alive(node, settings.lease(), known);
    }

    /** At once if many workers are free, else soon: the others may be busy for hours. */
    private void claimMore() {
        if (claims.isToClaimMore()) wake();
        else if (claims.isMore() && isToWakeSoon.compareAndSet(false, true))
            bus.time().schedule(SOON, () -> {
                isToWakeSoon.set(false);
                wake();
            });
    }

    private void begin(Execution claimed) {
        scheduler.execute(claimed, () -> work(claimed));
    }

    // ---- what db-scheduler calls ----

    private void work(Execution execution) {
        try {
            worker.work(Leases.claimOf(execution));
        } finally {
            works.over();
        }
    }

    private void dead(Execution execution) {
        if (node.id().equals(execution.pickedBy) && leases.isOurs(execution)) return;
        int most = settings.mostCrashes();
        try {
            store.crashed(Leases.claimOf(execution), most, Errors.ending(new WorkerLostException(most), payloads));
        } catch (LostClaimException faster) {
            return; // another node has found it
        }
        wake();
        store.wakeOthers();
    }

    // ---- what the front calls ----

    /** Stores a job, whose work begins at once if a worker is free here; else who is to begin is told. */
    Dispatched dispatch(NewJob job) {
        Dispatched done = firstClaims.dispatch(job);
        if (done instanceof Dispatched.Added(boolean dueNow) && dueNow) {
            claims.noteWaiting();
            wake();
            store.wakeOthers();
        }
        return done;
    }

    /** KindTable were registered or taken back. */
    void kindsChanged() {
        kinds.conditionsHere().forEach(conditions::watch);
        saysAlive.now();
        wake();
    }

    /**
     * Has a tick once in the cluster each time the recurrence says, on one of the processes that ask for it by that name.
     *
     * @param onTick gets the time of the tick; after a crash it may get the same one again, here or elsewhere
     * @throws IllegalStateException if there is one with that name here
     */
    void recurring(String name, Recurrence when, Consumer<? super Instant> onTick) {
        recurring.add(name, when, onTick);
        queuesRecurring.now();
    }

    /**
     * Whether its ending was recorded here a moment ago and is about to be told by its worker, with the very value or error. The
     * code of that one has left; an attempt whose code is inside goes on for others, and tells nothing of this job.
     */
    boolean isAboutToTell(DurableJob ended) {
        Attempt attempt = works.of(ended.id());
        return attempt != null
                && attempt.isOver()
                && !attempt.isLost()
                && node.id().equals(ended.node());
    }

    /** Stops the work if it is under way on this node; false if it is not. */
    boolean stopHere(String work, String reason) {
        if (stopAttempt(work, reason)) return true;
        glances.missWish(); // and only then the second look: see there
        return stopAttempt(work, reason);
    }

    private boolean stopAttempt(String work, String reason) {
        Attempt attempt = works.of(work);
        return attempt != null && attempt.stop(reason);
    }

    private void obeyWishes() {
        if (works.claimed() > 0) store.stopWishes(node.id()).forEach(this::stopHere);
    }

    /** Something may be due now. Never waits. */
    void wake() {
        scheduler.triggerCheckForDueExecutions();
    }

    /** Whether that is the bus on which attempts are made. */
    @SuppressWarnings("ReferenceEquality") // it is the very bus that is meant
    boolean isForAttempts(SignalBus asked) {
        return asked == bus;
    }

    // ---- the end ----

    /**
     * Claims nothing more, lets attempts go on for the grace, cancels those that are left then and gives their works back.
     * Nothing is ended by it.
     *
     * <p>Returns when every work is recorded or given back, and at the latest about one grace later. From inside of an attempt
     * it does not wait.
     */
    @Override
    public void close() {
        closing.close();
    }

    /** Everything is given back, or the time is up. */
    private void stopAll() {
        patience.end();
        sweeper.stop();
        conditions.stop();
        List.of(saysAlive, looksForWishes, watchesLeases, queuesRecurring).forEach(Round::stop);
        scheduler.stop();
        try {
            store.gone(node.id());
        } catch (DurableStoreException gone) {
            EngineLog.info("that this process is gone cannot be said; others notice it when its lease is over");
        }
        bus.close();
    }
}
