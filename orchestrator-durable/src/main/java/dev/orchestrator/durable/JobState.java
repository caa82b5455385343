package dev.orchestrator.durable;

/** How far a durable job is, as the database has it. */
public enum JobState {
    /** It waits: to be due, for a worker, for its key, for a limit, for a condition, or for its next attempt. */
    WAITING,
    /** A worker has it. */
    RUNNING,
    /** It cannot be read, or no program knows it; it is kept, with the reason, until somebody can. */
    PARKED,
    /** It has ended with a value. */
    SUCCEEDED,
    /** It has failed for good: a dead letter. */
    FAILED,
    /** It was cancelled. */
    CANCELLED,
    /** Its time in all was up. */
    TIMED_OUT;

    /** Whether nothing more will happen to it. */
    public boolean isEnded() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED || this == TIMED_OUT;
    }
}
