package dev.orchestrator.model;

import dev.orchestrator.CancelRunning;
import dev.orchestrator.CancellationToken;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.ExecutorNotFoundException;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobRejectedException;
import dev.orchestrator.SignalBus;
import dev.orchestrator.TerminalEvent;
import dev.orchestrator.model.JobSpec.Never;
import dev.orchestrator.model.JobSpec.Part;
import dev.orchestrator.model.JobSpec.SameKey;
import dev.orchestrator.model.JobSpec.Unknown;
import dev.orchestrator.model.JobSpec.Work;
import dev.orchestrator.spi.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A program that is run, and what everybody saw of it. */
final class Execution {
    /** One bus: who subscribed, what a plain subscriber saw, what was emitted and thrown. */
    static final class World {
        final ConcurrentLinkedQueue<Event> seen = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<Said> emitted = new ConcurrentLinkedQueue<>();
        final AtomicInteger errors = new AtomicInteger();
        final AtomicInteger thrown = new AtomicInteger();
        volatile boolean closed; // by the program
        SignalBus bus;
    }

    /**
     * A job that was accepted.
     *
     * @param ownKey its key among the jobs of its owner; null for none
     * @param wasCancelledBefore whether its token was cancelled before it was dispatched
     */
    record Accepted(
            Work work,
            JobHandle<Integer> handle,
            Observed owner,
            Integer ownKey,
            int bus,
            Instant at,
            boolean wasCancelledBefore) {
        boolean isOver() {
            return handle.result().toCompletableFuture().isDone();
        }
    }

    /** A cancellation that decided the ending. */
    record Stop(String reason, Instant at, boolean wasDeaf) {}

    record Said(int number) implements Event {}

    /** What a subscriber emits while it is handling what was said. */
    record Replied(int number) implements Event {}

    /** How a job is dispatched. */
    @FunctionalInterface
    private interface Way {
        Optional<JobHandle<Integer>> dispatch(Work work, JobOptions options);
    }

    final Driver driver;
    final Code code;
    final List<World> worlds = List.of(new World(), new World());
    final List<Observed> orchestrators = new CopyOnWriteArrayList<>();
    final List<Accepted> accepted = new CopyOnWriteArrayList<>();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    final Dispatcher dispatcher;
    final List<CancellationToken> tokens = IntStream.range(0, JobSpec.TOKENS)
            .mapToObj(number -> new CancellationToken())
            .toList();

    /** Ids of jobs that somebody tried to cancel. */
    final Set<String> mayBeCancelled = ConcurrentHashMap.newKeySet();

    final Map<String, Stop> stops = new ConcurrentHashMap<>();

    /** Ids that were used more than once. */
    final Set<String> again = ConcurrentHashMap.newKeySet();

    volatile Instant dispatcherClosed; // null while it is open

    private final AtomicInteger numbers = new AtomicInteger();

    private final SignalBus otherBus;
    private final Dispatcher others;

    Execution(Driver driver) {
        this.driver = driver;
        // Deaf code waits for a job of another dispatcher: whatever is cancelled or closed here does not end it.
        otherBus = driver.newBus((error, handler, event) -> {}, new Probe() {});
        others = Dispatcher.builder().bus(otherBus).build();
        others.registerAsync(Never.class, (job, context) -> new CompletableFuture<>());
        code = new Code(others.dispatch(new Never(0)));
        for (World world : worlds) {
            world.bus = driver.newBus((error, handler, event) -> world.errors.incrementAndGet(), new Probe() {});
            world.bus.subscribe(Said.class, said -> reply(world, said));
            world.bus.subscribe(Event.class, world.seen::add); // after it: an effect must not overtake its cause
        }
        dispatcher = Dispatcher.builder()
                .bus(worlds.getFirst().bus)
                .closeGrace(Duration.ZERO)
                .build();
        dispatcher.register(Work.class, code::work);
        dispatcher.register(Part.class, (job, context) -> job.number());
        dispatcher.registerAsync(Never.class, (job, context) -> new CompletableFuture<>());
    }

