package dev.orchestrator;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a job ended: one of four ways, to be matched in a {@code switch} that the compiler checks.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="result"}
 *
 * @param <R> what the job gives back
 */
public sealed interface JobResult<R extends @Nullable Object> {

    /**
     * The job gave its value.
     *
     * @param value what it gave back; null is a value
     */
    record Success<R extends @Nullable Object>(R value) implements JobResult<R> {}

    /**
     * The job threw, or said that it failed.
     *
     * @param error what it threw, with its stack trace
     */
    record Failure<R extends @Nullable Object>(Throwable error) implements JobResult<R> {
        /** Refuses a null error. */
        public Failure {
            Objects.requireNonNull(error, "a failure needs its error");
        }
    }

    /**
     * The job was stopped by somebody's wish.
     *
     * @param reason why, in words for people
     */
    record Cancelled<R extends @Nullable Object>(String reason) implements JobResult<R> {
        /** Refuses a null reason. */
        public Cancelled {
            Objects.requireNonNull(reason, "a cancellation needs its reason");
        }
    }

    /**
     * The job was stopped because its time was up.
     *
     * @param limit the time that it had
     */
    record TimedOut<R extends @Nullable Object>(Duration limit) implements JobResult<R> {
        /** Refuses a null limit. */
        public TimedOut {
            Objects.requireNonNull(limit, "a timeout needs its limit");
        }
    }

    /**
     * The value, or an exception for the three endings without one.
     *
     * @throws Exception the job's own error, as it was thrown
     * @throws JobCancelledException if the job was cancelled
     * @throws JobTimeoutException if its time was up
     */
    default R orThrow() throws Exception {
        return switch (this) {
            case Success<R>(R value) -> value;
            case Failure<R>(Throwable error) -> throw Thrown.asIs(error);
            case Cancelled<R>(String reason) -> throw new JobCancelledException(reason);
            case TimedOut<R>(Duration limit) -> throw new JobTimeoutException(limit);
        };
    }
}
