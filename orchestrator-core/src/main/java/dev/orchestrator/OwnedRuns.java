package dev.orchestrator;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The runs that an orchestrator dispatched and whose ending it has not handled (P2).
 *
 * <p>A dispatching thread adds a run before it can emit anything; the lane removes it just before it handles the ending.
 */
final class OwnedRuns {
    private static final int NAMED = 5;

    private final ConcurrentHashMap<String, JobRun<?>> byId = new ConcurrentHashMap<>();

    void add(JobRun<?> run) {
        byId.put(run.id(), run);
    }

    /** Lets go of exactly that run: another one may have its id by now. */
    void remove(JobRun<?> run) {
        byId.remove(run.id(), run);
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    @Nullable
    JobRun<?> find(String id) {
        return byId.get(id);
    }

    boolean hasAny(Class<?> jobType) {
        for (JobRun<?> run : byId.values()) if (jobType.isInstance(run.job())) return true;
        return false;
    }

    /** A copy of them all. */
    List<JobRun<?>> all() {
        return List.copyOf(byId.values());
    }

    /** The owner is closed: the runs, which it gives, go on without it. */
    List<JobRun<?>> release() {
        List<JobRun<?>> all = all();
        byId.values().forEach(JobRun::forgetOwner);
        byId.clear();
        return all;
    }

    /** How many there are and which, for people. */
    @Override
    public String toString() {
        var names = byId.values().stream()
                .limit(NAMED)
                .map(run -> Ids.nameOf(run.job().getClass()) + " " + run.id())
                .collect(Collectors.joining(", "));
        int count = byId.size();
        return count
                + (count == 1 ? " job" : " jobs")
                + (count == 0 ? "" : " (" + names + (count > NAMED ? ", ..." : "") + ")");
    }
}
