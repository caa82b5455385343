package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The end of a dispatcher: refuse, wait, cancel, tell.
 *
 * <p>Two timers drive it, so it happens whether or not somebody waits: after one grace the jobs that are left are
 * cancelled, after a second one every ending is told.
 */
final class DispatcherClosing {
    /** How long a closing waits for plain subscribers that are being told an ending, and may never return. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private static final String CLOSED = "its dispatcher was closed";

    private final Dispatcher dispatcher;
    private final Scope scope;
    private final Duration grace;

    /** Set by whoever closes first; completes when every ending was told and all code has left, or the time is up. */
    private final AtomicReference<@Nullable CompletableFuture<Void>> over = new AtomicReference<>();

    /**
     * Runs whose ending may be told although their code is inside. A worker that leaves first says so in its run and then
     * looks here; who adds a run looks at the run afterwards. So none stays here whose code has left.
     */
    private final ConcurrentHashMap<JobRun<?>, CompletableFuture<Void>> inside = new ConcurrentHashMap<>();

    // Raised by whoever tells an ending. Adders, since every job passes here and nobody reads them before the closing.
    private final LongAdder tellingsBegun = new LongAdder();
    private final LongAdder tellingsOver = new LongAdder();

    // Written once, by whoever ends the graces, who then looks at which jobs are being stopped; read by whoever has
    // begun to stop one. So at least one of the two ends the grace of that job.
    private volatile boolean gracesAreOver;

    /** Completes after the closing, when nobody is being told an ending any more. */
    private final CompletableFuture<Void> quiet = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();

    // The buses on which jobs of this dispatcher may be in flight; weak, so that none lives on for this. Guarded by
    // lock, which is taken when an orchestrator is made, when a driver has an attempt made and when the dispatcher
    // closes, never for other jobs.
    private final Set<SignalBus> served = Collections.newSetFromMap(new WeakHashMap<>());

    DispatcherClosing(Dispatcher dispatcher, SignalBus bus, Duration grace) {
        this.dispatcher = dispatcher;
        this.scope = bus.scope();
        this.grace = grace;
        serve(bus);
    }

    void serve(SignalBus bus) {
        lock.lock();
        try {
            served.add(bus);
        } finally {
            lock.unlock();
        }
    }

    void refuseIfClosed() {
        if (over.get() != null) {
            throw new IllegalStateException("this dispatcher is closed and takes no more jobs;"
                    + " dispatch before close, or make another one with Dispatcher.create");
        }
    }

    void noteInside(JobRun<?> run) {
        inside.computeIfAbsent(run, fresh -> new CompletableFuture<>());
        if (run.isDown()) noteLeft(run);
    }

    /** A run that has just begun to wait: one of the two sees the other, since a closing looks for such runs afterwards. */
    void endIfClosed(JobRun<?> run) {
        if (over.get() != null) run.cancel(CLOSED);
    }

    /** A run that is being stopped from now on, with a grace of its own. */
    void endGraceIfOver(JobRun<?> run) {
        if (gracesAreOver) run.graceIsOver();
    }

    void noteLeft(JobRun<?> run) {
        CompletableFuture<Void> left = inside.remove(run);
        if (left != null) left.complete(null);
    }

    void close() {
        var mine = new CompletableFuture<Void>();
        CompletableFuture<Void> before = over.compareAndExchange(null, mine);
        List<JobRun<?>> runs = runs();
        boolean fromInside = Running.isInHandler()
                || runs.stream().anyMatch(JobRun::isOnThisThread)
                || inside.keySet().stream().anyMatch(JobRun::isOnThisThread);
        if (before == null) begin(runs, mine);
        if (!fromInside) await(before == null ? mine : before);
    }

