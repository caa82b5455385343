package dev.orchestrator.spi;

import org.jspecify.annotations.Nullable;

/**
 * Has the jobs of a type done elsewhere, later, or in a way of its own: registered instead of an executor.
 *
 * <p>Whoever drives a job decides its ending: it says through the {@link JobControl} what happens to the job, and the job is
 * told as any other one is. The core keeps ownership, order and the one ending (P1, P2, P4); of the job's options it obeys
 * the id and the token. Time limits, retries, keys and limits are the driver's to obey, or to refuse.
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 * @see dev.orchestrator.Dispatcher#drive
 */
public interface JobDriver<J, R extends @Nullable Object> {
    /**
     * Takes a job on; called on the dispatching thread, after the owner tracks the job and before the dispatch returns.
     *
     * <p>Not called for a job whose token was cancelled before: that one is told as cancelled.
     *
     * <p>What it throws refuses the dispatch, with that exception, and nothing stays tracked; unless it has told something
     * of the job before: then the job was accepted, and what it throws is the job's failure.
     *
     * @param job what is wanted
     * @param control the job as its worker sees it; may be kept until the ending
     */
    void start(J job, JobControl<R> control);

    /**
     * Takes up again a job that is under way already, for an orchestrator that {@linkplain
     * dev.orchestrator.BaseOrchestrator#adopt adopts} it; otherwise as {@link #start}.
     *
     * @throws UnsupportedOperationException if jobs of this driver outlive no process; that is what it does unless overridden
     */
    default void adopt(J job, JobControl<R> control) {
        throw new UnsupportedOperationException("the jobs of " + getClass().getName()
                + " are under way in this process only, so none can be adopted; dispatch the job instead");
    }
}
