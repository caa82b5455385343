package dev.orchestrator.durable;

import java.io.IOException;
import java.io.Serial;

/**
 * What a job needs cannot be reached: thrown by its executor, it says that the attempt is not to count, and that the job
 * waits instead: for its {@link Condition} if it has one, and in any case for a second, and longer each time, up to half a
 * minute.
 */
public class OfflineException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    /** Says what cannot be reached. */
    public OfflineException(String message) {
        super(message);
    }

    /** Says what cannot be reached, and what showed it. */
    public OfflineException(String message, Throwable cause) {
        super(message, cause);
    }
}
