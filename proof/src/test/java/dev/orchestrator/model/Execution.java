package dev.orchestrator.model;

import dev.orchestrator.CancelRunning;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.ExecutorNotFoundException;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobRejectedException;
import dev.orchestrator.SignalBus;
import dev.orchestrator.TerminalEvent;
import dev.orchestrator.model.JobSpec.Never;
import dev.orchestrator.model.JobSpec.Part;
import dev.orchestrator.model.JobSpec.Unknown;
import dev.orchestrator.model.JobSpec.Work;
import dev.orchestrator.spi.Probe;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A program that is run, and what everybody saw of it. */
final class Execution {
    /** One bus: who subscribed, what a plain subscriber saw, what was emitted and thrown. */
    static final class World {
        final ConcurrentLinkedQueue<Event> seen = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<Said> emitted = new ConcurrentLinkedQueue<>();
        final AtomicInteger errors = new AtomicInteger();
        final AtomicInteger thrown = new AtomicInteger();
        SignalBus bus;
    }

    /** A job that was accepted. */
    record Accepted(Work work, JobHandle<Integer> handle, Observed owner, int bus, Instant at, String cancelledBy) {}

    record Said(int number) implements Event {}

    record Talked(int number) implements Event {}

    /** What a subscriber emits while it is handling what was said. */
    record Replied(int number) implements Event {}

    private static final Duration VERY_LONG = Duration.ofDays(100);

    final Driver driver;
    final List<World> worlds = List.of(new World(), new World());
    final List<Observed> orchestrators = new CopyOnWriteArrayList<>();
    final List<Accepted> accepted = new CopyOnWriteArrayList<>();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Integer> entered = new ConcurrentLinkedQueue<>(); // numbers of jobs whose code began
    final Dispatcher dispatcher;

    private final AtomicInteger numbers = new AtomicInteger();

    Execution(Driver driver) {
        this.driver = driver;
        for (World world : worlds) {
            world.bus = driver.newBus((error, handler, event) -> world.errors.incrementAndGet(), new Probe() {});
            world.bus.subscribe(Said.class, said -> world.bus.emit(new Replied(said.number())));
            world.bus.subscribe(Event.class, world.seen::add); // after it: an effect must not overtake its cause
        }
        dispatcher = Dispatcher.builder()
                .bus(worlds.getFirst().bus)
                .closeGrace(Duration.ZERO)
                .build();
        dispatcher.register(Work.class, this::work);
        dispatcher.register(Part.class, (job, context) -> job.number());
        dispatcher.registerAsync(Never.class, (job, context) -> new CompletableFuture<>());
    }

    // ---- what jobs do ----

    private int work(Work work, JobContext context) throws Exception {
        JobSpec spec = work.spec();
        entered.add(work.number());
        if (spec.talks()) {
            context.progress(0.5);
            context.emit(new Talked(work.number()));
        }
        if (spec.child()) {
            var part = context.dispatch(new Part(work.number()));
            if (part.await(VERY_LONG).orThrow() != work.number()) throw new AssertionError("the result of another job");
        }
        if (context.attempt() <= spec.fails()) throw new IOException("attempt " + context.attempt());
        switch (spec.ends()) {
            case RETURNS -> {}
            case THROWS -> throw new IOException("the last attempt");
            case THROWS_ERROR -> throw new StackOverflowError("on purpose");
            case HANGS ->
                context.dispatch(new Never(work.number())).await(VERY_LONG).orThrow();
        }
        return work.number();
    }

    // ---- the steps ----

