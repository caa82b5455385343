package dev.orchestrator;

import java.time.Duration;
import java.time.Instant;

/** An attempt failed, and another one will be made. */
public final class JobRetryingEvent extends JobEvent {
    private final int attempt;
    private final int limit;
    private final Throwable error;
    private final Duration delay;

    JobRetryingEvent(
            String correlationId,
            Instant timestamp,
            Job<?> job,
            int attempt,
            int limit,
            Throwable error,
            Duration delay) {
        super(correlationId, timestamp, job);
        this.attempt = attempt;
        this.limit = limit;
        this.error = error;
        this.delay = delay;
    }

    /** The attempt that failed; 1 for the first. */
    public int attempt() {
        return attempt;
    }

    /** How many attempts there are at most, the first included. */
    public int limit() {
        return limit;
    }

    /** Why the attempt failed. */
    public Throwable error() {
        return error;
    }

    /** How long the job waits before the next attempt. */
    public Duration delay() {
        return delay;
    }
}
