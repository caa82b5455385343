package dev.orchestrator.durable;

import dev.orchestrator.BaseJob;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobIds;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobRejectedException;
import dev.orchestrator.SignalBus;
import dev.orchestrator.Subscription;
import dev.orchestrator.durable.RegisteredKind.Doer;
import dev.orchestrator.spi.Threads.Role;
import java.sql.Connection;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The parts of a {@link Durable}, put together. */
final class DurableModule implements DurableDriver.Module, AutoCloseable {
    private enum State {
        NEW,
        OPEN,
        CLOSED
    }

    private static final int LONGEST_NAME = 200;

    private final Dispatcher dispatcher;
    private final SignalBus bus;
    private final Store store;
    private final Payloads payloads;
    private final Kinds kinds;
    private final EventKinds events;
    private final Owners owners;
    private final Telling telling;
    private final NewsReader reader;
    private final Engine engine;
    private final Store.Node node;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final ChosenIds ids = new ChosenIds();

    DurableModule(Dispatcher dispatcher, DurableStore where, Settings settings, Payloads payloads) {
        this.dispatcher = dispatcher;
        this.bus = dispatcher.bus();
        this.payloads = payloads;
        var process = new ThisProcess();
        this.node = process.node();
        this.kinds = new Kinds();
        this.events = new EventKinds(payloads);
        this.owners = new Owners(kinds, payloads);
        this.store = JdbcStore.open(where, settings);
        this.telling = new Telling(store, node.id(), bus, events::decode, payloads, this::lookForNews);
        this.reader = new NewsReader(store, process, bus, settings, telling, owners, this::isAboutToBeTold);
        this.engine = new Engine(store, settings, node, kinds::all, payloads, events::encode, bus, telling);
        store.onWake(this::lookForNews);
    }

    private boolean isAboutToBeTold(DurableJob ended) {
        return engine.isAboutToTell(ended);
    }

    private void lookForNews() {
        reader.wake();
    }

    // ---- registering ----

    <J extends Job<R>, R extends @Nullable Object> void register(
            Class<J> type, String name, int version, Handling handling, Doer<J, R> doer) {
        refuseIfClosed();
        Objects.requireNonNull(handling, "handling");
        var kind = new RegisteredKind<J, R>(
                new StoredType<>(type, name, version, handling.upcasters(), payloads),
                payloads,
                doer,
                handling.condition(),
                handling.offline());
        kinds.add(kind);
        try {
            kind.drivenBy(dispatcher.drive(type, new DurableDriver<>(this, kind), handling.options()));
        } catch (Throwable refused) {
            kinds.remove(kind);
            throw refused;
        }
        engine.kindsChanged();
        reader.lookAgainAtSkipped();
    }

    <E extends Event> void registerEvent(Class<E> type, String name, int version, Handling handling) {
        refuseIfClosed();
        events.add(
                type,
                name,
                version,
                Objects.requireNonNull(handling, "handling").upcasters());
    }

    void recurring(String name, Recurrence recurrence, Supplier<? extends Job<?>> job) {
        if (Objects.requireNonNull(name, "name").isBlank() || name.length() > LONGEST_NAME)
            throw new IllegalArgumentException(
                    "the name of a recurring job has 1 to " + LONGEST_NAME + " characters, was '" + name + "'");
        open();
        engine.recurring(name, recurrence, tick -> dispatchTick(name, job, tick));
    }

    private void dispatchTick(String name, Supplier<? extends Job<?>> job, Instant tick) {
        Job<?> due = Objects.requireNonNull(job.get(), () -> "the recurring job " + name + " is null");
        try {
            dispatch(due, JobOptions.builder().id(name + "@" + tick).build());
        } catch (RuntimeException refused) {
            if (state.get() != State.CLOSED) throw refused;
            throw new DurableStoreException("this Durable is closed; the time " + tick + " comes again", refused);
        }
    }

    // ---- the life of the module ----

    private void refuseIfClosed() {
        if (state.get() == State.CLOSED)
            throw new IllegalStateException(
                    "this Durable is closed; what is stored goes on with the next one that is opened");
    }

    @Override
    public void open() {
        refuseIfClosed();
        if (!state.compareAndSet(State.NEW, State.OPEN)) return;
        try {
            engine.start();
        } catch (DurableStoreException trouble) {
            state.compareAndSet(State.OPEN, State.NEW); // the next call tries again
            throw trouble;
        }
        reader.start();
    }

    /** As {@link #open}, away from a transaction of the caller's, which may be what the database waits for. */
    private void openElsewhere() {
        refuseIfClosed();
        if (state.get() == State.NEW) bus.threads().start(Role.WORKER, "orchestrator-durable-open", this::openOrSay);
    }

