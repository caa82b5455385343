package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * Knows how to do one type of job; a lambda is enough.
 *
 * <p>An executor is stateless, knows no screen and no orchestrator, and is called for many jobs at the same time. Each
 * call runs on a virtual thread of its own unless the dispatcher was given another worker, so plain blocking code is
 * right here. Work that computes for long belongs on platform threads: virtual ones are not time-sliced, and as many
 * computing jobs as there are cores hold up all others. Whatever it throws, an {@link Error} too, becomes the job's
 * failure (P1).
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 * @see AsyncJobExecutor
 * @see BaseExecutor
 */
@FunctionalInterface
public interface JobExecutor<J extends @Nullable Object, R extends @Nullable Object> {
    /**
     * Does the work.
     *
     * @param job what is wanted
     * @param context the way to report, to emit and to see whether to stop
     * @return the job's value
     * @throws Exception whatever went wrong; it becomes the job's failure
     */
    R execute(J job, JobContext context) throws Exception;
}
