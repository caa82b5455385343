package dev.orchestrator.spi;

import dev.orchestrator.JobContext;
import dev.orchestrator.JobExecutor;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An executor whose jobs may wait for one work together instead of doing it each for itself; a cache is one.
 *
 * <p>Registered like any executor. A job that takes part in a {@link SharedWork} holds no thread. Retries, the time limit
 * of an attempt, and interceptors belong to the work; the time that a job has in all, its limits and its cancellation are
 * its own. A job that needs no work has neither retries nor interceptors.
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
public interface SharingExecutor<J extends @Nullable Object, R extends @Nullable Object> extends JobExecutor<J, R> {
    /**
     * Begins a job; called on a worker thread, and should return soon.
     *
     * @param job what is wanted
     * @param context the job, and the way to take part in a work
     * @return a stage that completes with the job's value or its error; the one of {@link SharingContext#join} as it is, so
     *     that stopping the job reaches the work
     * @throws Exception whatever went wrong; it becomes the job's failure
     */
    CompletionStage<? extends R> begin(J job, SharingContext<R> context) throws Exception;

    /**
     * Begins the job and waits for it, where another executor calls this one.
     *
     * @throws IllegalArgumentException if {@code context} is not one that a dispatcher gave
     */
    @Override
    default R execute(J job, JobContext context) throws Exception {
        SharingContext<R> sharing = SharingContext.of(context);
        return sharing.await(begin(job, sharing));
    }
}
