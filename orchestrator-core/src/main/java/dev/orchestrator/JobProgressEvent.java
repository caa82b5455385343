package dev.orchestrator;

import java.time.Instant;

/** The job told how far it is; the fraction never goes back. */
public final class JobProgressEvent extends JobEvent {
    private final JobProgress progress;

    JobProgressEvent(String correlationId, Instant timestamp, Job<?> job, JobProgress progress) {
        super(correlationId, timestamp, job);
        this.progress = progress;
    }

    /** How far the job is. */
    public JobProgress progress() {
        return progress;
    }

    /** How far the job is, from 0 to 1. */
    public double fraction() {
        return progress.fraction();
    }
}
