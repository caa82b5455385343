package dev.orchestrator;

import java.time.Instant;

/**
 * An event of a job's life, told by the framework.
 *
 * <p>Nobody else can make one, so an ending cannot be forged. A {@code switch} over the permitted types is complete.
 */
public abstract sealed class JobEvent extends BaseEvent
        permits JobStartedEvent, JobProgressEvent, JobDataEvent, JobRetryingEvent, TerminalEvent {
    private final Job<?> job;

    JobEvent(String correlationId, Instant timestamp, Job<?> job) {
        super(correlationId, timestamp);
        this.job = job;
    }

    /** The job, as it was dispatched. */
    public final Job<?> job() {
        return job;
    }

    /** The event's type, the job's type and id; no content, which may hold what belongs in no log. */
    @Override
    public final String toString() {
        return Ids.nameOf(getClass()) + "(" + Ids.nameOf(job.getClass()) + " " + correlationId() + ")";
    }
}
