package dev.orchestrator.testkit;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobProgress;
import dev.orchestrator.SignalBus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A dispatcher that takes every job without an executor for it, writes it down, and ends it when the test says so.
 *
 * <p>Where a test says which job is meant, it is the one of that type, or equal to that one, whose code began first. An
 * executor that is registered with {@link #dispatcher()} is used as ever, and its jobs are not in the hands of the test. All
 * methods may be called from any thread.
 */
public final class RecordingDispatcher implements AutoCloseable {
    private record InFlight(Job<?> job, JobContext context, CompletableFuture<@Nullable Object> end) {}

    private final Dispatcher dispatcher;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock: written by workers, read by the test.
    private final List<Job<?>> begun = new ArrayList<>();
    private final List<InFlight> inFlight = new ArrayList<>();

    private RecordingDispatcher(SignalBus bus) {
        dispatcher = Dispatcher.builder().bus(bus).fallback(this::take).build();
    }

    /** Makes one on that bus. */
    public static RecordingDispatcher on(SignalBus bus) {
        return new RecordingDispatcher(Objects.requireNonNull(bus, "bus"));
    }

    private CompletableFuture<@Nullable Object> take(Job<?> job, JobContext context) {
        var each = new InFlight(job, context, new CompletableFuture<>());
        lock.lock();
        try {
            begun.add(job);
            inFlight.add(each);
        } finally {
            lock.unlock();
        }
        return each.end;
    }

    /** The dispatcher, to be given to what is tested. */
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** The jobs whose code began, in that order, once per attempt; a copy. */
    public List<Job<?>> begun() {
        lock.lock();
        try {
            return List.copyOf(begun);
        } finally {
            lock.unlock();
        }
    }

    /** The jobs that wait for the test to end them, in the order in which they began; a copy. */
    public List<Job<?>> inFlight() {
        lock.lock();
        try {
            inFlight.removeIf(each -> each.end.isDone()); // stopped
            return inFlight.stream().<Job<?>>map(InFlight::job).toList();
        } finally {
            lock.unlock();
        }
    }

    // ---- ending jobs ----

    /**
     * Lets the oldest job of a type succeed.
     *
     * @throws AssertionError if there is none
     */
    public <J extends Job<R>, R extends @Nullable Object> void succeed(Class<J> type, R value) {
        find(type).end.complete(value);
    }

    /**
     * Lets the oldest job that is equal to that one succeed.
     *
     * @throws AssertionError if there is none
     */
    public <R extends @Nullable Object> void succeed(Job<R> job, R value) {
        find(job).end.complete(value);
    }

    /**
     * Lets the oldest job of a type fail; its retry policy holds as ever.
     *
     * @throws AssertionError if there is none
     */
    public void fail(Class<? extends Job<?>> type, Throwable error) {
        find(type).end.completeExceptionally(Objects.requireNonNull(error, "error"));
    }

    /**
     * Lets the oldest job that is equal to that one fail; its retry policy holds as ever.
     *
     * @throws AssertionError if there is none
     */
    public void fail(Job<?> job, Throwable error) {
        find(job).end.completeExceptionally(Objects.requireNonNull(error, "error"));
    }

    // ---- what jobs say before they end ----

    /**
     * Lets the oldest job of a type report how far it is.
     *
     * @throws AssertionError if there is none
     */
    public void report(Class<? extends Job<?>> type, JobProgress progress) {
        find(type).context.progress(progress);
    }

    /**
     * Lets the oldest job of a type emit an event of its own.
     *
     * @throws AssertionError if there is none
     */
    public void emit(Class<? extends Job<?>> type, Event event) {
        find(type).context.emit(event);
    }

    /**
     * The id of the oldest job of a type.
     *
     * @throws AssertionError if there is none
     */
    public String idOf(Class<? extends Job<?>> type) {
        return find(type).context.jobId();
    }

    /** Closes the dispatcher, which cancels what is in flight. */
    @Override
    public void close() {
        dispatcher.close();
    }

    private InFlight find(Class<?> type) {
        return find(type::isInstance, "of type " + type.getName());
    }

    private InFlight find(Job<?> job) {
        return find(job::equals, "equal to " + job);
    }

    private InFlight find(Predicate<Job<?>> which, String inWords) {
        lock.lock();
        try {
            inFlight.removeIf(each -> each.end.isDone());
            for (InFlight each : inFlight) {
                if (which.test(each.job)) return each;
            }
            throw new AssertionError("no job " + inWords + " is in flight; in flight are "
                    + inFlight.stream().map(InFlight::job).toList() + ". Let the world run first");
        } finally {
            lock.unlock();
        }
    }
}
