package dev.orchestrator;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a job as an asynchronous interceptor sees it, and the way to what it surrounds.
 *
 * @param <J> the type of the job
 * @param <R> what it gives back
 * @see AsyncJobInterceptor
 */
public interface AsyncJobCall<J extends Job<?>, R extends @Nullable Object> {
    /** The job. */
    J job();

    /** What the executor of this attempt gets, too. */
    JobContext context();

    /** Which attempt this is; 1 for the first. */
    default int attempt() {
        return context().attempt();
    }

    /**
     * Goes on to the next interceptor, or to the executor if there is none; from any thread, and as often as wanted.
     *
     * <p>Throws nothing: an error of the inside is in the stage, and a {@link JobCancelledException} if the job was
     * stopped or this attempt is over. Around a plain executor, a call on the job's own thread comes back when the inside
     * has left; one on another thread comes back at once, and the job's own goes inside.
     *
     * @return the stage that the inside answered with
     */
    CompletionStage<R> proceed();
}
