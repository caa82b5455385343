package dev.orchestrator;

import java.time.Instant;

/** A worker has begun with the job; once per job, before every other event of it. */
public final class JobStartedEvent extends JobEvent {
    JobStartedEvent(String correlationId, Instant timestamp, Job<?> job) {
        super(correlationId, timestamp, job);
    }
}
