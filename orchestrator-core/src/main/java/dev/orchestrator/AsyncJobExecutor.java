package dev.orchestrator;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Knows how to begin one type of job, and answers with a stage: no thread is held while the job is under way.
 *
 * <p>The job ends as its stage does. Stopping the job cancels the stage that was returned; reaching further upstream is
 * the executor's own task. The thread that completes the stage is never interrupted.
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
@FunctionalInterface
public interface AsyncJobExecutor<J extends @Nullable Object, R extends @Nullable Object> {
    /**
     * Begins the work; called on a worker thread, and should return soon.
     *
     * @param job what is wanted
     * @param context the way to report, to emit and to see whether to stop
     * @return the stage that completes with the job's value or its error
     * @throws Exception whatever went wrong; it becomes the job's failure
     */
    CompletionStage<? extends R> execute(J job, JobContext context) throws Exception;
}