    void take(Step step) {
        switch (step) {
            case Step.Dispatch(int owner, JobSpec spec) -> dispatch(owner, spec, null);
            case Step.DispatchSameId(int job) -> {
                Accepted other = pick(accepted, job);
                if (other != null) dispatchSameId(other);
            }
            case Step.DispatchUnknown(int owner) -> dispatchUnknown(owner);
            case Step.Cancel(int job) -> {
                Accepted chosen = pick(accepted, job);
                if (chosen != null) {
                    chosen.handle.cancel("by the program");
                    checkStopped(List.of(chosen));
                }
            }
            case Step.CancelAll(int owner) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null) {
                    boolean wasOpen = !chosen.closed;
                    List<Accepted> its = accepted.stream()
                            .filter(each -> each.owner == chosen)
                            .toList();
                    chosen.cancelAll();
                    if (wasOpen) checkStopped(its);
                }
            }
            case Step.Emit(int bus) -> {
                World world = world(bus);
                var said = new Said(numbers.incrementAndGet());
                world.emitted.add(said);
                world.bus.emit(said);
            }
            case Step.Update(int owner) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null && !chosen.closed) chosen.add();
            }
            case Step.Open(int bus) -> {
                var made = new Observed(bus % worlds.size(), dispatcher, world(bus).bus);
                made.begin();
                orchestrators.add(made);
            }
            case Step.Close(int owner, boolean cancels) -> {
                Observed chosen = pick(orchestrators, owner);
                if (chosen != null) {
                    chosen.closed = true;
                    chosen.close(cancels ? CancelRunning.YES : CancelRunning.NO);
                }
            }
            case Step.SubscribeThrower(int bus) -> {
                World world = world(bus);
                world.bus.subscribe(Said.class, said -> {
                    world.thrown.incrementAndGet();
                    throw new IllegalStateException("on purpose");
                });
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

    private void dispatch(int owner, JobSpec spec, String id) {
        var work = new Work(numbers.incrementAndGet(), spec);
        Observed chosen = owner % 4 == 0 ? null : pick(orchestrators, owner);
        boolean keyIsFree = isExactAndQuiet() && isKeyFree(spec);
        try {
            JobHandle<Integer> handle = chosen == null
                    ? dispatcher.dispatch(work, spec.options(id))
                    : chosen.dispatch(work, spec.options(id));
            if (chosen != null
                    && driver.isExact()
                    && !handle.result().toCompletableFuture().isDone()
                    && !(chosen.isRunning(handle.id()) && chosen.hasActiveJobs()))
                wrong.add("P2: " + work + " is under way, and its owner does not know");
            int bus = chosen == null ? 0 : chosen.bus;
            accepted.add(new Accepted(work, handle, chosen, bus, driver.time().now(), null));
            if (isExactAndQuiet() && spec.sameKey() == JobSpec.SameKey.DROP && !keyIsFree)
                wrong.add("key rule: " + work + " was accepted while its key is in use");
            if (isExactAndQuiet() && waitingInQueue(spec) > JobSpec.QUEUED)
                wrong.add("key rule: more than " + JobSpec.QUEUED + " wait in the queue of " + work);
        } catch (JobRejectedException rejected) {
            if (spec.sameKey() != JobSpec.SameKey.DROP && spec.sameKey() != JobSpec.SameKey.QUEUE)
                wrong.add("P9: " + work + " was rejected: " + rejected);
            if (keyIsFree) wrong.add("P9: " + work + " was rejected although its key is free");
        } catch (IllegalStateException closed) {
            if (chosen == null || !chosen.closed) wrong.add("P9: " + work + " was refused: " + closed);
        }
    }

    private boolean isExactAndQuiet() {
        if (!driver.isExact()) return false;
        driver.run();
        return true;
    }

    private boolean isKeyFree(JobSpec spec) {
        return accepted.stream()
                .filter(each -> each.work.spec().sameKey() != JobSpec.SameKey.NONE)
                .filter(each -> each.work.spec().key() == spec.key())
                .allMatch(each -> each.handle.result().toCompletableFuture().isDone());
    }

    /** No code of these programs ignores its interrupt, so it has left before any time passes. */
    private void checkStopped(List<Accepted> stopped) {
        if (!driver.takesTurns()) return;
        driver.run();
        for (Accepted each : stopped)
            if (!each.handle.result().toCompletableFuture().isDone())
                wrong.add("P7: " + each.work + " was cancelled and goes on");
    }

    private long waitingInQueue(JobSpec spec) {
        return accepted.stream()
                .filter(each -> each.work.spec().sameKey() == JobSpec.SameKey.QUEUE)
                .filter(each -> each.work.spec().key() == spec.key())
                .filter(each -> !entered.contains(each.work.number()))
                .filter(each -> !each.handle.result().toCompletableFuture().isDone())
                .count();
    }

    private void dispatchSameId(Accepted other) {
        driver.run();
        boolean wasOver = other.handle.result().toCompletableFuture().isDone();
        var work = new Work(numbers.incrementAndGet(), JobSpec.PLAIN);
        try {
            Observed owner = other.owner;
            if (owner != null && owner.closed) return;
            if (owner == null && other.bus != 0) return;
            JobHandle<Integer> handle = owner == null
                    ? dispatcher.dispatch(work, JobSpec.PLAIN.options(other.handle.id()))
                    : owner.dispatch(work, JobSpec.PLAIN.options(other.handle.id()));
            handle.cancel("the same id again");
            if (!wasOver && driver.isExact()) wrong.add("P9: the id of " + other.work + " was taken twice");
            again.add(other.handle.id());
        } catch (IllegalStateException duplicate) {
            if (wasOver && driver.isExact()) wrong.add("P9: the id of " + other.work + " was not free: " + duplicate);
        }
    }

    /** Ids that were used more than once. */
    final ConcurrentLinkedQueue<String> again = new ConcurrentLinkedQueue<>();

    private void dispatchUnknown(int owner) {
        Observed chosen = owner % 4 == 0 ? null : pick(orchestrators, owner);
        var unknown = new Unknown(numbers.incrementAndGet());
        try {
            if (chosen == null) dispatcher.dispatch(unknown);
            else chosen.dispatch(unknown);
            wrong.add("P9: a job without an executor was accepted");
        } catch (ExecutorNotFoundException expected) {
            if (!expected.getMessage().contains(Unknown.class.getName()))
                wrong.add("P9: the refusal does not name the type: " + expected.getMessage());
        } catch (IllegalStateException closed) {
            if (chosen == null || !chosen.closed) wrong.add("P9: " + closed);
        }
    }

    // ---- the end ----

    /** Ends what does not end by itself, lets the rest come to its end, and closes everything. */
    void end() throws Exception {
        for (Accepted each : accepted) if (each.work.spec().ends() == JobSpec.Ends.HANGS) each.handle.cancel("the end");
        var results = new ArrayList<CompletableFuture<?>>();
        for (Accepted each : accepted) results.add(each.handle.result().toCompletableFuture());
        awaitAll(CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)));
        for (Observed each : orchestrators) if (!each.closed) each.awaitIdle(Duration.ofSeconds(60));
        for (Observed each : orchestrators) if (!each.closed) each.awaitIdle(Duration.ofSeconds(60));
        awaitTelling();
        dispatcher.close();
        for (Observed each : orchestrators) each.close();
        driver.run();
        awaitOnRealThreads(() -> orchestrators.stream().allMatch(each -> each.completed));
        for (World world : worlds) world.bus.close();
        driver.run();
    }

    private void awaitAll(CompletableFuture<?> all) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        for (int turns = 0; !all.isDone(); turns++) {
            driver.advance(Duration.ofMillis(50)); // retries wait for their time
            driver.run();
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
            if (each.work.spec().sameKey() == JobSpec.SameKey.JOIN) each.handle.cancel("the end of those who joined");
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
        return accepted.stream().allMatch(each -> told.contains(each.handle.id()));
    }
}
