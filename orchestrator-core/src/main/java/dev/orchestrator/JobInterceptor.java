package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * Stands around the attempts of jobs: before, after and instead of what is inside; a lambda is enough.
 *
 * <p>Inside of an interceptor are the ones declared after it, and innermost the executor. It may change the result, throw
 * another error, leave the inside out, or go there again. It sees every attempt of a job: a retry of the job's policy
 * comes through all interceptors once more. What it returns or throws is the attempt's result.
 *
 * <p>It runs on the job's own thread and inside the job's time limits, so it may block, and an interrupt of the job
 * reaches it as it reaches the executor. It is called for many jobs at the same time. A job whose executor answers with a
 * stage, and which would otherwise hold no thread, gets a virtual one that waits; an {@link AsyncJobInterceptor} does
 * without. An object that implements both surrounds each job in the form that fits it.
 *
 * <p>A class of interceptors for any type of jobs leaves both of its type parameters open
 * ({@code class Timed<J extends Job<?>, R> implements JobInterceptor<J, R>}): then it fits wherever one is declared.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="intercept"}
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 * @see Dispatcher#intercept
 */
@FunctionalInterface
public interface JobInterceptor<J extends Job<?>, R extends @Nullable Object> {
    /**
     * Surrounds one attempt.
     *
     * @param call the attempt, and the way inside
     * @return the attempt's value
     * @throws Exception whatever went wrong; it becomes the attempt's error
     */
    R intercept(JobCall<J, R> call) throws Exception;
}
