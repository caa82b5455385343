package dev.orchestrator;

import java.io.Serial;
import java.time.Duration;
import java.util.Objects;

/**
 * Tells somebody who waits for a job's value that the job's own time limit ended it.
 *
 * <p>That only the wait was over is a {@link java.util.concurrent.TimeoutException} instead; then the job goes on.
 */
public class JobTimeoutException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** The time that the job had. */
    private final Duration limit;

    /**
     * Makes the exception.
     *
     * @param limit the time that the job had
     */
    public JobTimeoutException(Duration limit) {
        super("the job was stopped after its time limit of " + Objects.requireNonNull(limit, "limit"));
        this.limit = limit;
    }

    /** The time that the job had. */
    public Duration limit() {
        return limit;
    }
}
