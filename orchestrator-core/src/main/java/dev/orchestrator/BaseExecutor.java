package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * The base of an executor that is a class of its own; {@link #process} is all that it has to do.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="executor"}
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
public abstract class BaseExecutor<J extends Job<R>, R extends @Nullable Object> implements JobExecutor<J, R> {
    /** For subclasses. */
    protected BaseExecutor() {}

    /**
     * Does the work; called as {@link JobExecutor#execute} is.
     *
     * @param job what is wanted
     * @param context the way to report, to emit and to see whether to stop
     * @return the job's value
     * @throws Exception whatever went wrong; it becomes the job's failure
     */
    protected abstract R process(J job, JobContext context) throws Exception;

    @Override
    public final R execute(J job, JobContext context) throws Exception {
        return process(job, context);
    }

    /**
     * Ends the job with its value before {@link #process} returns, for work that goes on afterwards.
     *
     * <p>The first ending counts (P1): if the job has ended already, or is being stopped, this does nothing; and what
     * {@code process} still returns, throws or emits after this is dropped.
     *
     * @param context the context that {@code process} was given
     * @param data the job's value
     * @return whether this call decided the ending
     * @throws IllegalArgumentException if {@code context} is not one that a dispatcher gave
     */
    protected final boolean emitResult(JobContext context, R data) {
        return RunAttempt.of(context).succeed(data);
    }

    /**
     * Ends the job with an error before {@link #process} returns.
     *
     * <p>The first ending counts, as with {@link #emitResult}.
     *
     * @param context the context that {@code process} was given
     * @param error the job's error
     * @return whether this call decided the ending
     * @throws IllegalArgumentException if {@code context} is not one that a dispatcher gave
     */
    protected final boolean emitFailure(JobContext context, Throwable error) {
        return RunAttempt.of(context).fail(error);
    }
}
