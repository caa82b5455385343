package dev.orchestrator;

import java.time.Duration;
import java.time.Instant;

/** The job was stopped because its time was up. */
public final class JobTimeoutEvent extends TerminalEvent {
    private final Duration limit;

    JobTimeoutEvent(String correlationId, Instant timestamp, Job<?> job, int attempts, Duration limit) {
        super(correlationId, timestamp, job, attempts);
        this.limit = limit;
    }

    /** The time that the job had. */
    public Duration limit() {
        return limit;
    }

    @Override
    public JobResult.TimedOut<?> result() {
        return new JobResult.TimedOut<Object>(limit);
    }
}
