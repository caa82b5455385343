package dev.orchestrator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The runs that a run dispatched and that have not ended.
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

    void cancelAll(String reason) {
        runs.forEach(child -> child.cancel(reason));
    }
}
