package dev.orchestrator;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The last event of a job; every accepted job gets exactly one (P1). */
public abstract sealed class TerminalEvent extends JobEvent
        permits JobSuccessEvent, JobFailureEvent, JobCancelledEvent, JobTimeoutEvent {
    private final int attempts;

    TerminalEvent(String correlationId, Instant timestamp, Job<?> job, int attempts) {
        super(correlationId, timestamp, job);
        this.attempts = attempts;
    }

    static <R extends @Nullable Object> TerminalEvent of(
            JobResult<R> result, String id, Instant now, Job<?> job, int attempts, Provenance provenance) {
        return switch (result) {
            case JobResult.Success<R>(R value) -> new JobSuccessEvent<>(id, now, job, attempts, value, provenance);
            case JobResult.Failure<R>(Throwable error) -> new JobFailureEvent(id, now, job, attempts, error);
            case JobResult.Cancelled<R>(String reason) -> new JobCancelledEvent(id, now, job, attempts, reason);
            case JobResult.TimedOut<R>(Duration limit) -> new JobTimeoutEvent(id, now, job, attempts, limit);
        };
    }

    /** How many attempts there were; 0 if the job never started. */
    public final int attempts() {
        return attempts;
    }

    /** The ending as a result, to be matched. */
    public abstract JobResult<?> result();
}
