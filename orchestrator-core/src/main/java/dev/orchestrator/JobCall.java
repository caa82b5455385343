package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * One attempt of a job as an interceptor sees it, and the way to what it surrounds.
 *
 * @param <J> the type of the job
 * @param <R> what it gives back
 * @see JobInterceptor
 */
public interface JobCall<J extends Job<?>, R extends @Nullable Object> {
    /** The job. */
    J job();

    /** What the executor of this attempt gets, too. */
    JobContext context();

    /** Which attempt this is; 1 for the first. */
    default int attempt() {
        return context().attempt();
    }

    /**
     * Goes on to the next interceptor, or to the executor if there is none.
     *
     * <p>Each call goes there once more, so an interceptor may repeat what is inside; those calls are one attempt of the
     * job. Meant for the thread that the interceptor was called on: interrupts of the job reach no other.
     *
     * @return the value that the inside gave
     * @throws JobCancelledException if the job was stopped, or this attempt is over
     * @throws Exception the error of the inside, as it was thrown
     */
    R proceed() throws Exception;
}
