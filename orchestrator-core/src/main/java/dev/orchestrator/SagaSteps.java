package dev.orchestrator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one saga, or of a branch of it, that were done and may have to be undone.
 *
 * <p>Whether a step is kept and whether nothing is kept any more is decided under the lock; so a step that was under way
 * while the saga ended is undone by whoever did it, and each step is undone at most once. No user code runs under the lock.
 */
final class SagaSteps {
    private interface Undo {
        void run() throws Exception;
    }

    private record Done(long number, String step, Undo undo) {}

    /** What came of undoing. */
    record Undone(List<String> undone, List<SagaReport.NotUndone> left) {}

    private final String saga;
    private final String id;
    private final SignalBus bus;
    private final Consumer<Event> events;
    private final ReentrantLock lock = new ReentrantLock();

    private final AtomicLong lastNumber; // of the steps of all branches, in the order in which they were done

    // Guarded by lock.
    private final List<Done> done = new ArrayList<>();

    private final List<String> undoneBefore = new ArrayList<>(); // of branches that were not needed
    private final List<SagaReport.NotUndone> leftBefore = new ArrayList<>();
    private boolean over;
    private int begun;
    private @Nullable Throwable failure; // of the step that failed last
    private JobOptions undoing = JobOptions.NONE;

    private SagaSteps(String saga, String id, SignalBus bus, Consumer<Event> events, AtomicLong lastNumber) {
        this.saga = Ids.checked(saga, "the name of a saga");
        this.id = id;
        this.bus = bus;
        this.events = events;
        this.lastNumber = lastNumber;
    }

    static SagaSteps on(SignalBus bus, String saga) {
        return new SagaSteps(saga, bus.scope().ids().next("saga"), bus, bus::emit, new AtomicLong());
    }

    /** Inside a job, which its events belong to. What is told after the job was stopped is told on the job's bus. */
    static SagaSteps in(JobContext context, String saga) {
        SignalBus bus = RunAttempt.of(context).run().bus();
        Consumer<Event> events = event -> {
            if (context.isCancelled()) bus.emit(event);
            else context.emit(event);
        };
        return new SagaSteps(saga, context.jobId() + "/" + saga, bus, events, new AtomicLong());
    }

    /** Steps of the same saga that are kept apart, until they are added to these or undone. */
    SagaSteps branch() {
        return new SagaSteps(saga, id, bus, events, lastNumber);
    }

    String saga() {
        return saga;
    }

    String id() {
        return id;
    }

    SignalBus bus() {
        return bus;
    }

    void undoWith(JobOptions options) {
        lock.lock();
        try {
            undoing = options.checkedForDispatch();
        } finally {
            lock.unlock();
        }
    }

    // ---- doing ----

    /** Does a step and keeps what undoes it; what the action throws is thrown as it is. */
    <T extends @Nullable Object> T step(
            @Nullable String chosen,
            Callable<T> action,
            @Nullable Compensation<? super T> compensation,
            @Nullable Compensation<? super Throwable> ifUnknown)
            throws Exception {
        String step = begin(chosen);
        T result;
        try {
            result = action.call();
        } catch (Throwable error) {
            fail(step, error);
            if (ifUnknown != null && isUnknown(error)) keep(step, () -> ifUnknown.undo(error));
            throw error;
        }
        tell(new SagaEvent.StepDone(saga, id, step));
        if (compensation != null) keep(step, () -> compensation.undo(result));
        return result;
    }

    private String begin(@Nullable String chosen) {
        lock.lock();
        try {
            if (over) throw ended();
            begun++;
            return chosen == null ? "step " + begun : chosen;
        } finally {
            lock.unlock();
        }
    }

    private void fail(String step, Throwable error) {
        lock.lock();
        try {
            failure = error;
        } finally {
            lock.unlock();
        }
        tell(new SagaEvent.StepFailed(saga, id, step, error));
    }

    private static boolean isUnknown(Throwable error) {
        return error instanceof JobTimeoutException
                || error instanceof TimeoutException
                || error instanceof JobCancelledException
                || error instanceof CancellationException
                || error instanceof InterruptedException;
    }