    private void openOrSay() {
        try {
            open();
        } catch (RuntimeException trouble) { // the scheduler's own among them, if it is closed meanwhile
            if (state.get() != State.CLOSED)
                DurableLog.warning("durable jobs are not begun with yet; the next call tries again", trouble);
        }
    }

    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        if (before == State.CLOSED) return;
        engine.close();
        reader.close();
        telling.letGo();
        kinds.all().forEach(RegisteredKind::close);
        store.close();
    }

    // ---- for the drivers ----

    @Override
    public boolean isForAttempts(SignalBus asked) {
        return engine.isForAttempts(asked);
    }

    @Override
    public String node() {
        return node.id();
    }

    Store store() {
        return store;
    }

    @Override
    public Payloads payloads() {
        return payloads;
    }

    @Override
    public Telling telling() {
        return telling;
    }

    @Override
    public Store.Dispatched dispatch(Store.NewJob job) {
        return engine.dispatch(job);
    }

    @Override
    public void takeOver(String owner) {
        reader.takeOver(owner);
    }

    @Override
    public void watch(String id) {
        reader.watch(id);
        reader.wake();
    }

    @Override
    public void cancel(String id, String reason) {
        try {
            cancelled(id, reason);
        } catch (DurableStoreException trouble) {
            DurableLog.error("durable job " + id + " could not be cancelled", trouble);
        }
    }

    // ---- what users do ----

    <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options) {
        refuseIfClosed();
        kinds.of(job);
        String chosen = chosenId(job, options);
        return chosen == null
                ? dispatched(job, options)
                : ids.inTurn(chosen, () -> dispatchedOnce(chosen, job, options));
    }

    private <R extends @Nullable Object> JobHandle<R> dispatchedOnce(String id, Job<R> job, JobOptions options) {
        JobHandle<R> known = knownHandle(id, job);
        return known != null ? known : dispatched(job, options);
    }

    private <R extends @Nullable Object> JobHandle<R> dispatched(Job<R> job, JobOptions options) {
        JobHandle<R> handle = dispatcher.dispatch(job, options);
        Told told = telling.find(handle.id());
        if (told != null) told.keep(handle);
        return handle;
    }

    /** As the core has it: a job that brings its own id has that one. */
    private static @Nullable String chosenId(Job<?> job, JobOptions options) {
        return job instanceof BaseJob<?> own ? own.id() : options.id();
    }

    @SuppressWarnings("unchecked") // the job is the same, so it gives back the same
    private <R extends @Nullable Object> @Nullable JobHandle<R> knownHandle(String id, Job<R> job) {
        Told told = telling.find(id);
        return told == null || !isSame(job, told) ? null : (JobHandle<R>) told.handle();
    }

    /** Not each job has an {@code equals} of its own; what is stored of it says what it is, too. */
    private static boolean isSame(Job<?> job, Told told) {
        if (job.equals(told.job())) return true;
        return told.job().getClass() == job.getClass()
                && json(told.kind(), job).equals(json(told.kind(), (Job<?>) told.job()));
    }

    @SuppressWarnings("unchecked") // the kind is that of the job's class
    private static <J extends Job<R>, R extends @Nullable Object> String json(Kind<?, ?> kind, Job<?> job) {
        return ((Kind<J, R>) kind).encode((J) job).json();
    }

    String dispatchIn(Connection transaction, @Nullable BaseOrchestrator<?> owner, Job<?> job, JobOptions options) {
        Objects.requireNonNull(transaction, "transaction");
        Objects.requireNonNull(job, "job");
        if (Objects.requireNonNull(options, "options").token() != null)
            throw new IllegalArgumentException(
                    "a token cannot be heeded for a job that the caller's transaction may yet"
                            + " take back; leave it out, and cancel the job by its id when it is committed");
        openElsewhere();
        if (owner != null) owners.add(owner);
        return dispatchIn(transaction, owner == null ? null : owner.name(), kinds.of(job), job, options);
    }

    @SuppressWarnings("unchecked") // the kind was found by the job's class
    private <J extends Job<R>, R extends @Nullable Object> String dispatchIn(
            Connection transaction, @Nullable String owner, Kind<?, ?> found, Job<?> job, JobOptions options) {
        var kind = (Kind<J, R>) found;
        String chosen = chosenId(job, options);
        String id = chosen != null ? chosen : JobIds.next(job.getClass().getSimpleName());
        JobOptions settled = kind.settle((J) job, options);
        var driver = new DurableDriver<>(this, kind);
        Store.NewJob fresh = driver.toStore((J) job, id, options, settled, owner, false);
        return switch (store.dispatch(transaction, fresh)) {
            case Store.Dispatched.Added added -> id;
            case Store.Dispatched.Claimed claimed -> id;
            case Store.Dispatched.Exists(DurableJob earlier) -> {
                DurableDriver.refuseAnother(kind, (J) job, fresh, earlier);
                yield id;
            }
            case Store.Dispatched.KeyInUse(int waiting) -> throw keyInUse(job, settled, waiting);
        };
    }

    private static JobRejectedException keyInUse(Job<?> job, JobOptions settled, int waiting) {
        return DurableDriver.keyInUse(job, Objects.requireNonNull(settled.sameKey()), waiting);
    }

    Subscription takeUp(BaseOrchestrator<?> orchestrator) {
        open();
        Subscription taken = owners.add(orchestrator);
        try {
            reader.adoptAllOf(orchestrator.name());
        } catch (Throwable refused) {
            taken.close();
            throw refused;
        }
        return taken;
    }

    boolean acknowledge(Connection transaction, String id) {
        boolean first = store.acknowledge(transaction, id, node.id());
        Told told = telling.find(id);
        if (told != null) told.noteAcknowledgedByUser();
        return first;
    }

    boolean cancelled(String id, String reason) {
        return switch (store.cancel(id, reason)) {
            case UNKNOWN, TOO_LATE -> false;
            case CANCELLED -> {
                reader.wake();
                engine.wake();
                store.wakeOthers();
                yield true;
            }
            case ASKED -> {
                if (!engine.stopHere(id, reason)) store.wakeOthers();
                yield true;
            }
        };
    }

    DurableJobs jobs() {
        return new DurableJobs(store, engine::wake);
    }

    DeadLetters deadLetters() {
        return new DeadLetters(store, bus, engine::wake);
    }

    Attachments attachments() {
        return new Attachments(store);
    }
}
