package dev.orchestrator;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was known of a job in flight at one moment.
 *
 * @param id the job's id
 * @param job the job
 * @param owner the name of the orchestrator that dispatched it, or that dispatched the job it is a child of; null if none
 *     did, or if that one is closed
 * @param phase how far it was
 * @param attempts how many attempts had begun
 * @param options what holds for it: the dispatch's options over the job's over the registration's
 */
public record JobSnapshot(
        String id, Job<?> job, @Nullable String owner, Phase phase, int attempts, JobOptions options) {
    /** How far a job is. */
    public enum Phase {
        /** It has not begun, or waits for its next attempt. */
        WAITING,
        /** Its code may be running. */
        RUNNING,
        /** It was cancelled or its time is up, and its code has not left; or its driver was told to stop it, and has not. */
        STOPPING,
        /** Its ending is decided and may be told by now. */
        ENDED
    }

    /** What is known now of those runs, by id. */
    static List<JobSnapshot> of(Collection<JobRun<?>> runs) {
        return runs.stream()
                .map(JobRun::snapshot)
                .sorted(Comparator.comparing(JobSnapshot::id))
                .toList();
    }

    /** Id, type, owner, phase and attempts; what is in the job appears in no log. */
    @Override
    public String toString() {
        String ofOwner = owner == null ? "" : " of orchestrator " + owner;
        return "job " + id + " of type " + job.getClass().getName() + ofOwner + ", " + phase + ", attempts " + attempts;
    }
}
