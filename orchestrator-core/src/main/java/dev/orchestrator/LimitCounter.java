package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/** How many jobs of one limit are in flight and wait. Guarded by the lock of the {@link RunLimits} that made it. */
final class LimitCounter {
    final RunLimit limit;

    /** The type of jobs that it counts; null if it counts all. */
    private final @Nullable Class<?> jobType;

    /** The key that it counts; null if it counts whatever the key. */
    final @Nullable Object key;

    /** Where it is kept while something of it is in flight; null for the limits that stay. */
    final RunsByKey.@Nullable Place place;

    /** How many runs stand in line or have slots and are counted here, or will be; a limit of a key is kept for them. */
    int known;

    int running;
    int waiting;

    /** Whether it was said that this limit makes callers wait; once is enough. */
    boolean saidThatCallersWait;

    LimitCounter(RunLimit limit, @Nullable Class<?> jobType, RunsByKey.@Nullable Place place) {
        this.limit = limit;
        this.jobType = jobType;
        this.place = place;
        this.key = place == null ? null : place.key();
    }

    /** What the limit is about, in words for people. */
    String what() {
        return jobType == null ? "jobs of this dispatcher" : "jobs of type " + Ids.nameOf(jobType);
    }

    boolean isFull() {
        return running >= limit.running();
    }

    boolean isIdle() {
        return known == 0;
    }
}
