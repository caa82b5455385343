package dev.orchestrator.durable;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The durable jobs as the database has them: to be looked at, counted, and unparked. Any thread may call.
 */
public final class DurableJobs {
    private static final int MOST = 1_000;

    private final Store store;
    private final Runnable due;

    DurableJobs(Store store, Runnable due) {
        this.store = store;
        this.due = due;
    }

    /** The first page of those that the filter means, in the order of acceptance. */
    public Page find(JobFilter filter, int limit) {
        return find(filter, 0, limit);
    }

    /**
     * A page of those that the filter means, in the order of acceptance.
     *
     * @param from {@link Page#next} of the page before; 0 for the first
     * @param limit how many at most; 1 to 1,000
     * @throws IllegalArgumentException if {@code limit} is something else, or {@code from} is negative
     */
    public Page find(JobFilter filter, long from, int limit) {
        if (limit < 1 || limit > MOST)
            throw new IllegalArgumentException("a page has 1 to " + MOST + " jobs, was asked for " + limit);
        if (from < 0) throw new IllegalArgumentException("there is no page from " + from + "; ask hasNext() first");
        return store.find(Objects.requireNonNull(filter, "filter"), from, limit);
    }

    /** The job with that id; empty if there is none, or not any more. */
    public Optional<DurableJob> find(String id) {
        return store.find(Objects.requireNonNull(id, "id"));
    }

    /** How many there are in each state of those that the filter means; 0 where there are none. */
    public Map<JobState, Long> counts(JobFilter filter) {
        return store.counts(Objects.requireNonNull(filter, "filter"));
    }

    /**
     * The job that has waited longest since it was due, for whatever it waits; one that waits for a condition, since it was
     * accepted. Empty if none waits that is due.
     */
    public Optional<DurableJob> oldestWaiting() {
        return store.oldestWaiting();
    }

    /** The attempts at a job that did not succeed, in order. */
    public List<FailedAttempt> failedAttempts(String id) {
        return store.failedAttempts(Objects.requireNonNull(id, "id"));
    }

    /** What people did to a job, in order. */
    public List<RecordedAction> actions(String id) {
        return store.actions(Objects.requireNonNull(id, "id"));
    }

    /**
     * Replaces the JSON of a parked job by one that can be read.
     *
     * @return false if the job is not parked
     */
    public boolean edit(String id, int version, String payload, String actor) {
        return store.find(Objects.requireNonNull(id, "id"))
                        .filter(job -> job.state() == JobState.PARKED)
                        .isPresent()
                && store.edit(
                        id,
                        version,
                        Objects.requireNonNull(payload, "payload"),
                        Objects.requireNonNull(actor, "actor"));
    }

    /**
     * Lets a parked job run again, when the program or the payload was mended.
     *
     * @param actor who does it, in words for people
     * @return false if the job is not parked
     */
    public boolean unpark(String id, String actor) {
        boolean done = store.unpark(Objects.requireNonNull(id, "id"), Objects.requireNonNull(actor, "actor"));
        if (done) due.run();
        return done;
    }
}