    private void begin(List<JobRun<?>> runs, CompletableFuture<Void> end) {
        StopWalk.cancelAll(runs.stream().filter(JobRun::isWaiting).toList(), CLOSED, grace);
        var waits = new ArrayList<CompletableFuture<?>>(inside.values());
        waits.addAll(endingsOf(runs));
        completeAfter(waits, end);
        if (grace.isZero()) {
            cancelRunning();
            endGraces(end);
        } else {
            onTellerAfter(grace, end, () -> cancelRunningFor(end));
        }
    }

    private void onTellerAfter(Duration delay, CompletableFuture<Void> unlessOver, Runnable task) {
        if (unlessOver.isDone()) return;
        Time.Timer timer =
                scope.time().schedule(delay, () -> scope.threads().start(Role.TELLER, "orchestrator-closing", task));
        CompletionStage<Void> end = unlessOver;
        end.whenComplete((done, never) -> timer.cancel());
    }

    private static List<CompletableFuture<?>> endingsOf(Collection<JobRun<?>> runs) {
        var endings = new ArrayList<CompletableFuture<?>>();
        for (JobRun<?> run : runs) endings.add(run.handle().result().toCompletableFuture());
        return endings;
    }

    private static void completeAfter(Collection<CompletableFuture<?>> waits, CompletableFuture<Void> end) {
        CompletionStage<Void> all = CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new));
        all.whenComplete((done, never) -> end.complete(null));
    }

    private void completeIfQuiet() {
        CompletableFuture<Void> end = over.get();
        if (end == null || !end.isDone()) return; // before the end there are endings that have not begun to be told
        long ended = tellingsOver.sum(); // before the other one: if they are equal then, all that had begun were over
        if (tellingsBegun.sum() == ended) quiet.complete(null);
    }

    /** An ending is about to be told; before its run can be missed among those in flight. */
    void tellingBegins() {
        tellingsBegun.increment();
    }

    /** Who comes here before the closing begins is counted by it; who comes later looks himself. */
    void tellingIsOver() {
        tellingsOver.increment();
        completeIfQuiet();
    }

    /** The runs whose ending is this dispatcher's to wait for; what becomes of the others is said by who drives them. */
    private List<JobRun<?>> runs() {
        List<JobRun<?>> runs = allRuns();
        runs.removeIf(run -> run instanceof DrivenRun);
        return runs;
    }

    /** The runs of this dispatcher whose ending was not told, on whichever bus. */
    private List<JobRun<?>> allRuns() {
        List<SignalBus> buses;
        lock.lock();
        try {
            buses = List.copyOf(served);
        } finally {
            lock.unlock();
        }
        var runs = new ArrayList<JobRun<?>>();
        for (SignalBus bus : buses) {
            for (JobRun<?> run : bus.runs().all()) if (run.dispatcher() == dispatcher) runs.add(run);
        }
        return runs;
    }

    /** What is known now of {@link #allRuns}. */
    List<JobSnapshot> jobs() {
        return JobSnapshot.of(allRuns());
    }

    /** Cancels what runs, and tells it one grace later whether or not it has left. */
    private void cancelRunningFor(CompletableFuture<Void> end) {
        cancelRunning();
        onTellerAfter(grace, end, () -> endGraces(end));
    }

    private void cancelRunning() {
        StopWalk.cancelAll(runs(), CLOSED, grace);
    }

    /** Tells what was not told: the time is up, and code that stays inside is no longer waited for. */
    private void endGraces(CompletableFuture<Void> end) {
        gracesAreOver = true;
        List<JobRun<?>> runs = runs();
        runs.forEach(JobRun::graceIsOver);
        completeAfter(endingsOf(runs), end);
    }

    private void await(CompletableFuture<Void> end) {
        boolean interrupted = false;
        while (!end.isDone()) {
            try {
                scope.threads().await(end, Duration.ofDays(1));
            } catch (InterruptedException wish) {
                interrupted = true;
                cancelRunningFor(end);
            }
        }
        completeIfQuiet(); // those who are told from here on look themselves
        try {
            scope.threads().await(quiet, PATIENCE);
        } catch (InterruptedException wish) {
            interrupted = true;
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
