package dev.orchestrator;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Cancels several jobs at once: all that were dispatched with it, and all that still will be.
 *
 * <p>Given to a dispatch by {@link JobOptions.Builder#token}. A job that has ended is forgotten here and nobody else is
 * (P10); one that is dispatched with a token that was cancelled before never starts, and is told as cancelled. Every method
 * may be called from any thread.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="token"}
 */
public final class CancellationToken {
    // Written once, by whoever cancels first. A run adds itself and then looks here; who cancels writes here and then
    // looks for runs. So at least one of the two sees the other, and a run that both see is cancelled once by its cell.
    private final AtomicReference<@Nullable String> reason = new AtomicReference<>();

    private final Set<JobRun<?>> runs = ConcurrentHashMap.newKeySet();

    /** Makes a token that is not cancelled. */
    public CancellationToken() {}

    /**
     * Cancels the jobs of this token, those that run and those to come.
     *
     * @param why why, in words for people; it is in their events
     * @return whether this call was the first; a later one does nothing
     * @throws IllegalArgumentException if {@code why} is blank
     */
    public boolean cancel(String why) {
        Ids.checked(why, "the reason of a cancellation");
        if (!reason.compareAndSet(null, why)) return false;
        StopWalk.cancelAll(runs, why, false);
        return true;
    }

    /** Whether it was cancelled. */
    public boolean isCancelled() {
        return reason.get() != null;
    }

    /** Why it was cancelled; empty if it was not. */
    public Optional<String> reason() {
        return Optional.ofNullable(reason.get());
    }

    /**
     * Leaves the work of whoever calls, if this token was cancelled.
     *
     * @throws JobCancelledException if {@link #isCancelled()}
     */
    public void throwIfCancelled() {
        String why = reason.get();
        if (why != null) throw new JobCancelledException(why);
    }

    /** Cancels the run now or later. */
    void add(JobRun<?> run) {
        runs.add(run);
        String why = reason.get();
        if (why != null) run.cancel(why);
    }

    /** The run has ended. */
    void remove(JobRun<?> run) {
        runs.remove(run);
    }

    /** How many runs it would cancel. */
    int size() {
        return runs.size();
    }

    @Override
    public String toString() {
        String why = reason.get();
        return why == null ? "CancellationToken" : "CancellationToken(cancelled: " + why + ")";
    }
}
