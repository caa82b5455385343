package dev.orchestrator;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The runs of a bus whose ending has not been told, by id: a duplicate id is refused, an event finds its run. */
final class RunsInFlight {
    private final ConcurrentHashMap<String, JobRun<?>> byId = new ConcurrentHashMap<>();

    void add(JobRun<?> run) {
        JobRun<?> other = byId.putIfAbsent(run.id(), run);
        if (other == null) return;
        throw new IllegalStateException("job id " + run.id() + " is in flight already, for a job of type "
                + other.job().getClass().getName() + ". Wait for its ending, or give this "
                + Ids.nameOf(run.job().getClass()) + " an id of its own (JobIds.next)");
    }

    void remove(JobRun<?> run) {
        byId.remove(run.id(), run);
    }

    @Nullable
    JobRun<?> find(String id) {
        return byId.get(id);
    }

    Collection<JobRun<?>> all() {
        return byId.values();
    }
}
