package dev.orchestrator;

import java.time.Instant;

/** The job failed. */
public final class JobFailureEvent extends TerminalEvent {
    private final Throwable error;

    JobFailureEvent(String correlationId, Instant timestamp, Job<?> job, int attempts, Throwable error) {
        super(correlationId, timestamp, job, attempts);
        this.error = error;
    }

    /** What the job threw, with its stack trace. */
    public Throwable error() {
        return error;
    }

    @Override
    public JobResult.Failure<?> result() {
        return new JobResult.Failure<Object>(error);
    }
}
