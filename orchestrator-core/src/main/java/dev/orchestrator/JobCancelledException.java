package dev.orchestrator;

import java.io.Serial;
import java.util.Objects;

/** Tells somebody who waits for a job's value that the job was cancelled. */
public class JobCancelledException extends RuntimeException {
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