    private void keep(String step, Undo undo) {
        var toKeep = new Done(lastNumber.incrementAndGet(), step, undo);
        lock.lock();
        try {
            if (!over) {
                done.add(toKeep);
                return;
            }
        } finally {
            lock.unlock();
        }
        undo(toKeep);
        throw ended();
    }

    IllegalStateException ended() {
        return new IllegalStateException("saga " + saga + " (" + id + ") has ended");
    }

    /** Adds the steps of a branch that has come to its end, and what was undone in it. */
    void absorb(SagaSteps branch) {
        List<Done> theirs = branch.end();
        lock.lock();
        try {
            done.addAll(theirs);
            undoneBefore.addAll(branch.undoneBefore); // ended: nobody adds to them any more
            leftBefore.addAll(branch.leftBefore);
        } finally {
            lock.unlock();
        }
    }

    /** What a branch had done that was not needed was undone, or not. */
    void noteUndone(Undone undone) {
        lock.lock();
        try {
            undoneBefore.addAll(undone.undone());
            leftBefore.addAll(undone.left());
        } finally {
            lock.unlock();
        }
    }

    // ---- ending ----

    /** Nothing is undone any more; false if it had ended before. */
    boolean commit() {
        lock.lock();
        try {
            if (over) return false;
            over = true;
            done.clear();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps no further step; gives those that were kept, the newest first. */
    private List<Done> end() {
        lock.lock();
        try {
            over = true;
            List<Done> kept = new ArrayList<>(done);
            done.clear();
            kept.sort(Comparator.comparingLong(Done::number).reversed());
            return kept;
        } finally {
            lock.unlock();
        }
    }

    /** What the step that failed last threw; null if none failed. */
    @Nullable
    Throwable failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /** Undoes what was done, newest first, on this thread; an interrupt is kept until all is tried. */
    Undone undoAll() {
        List<Done> kept = end();
        var undone = new ArrayList<>(undoneBefore); // ended: nobody adds to them any more
        var left = new ArrayList<>(leftBefore);
        boolean interrupted = Thread.interrupted();
        for (Done step : kept) {
            Throwable error = undo(step);
            interrupted |= Thread.interrupted();
            if (error == null) undone.add(step.step());
            else left.add(new SagaReport.NotUndone(step.step(), error));
        }
        if (interrupted) Thread.currentThread().interrupt();
        return new Undone(undone, left);
    }

    private @Nullable Throwable undo(Done step) {
        try {
            undoPersistently(step);
        } catch (Throwable error) {
            tell(new SagaEvent.UndoFailed(saga, id, step.step(), error));
            return error;
        }
        tell(new SagaEvent.StepUndone(saga, id, step.step()));
        return null;
    }

    /** A compensation with a policy or a limit is a job like any other, on a dispatcher of its own. */
    private void undoPersistently(Done step) throws Exception {
        JobOptions options;
        lock.lock();
        try {
            options = undoing;
        } finally {
            lock.unlock();
        }
        if (options.equals(JobOptions.NONE)) {
            step.undo().run();
            return;
        }
        try (var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(UndoStep.class, (job, context) -> {
                step.undo().run();
                return job.step();
            });
            dispatcher.run(new UndoStep(saga, step.step()), options);
        }
    }

    private record UndoStep(String saga, String step) implements Job<String> {}

    /** The report of what was undone; where steps are left, nobody misses it. */
    <T extends @Nullable Object> SagaReport<T> report(Undone undone, @Nullable Throwable because) {
        var cause = Optional.ofNullable(because);
        if (undone.left().isEmpty()) return new SagaReport.Compensated<>(saga, id, cause, undone.undone());
        var failed = new SagaReport.CompensationFailed<T>(saga, id, cause, undone.undone(), undone.left());
        var told = new CompensationFailedException(failed);
        Log.error(String.valueOf(told.getMessage()), told);
        if (because != null) because.addSuppressed(told);
        return failed;
    }

    void tell(SagaEvent event) {
        bus.scope().wall().run("the events of saga " + saga, () -> events.accept(event));
    }
}