    private static void reply(World world, Said said) {
        try {
            world.bus.emit(new Replied(said.number()));
        } catch (IllegalStateException closed) {
            if (!world.closed) throw closed;
        }
    }

    // ---- the steps ----

    void take(Step step) {
        switch (step) {
            case Step.Dispatch(int owner, JobSpec spec) -> dispatch(chosen(owner), spec);
            case Step.DispatchLatest(int owner, JobSpec spec, int key) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null) dispatchLatest(chosen, spec, key);
            }
            case Step.DispatchIfIdle(int owner, JobSpec spec, int key) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null) dispatchIfIdle(chosen, spec, key);
            }
            case Step.DispatchSameId(int job) -> {
                Accepted other = pick(accepted, job);
                if (other != null) dispatchSameId(other);
            }
            case Step.DispatchUnknown(int owner) -> dispatchUnknown(chosen(owner));
            case Step.Cancel(int job) -> {
                Accepted chosen = pick(accepted, job);
                if (chosen != null) {
                    cancel(chosen, "by the program");
                    checkStopped(List.of(chosen));
                }
            }
            case Step.CancelAll(int owner) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null) cancelAll(chosen);
            }
            case Step.CancelToken(int token) -> {
                tokens.get(token - 1).cancel("token " + token);
                checkStopped(acceptedWith(job -> job.work.spec().token() == token));
            }
            case Step.Emit(int bus) -> emit(world(bus));
            case Step.Update(int owner) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null && !chosen.closed) chosen.add();
            }
            case Step.Open(int bus, boolean smallMailbox) -> open(bus % worlds.size(), smallMailbox);
            case Step.Close(int owner, boolean cancels) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null) close(chosen, cancels);
            }
            case Step.SubscribeThrower(int bus) -> subscribeThrower(world(bus));
            case Step.CloseDispatcher() -> closeDispatcher();
            case Step.CloseBus() -> {
                worlds.getLast().closed = true;
                worlds.getLast().bus.close();
            }
            case Step.Run() -> driver.run();
            case Step.Advance(int millis) -> driver.advance(Duration.ofMillis(millis));
        }
    }

    private World world(int number) {
        return worlds.get(number % worlds.size());
    }

    private static <T> T pick(List<T> all, int number) {
        List<T> now = List.copyOf(all);
        return now.isEmpty() ? null : now.get(number % now.size());
    }

    /** Null for the dispatcher itself. */
    private Observed chosen(int owner) {
        return owner % 4 == 0 ? null : pick(orchestrators, owner);
    }

    private List<Accepted> acceptedWith(Predicate<Accepted> property) {
        return accepted.stream().filter(property).toList();
    }

    // ---- buses and orchestrators ----

    private void emit(World world) {
        var said = new Said(numbers.incrementAndGet());
        try {
            world.bus.emit(said);
            world.emitted.add(said);
        } catch (IllegalStateException closed) {
            if (!world.closed) wrong.add("P14: an open bus refused an event: " + closed);
        }
    }

    private void open(int bus, boolean smallMailbox) {
        World world = worlds.get(bus);
        try {
            var made = new Observed(bus, dispatcher, world.bus, smallMailbox);
            made.begin();
            orchestrators.add(made);
        } catch (IllegalStateException closed) {
            if (!world.closed) wrong.add("P14: an open bus refused an orchestrator: " + closed);
        }
    }

    private void close(Observed chosen, boolean cancels) {
        chosen.closed = true;
        if (cancels) noteCancelAll(chosen);
        chosen.close(cancels ? CancelRunning.YES : CancelRunning.NO);
    }

    private void noteCancelAll(Observed chosen) {
        chosen.cancelledAll = true;
        for (Accepted each : acceptedWith(job -> job.owner == chosen)) mayBeCancelled.add(each.handle.id());
    }

    private static void subscribeThrower(World world) {
        try {
            world.bus.subscribe(Said.class, said -> {
                world.thrown.incrementAndGet();
                throw new IllegalStateException("on purpose");
            });
        } catch (IllegalStateException closed) {
            if (!world.closed) throw closed;
        }
    }

    private void closeDispatcher() {
        List<Accepted> before = List.copyOf(accepted);
        if (dispatcherClosed == null) dispatcherClosed = driver.time().now();
        dispatcher.close();
        for (Accepted each : before)
            if (!each.isOver()) wrong.add("P1: the dispatcher is closed, and " + each.work + " has no ending");
    }

    // ---- dispatching ----

    private void dispatch(Observed owner, JobSpec spec) {
        boolean keyIsFree = isExactAndQuiet() && isKeyFree(spec);
        boolean limitIsFree = isExactAndQuiet() && accepted.stream().noneMatch(job -> mayHold(spec.limit(), job));
        Way way = (work, options) ->
                Optional.of(owner == null ? dispatcher.dispatch(work, options) : owner.dispatch(work, options));
        try {
            Accepted job = accept(owner, null, spec, way).orElse(null);
            if (job == null || !isExactAndQuiet()) return;
            boolean isBusy = !isCancelledBefore(spec) && !keyIsFree;
            if (isBusy && (spec.sameKey() == SameKey.DROP || spec.sameKey() == SameKey.THROTTLE))
                wrong.add("key rule: " + job.work + " was accepted while its key is in use");
            if (waitingInQueue(spec) > JobSpec.QUEUED)
                wrong.add("key rule: more than " + JobSpec.QUEUED + " wait in the queue of " + job.work);
        } catch (JobRejectedException rejected) {
            boolean byKey = spec.sameKey() == SameKey.DROP
                    || spec.sameKey() == SameKey.QUEUE
                    || spec.sameKey() == SameKey.THROTTLE;
            if (!byKey && !spec.isRefusedAtItsLimit()) wrong.add("P9: a job was rejected: " + rejected + " of " + spec);
            if (keyIsFree && limitIsFree) wrong.add("P9: rejected although key and limit are free: " + spec);
        }
    }

    private void dispatchLatest(Observed owner, JobSpec spec, int key) {
        List<Accepted> before = withOwnKey(owner, key);
        Way way = (work, options) -> Optional.of(owner.dispatchLatest(key, work, options));
        if (accept(owner, key, spec, way).isPresent() && !isCancelledBefore(spec))
            checkStopped(before.stream()
                    .filter(each -> each.work.spec().ends() != JobSpec.Ends.DEAF)
                    .toList());
    }

    private void dispatchIfIdle(Observed owner, JobSpec spec, int key) {
        boolean wasIdle = isExactAndQuiet() && withOwnKey(owner, key).stream().allMatch(Accepted::isOver);
        Way way = (work, options) -> owner.dispatchIfIdle(key, work, options);
        boolean wasAccepted = accept(owner, key, spec, way).isPresent();
        if (driver.isExact() && wasAccepted && !wasIdle && !isCancelledBefore(spec))
            wrong.add("key rule: " + spec + " began beside another one");
        boolean mayRefuse = owner.closed || dispatcherClosed != null;
        if (driver.isExact() && !wasAccepted && wasIdle && !mayRefuse)
            wrong.add("key rule: " + spec + " did not begin although its owner was idle");
    }

    /** One whose token is cancelled already is told so, and is in nobody's way. */
    private boolean isCancelledBefore(JobSpec spec) {
        return spec.token() > 0 && tokens.get(spec.token() - 1).isCancelled();
    }

    private List<Accepted> withOwnKey(Observed owner, int key) {
        return acceptedWith(job -> job.owner == owner && job.ownKey != null && job.ownKey == key);
    }

    private Optional<Accepted> accept(Observed owner, Integer ownKey, JobSpec spec, Way way) {
        var work = new Work(numbers.incrementAndGet(), spec);
        Instant now = driver.time().now();
        boolean wasCancelledBefore = isCancelledBefore(spec);
        try {
            JobHandle<Integer> handle =
                    way.dispatch(work, spec.options(null, tokens)).orElse(null);
            if (handle == null) return Optional.empty();
            var job = new Accepted(work, handle, owner, ownKey, owner == null ? 0 : owner.bus, now, wasCancelledBefore);
            if (owner != null
                    && driver.isExact()
                    && !job.isOver()
                    && !(owner.isRunning(handle.id()) && owner.hasActiveJobs()))
                wrong.add("P2: " + work + " is under way, and its owner does not know");
            accepted.add(job);
            return Optional.of(job);
        } catch (JobRejectedException rejected) {
            throw rejected;
        } catch (IllegalStateException closed) {
            if (!isRefusedSinceClosed(owner)) wrong.add("P9: " + work + " was refused: " + closed);
            return Optional.empty();
        }
    }

    private boolean isRefusedSinceClosed(Observed owner) {
        return dispatcherClosed != null || owner != null && owner.closed;
    }

    private boolean isExactAndQuiet() {
        if (!driver.isExact()) return false;
        driver.run();
        return true;
    }

    /** Debounced ones disturb nobody but each other; throttled ones hold their key for a time, over or not. */
    private boolean isKeyFree(JobSpec spec) {
        Instant now = driver.time().now();
        Predicate<Accepted> inTheWay = switch (spec.sameKey()) {
            case THROTTLE ->
                job -> job.work.spec().sameKey() == SameKey.THROTTLE
                        && !job.wasCancelledBefore
                        && now.isBefore(job.at.plus(JobSpec.WINDOW));
            case NONE, DEBOUNCE -> job -> false;
            case JOIN, DROP, REPLACE, QUEUE -> job -> job.work.spec().sameKey().isOneAtATime() && !job.isOver();
        };
        return acceptedWith(job -> job.work.spec().key() == spec.key()).stream().noneMatch(inTheWay);
    }

    /** Deaf code holds it until it has left; one that joined may go on with the work that another one began. */
    private boolean mayHold(int limit, Accepted job) {
        boolean mayHaveIt = job.work.spec().limit() == limit || job.work.spec().sameKey() == SameKey.JOIN;
        return mayHaveIt && (!job.isOver() || code.deaf.contains(job.work.number()));
    }

    private long waitingInQueue(JobSpec spec) {
        return acceptedWith(job -> job.work.spec().sameKey() == SameKey.QUEUE
                        && job.work.spec().key() == spec.key()
                        && job.work.spec().limit() == 0 // else it may wait for its limit
                        && !code.entered.contains(job.work.number())
                        && !job.isOver())
                .size();
    }

    private void dispatchSameId(Accepted other) {
        driver.run();
        boolean wasOver = other.isOver();
        var work = new Work(numbers.incrementAndGet(), JobSpec.PLAIN);
        Observed owner = other.owner;
        if (owner == null && other.bus != 0) return;
        try {
            JobOptions options = JobSpec.PLAIN.options(other.handle.id(), tokens);
            JobHandle<Integer> handle =
                    owner == null ? dispatcher.dispatch(work, options) : owner.dispatch(work, options);
            again.add(other.handle.id());
            handle.cancel("the same id again");
            if (!wasOver && driver.isExact()) wrong.add("P9: the id of " + other.work + " was taken twice");
        } catch (IllegalStateException duplicate) {
            if (wasOver && driver.isExact() && !isRefusedSinceClosed(owner))
                wrong.add("P9: the id of " + other.work + " was not free: " + duplicate);
        }
    }

    private void dispatchUnknown(Observed owner) {
        var unknown = new Unknown(numbers.incrementAndGet());
        try {
            if (owner == null) dispatcher.dispatch(unknown);
            else owner.dispatch(unknown);
            wrong.add("P9: a job without an executor was accepted");
        } catch (ExecutorNotFoundException expected) {
            if (!expected.getMessage().contains(Unknown.class.getName()))
                wrong.add("P9: the refusal does not name the type: " + expected.getMessage());
        } catch (IllegalStateException closed) {
            if (!isRefusedSinceClosed(owner)) wrong.add("P9: " + closed);
        }
    }

    // ---- stopping ----

    private void cancel(Accepted job, String reason) {
        mayBeCancelled.add(job.handle.id());
        Instant now = driver.time().now();
        boolean isDeaf = code.deaf.contains(job.work.number());
        if (job.handle.cancel(reason)) stops.put(job.handle.id(), new Stop(reason, now, isDeaf));
    }

    private void cancelAll(Observed chosen) {
        boolean wasOpen = !chosen.closed;
        List<Accepted> its = acceptedWith(job -> job.owner == chosen);
        noteCancelAll(chosen);
        chosen.cancelAll();
        if (wasOpen) checkStopped(its);
    }

    /** Code that heeds its interrupt has left before any time passes. */
    private void checkStopped(List<Accepted> stopped) {
        if (!driver.takesTurns()) return;
        driver.run();
        for (Accepted each : stopped)
            if (!each.isOver() && !mayGoOn(each.work)) wrong.add("P7: " + each.work + " was cancelled and goes on");
    }

    private boolean mayGoOn(Work work) {
        boolean mayHaveJoinedDeafCode = work.spec().sameKey() == SameKey.JOIN && !code.deaf.isEmpty();
        return mayHaveJoinedDeafCode || code.deaf.contains(work.number());
    }

    // ---- the end ----

    /** Ends what does not end by itself, lets the rest come to its end, and closes everything. */
    void end() throws Exception {
        code.countNoMore();
        for (Accepted each : accepted) if (each.work.spec().waitsForItsEnd()) cancel(each, "the end");
        var results = new ArrayList<CompletableFuture<?>>();
        for (Accepted each : accepted) results.add(each.handle.result().toCompletableFuture());
        awaitAll(CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)));
        code.releaseDeaf();
        for (Observed each : orchestrators) if (!each.closed) each.awaitIdle(Duration.ofSeconds(60));
        for (Observed each : orchestrators) if (!each.closed) each.awaitIdle(Duration.ofSeconds(60));
        awaitTelling();
        dispatcher.close();
        for (Observed each : orchestrators) each.close();
        driver.run();
        awaitOnRealThreads(() -> orchestrators.stream().allMatch(each -> each.completed));
        awaitOnRealThreads(code.deaf::isEmpty);
        for (World world : worlds) world.bus.close();
        others.close();
        otherBus.close();
        driver.run();
        // A thread that tells the last event may be just taking back the warning of a mailbox that has begun meanwhile.
        awaitOnRealThreads(() -> driver.time().pending() == 0);
    }

    private void awaitAll(CompletableFuture<?> all) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        for (int turns = 0; !all.isDone(); turns++) {
            driver.advance(Duration.ofMillis(50)); // retries wait for their time
            driver.run();
            if (turns == 10) code.releaseDeaf(); // its grace is over, and some wait for its limit
            if (turns == 20) cancelTakersOfHangingWork();
            if (driver.takesTurns() ? turns > 100 : System.nanoTime() > end) {
                wrong.add("P1: some jobs have no ending: "
                        + worlds.stream()
                                .flatMap(world -> world.bus.jobs().stream())
                                .toList());
                return;
            }
        }
    }

    /** Whoever joined a work that hangs waits for it, also when the one that began it was cancelled. */
    private void cancelTakersOfHangingWork() {
        for (Accepted each : accepted)
            if (each.work.spec().sameKey() == SameKey.JOIN) cancel(each, "the end of those who joined");
    }

    /** A result comes before plain subscribers are told, and a bus that is closed tells them nothing more. */
    private void awaitTelling() {
        awaitOnRealThreads(this::allAreTold);
        driver.run();
    }

    private void awaitOnRealThreads(BooleanSupplier done) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!driver.takesTurns() && System.nanoTime() < end && !done.getAsBoolean()) Thread.yield();
    }

    private boolean allAreTold() {
        var told = new HashSet<String>();
        for (World world : worlds)
            for (Event event : world.seen) if (event instanceof TerminalEvent ending) told.add(ending.correlationId());
        return accepted.stream().allMatch(each -> worlds.get(each.bus).closed || told.contains(each.handle.id()));
    }
}
