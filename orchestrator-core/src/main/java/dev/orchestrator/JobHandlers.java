package dev.orchestrator;

import java.time.Duration;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Declares what an orchestrator does at each turn in the life of its own jobs of one type.
 *
 * <p>Given by {@link BaseOrchestrator#on}. Handlers run on the orchestrator's lane, after the hook for the same event, in
 * the order in which they were declared.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="typed-handlers"}
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
public final class JobHandlers<J, R extends @Nullable Object> {
    private final BaseOrchestrator<?> orchestrator;
    private final Class<J> type;

    JobHandlers(BaseOrchestrator<?> orchestrator, Class<J> type) {
        this.orchestrator = orchestrator;
        this.type = type;
    }

    /** When a worker has begun with the job. */
    public JobHandlers<J, R> started(Consumer<? super J> handler) {
        return add("started", JobStartedEvent.class, handler, (job, event) -> handler.accept(job));
    }

    /** When the job tells how far it is. */
    public JobHandlers<J, R> progress(BiConsumer<? super J, ? super JobProgress> handler) {
        return add("progress", JobProgressEvent.class, handler, (job, event) -> handler.accept(job, event.progress()));
    }

    /** When the job tells a value before its ending: what a cache has, or a placeholder. */
    @SuppressWarnings("unchecked") // as for success
    public JobHandlers<J, R> data(BiConsumer<? super J, ? super JobDataEvent<R>> handler) {
        return add("data", JobDataEvent.class, handler, (job, event) -> handler.accept(job, (JobDataEvent<R>) event));
    }

    /** When an attempt failed and another one will be made. */
    public JobHandlers<J, R> retrying(BiConsumer<? super J, ? super JobRetryingEvent> handler) {
        return add("retrying", JobRetryingEvent.class, handler, handler::accept);
    }

    /** When the job gave its value. */
    @SuppressWarnings(
            "unchecked") // the data of a success of a J is an R: register ties the executor's result to the job's
    public JobHandlers<J, R> success(BiConsumer<? super J, ? super R> handler) {
        return add("success", JobSuccessEvent.class, handler, (job, event) -> handler.accept(job, (R) event.data()));
    }

    /** When the job failed. */
    public JobHandlers<J, R> failure(BiConsumer<? super J, ? super Throwable> handler) {
        return add("failure", JobFailureEvent.class, handler, (job, event) -> handler.accept(job, event.error()));
    }

    /** When the job was cancelled; the handler gets the reason. */
    public JobHandlers<J, R> cancelled(BiConsumer<? super J, ? super String> handler) {
        return add("cancelled", JobCancelledEvent.class, handler, (job, event) -> handler.accept(job, event.reason()));
    }

    /** When the job's time was up; the handler gets the limit. */
    public JobHandlers<J, R> timedOut(BiConsumer<? super J, ? super Duration> handler) {
        return add("timedOut", JobTimeoutEvent.class, handler, (job, event) -> handler.accept(job, event.limit()));
    }

    /** When the job has ended, in whichever way. */
    @SuppressWarnings("unchecked")
    public JobHandlers<J, R> ended(BiConsumer<? super J, ? super JobResult<R>> handler) {
        return add(
                "ended",
                TerminalEvent.class,
                handler,
                (job, event) -> handler.accept(job, (JobResult<R>) event.result()));
    }

    @SuppressWarnings("unchecked") // the table calls it with events of that type about jobs of this type only
    private <E extends JobEvent> JobHandlers<J, R> add(
            String what, Class<E> eventType, Object handler, BiConsumer<J, E> call) {
        Objects.requireNonNull(handler, "handler");
        orchestrator.declare(type, eventType, what, (job, event) -> call.accept((J) job, (E) event));
        return this;
    }
}
