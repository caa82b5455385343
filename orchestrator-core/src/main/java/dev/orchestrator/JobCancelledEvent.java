package dev.orchestrator;

import java.time.Instant;

/** The job was stopped by somebody's wish. */
public final class JobCancelledEvent extends TerminalEvent {
    private final String reason;

    JobCancelledEvent(String correlationId, Instant timestamp, Job<?> job, int attempts, String reason) {
        super(correlationId, timestamp, job, attempts);
        this.reason = reason;
    }

    /** Why, in words for people. */
    public String reason() {
        return reason;
    }

    @Override
    public JobResult.Cancelled<?> result() {
        return new JobResult.Cancelled<Object>(reason);
    }
}
