package dev.orchestrator;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The runs that a run dispatched and that are not down.
 *
 * <p>A child knows this set and not its parent, so a child that outlives its parent keeps nothing of it alive (P10).
 */
final class ChildRuns {
    private final Set<JobRun<?>> runs = ConcurrentHashMap.newKeySet();

    void add(JobRun<?> child) {
        runs.add(child);
    }

    void remove(JobRun<?> child) {
        runs.remove(child);
    }

    /** A copy of them all. */
    Collection<JobRun<?>> all() {
        return List.copyOf(runs);
    }
}
