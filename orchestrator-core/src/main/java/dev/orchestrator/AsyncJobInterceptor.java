package dev.orchestrator;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Stands around the attempts of jobs as a {@link JobInterceptor} does, and answers with a stage: no thread is held.
 *
 * <p>Around a job whose executor answers with a stage, as long as every interceptor around that job has this form, all of
 * it happens without a thread. Stopping the job cancels the stages that are under way, the executor's first and the
 * outermost interceptor's last. What is still under way inside when the outermost stage completes is cancelled, too.
 *
 * <p>Around a plain executor the job's own thread waits for the returned stage, and goes inside whenever the interceptor
 * proceeds, on whichever thread it does; so the executor stays on the job's thread, and so do interrupts.
 *
 * <p>An interceptor must not block: not to wait for the stage of {@link AsyncJobCall#proceed}, either.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="intercept-async"}
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 * @see Dispatcher#interceptAsync
 */
@FunctionalInterface
public interface AsyncJobInterceptor<J extends Job<?>, R extends @Nullable Object> {
    /**
     * Surrounds one attempt.
     *
     * @param call the attempt, and the way inside
     * @return the stage that completes with the attempt's value or its error
     * @throws Exception whatever went wrong; it becomes the attempt's error
     */
    CompletionStage<? extends R> interceptAsync(AsyncJobCall<J, R> call) throws Exception;
}
