package dev.orchestrator;

import java.io.Serial;
import java.util.Objects;

/**
 * Tells somebody who waits for a job's value that the job was cancelled.
 *
 * <p>A job that ends with it, since it waited for another one, is not retried: that would undo somebody's wish.
 */
public class JobCancelledException extends RuntimeException implements NonRetryable {
    @Serial
    private static final long serialVersionUID = 1;

    /** The reason of the cancellation. */
    private final String reason;

    /**
     * Makes the exception.
     *
     * @param reason why the job was cancelled, in words for people
     */
    public JobCancelledException(String reason) {
        super("the job was cancelled: " + Objects.requireNonNull(reason, "reason"));
        this.reason = reason;
    }

    /** Why the job was cancelled, in words for people. */
    public String reason() {
        return reason;
    }
}
