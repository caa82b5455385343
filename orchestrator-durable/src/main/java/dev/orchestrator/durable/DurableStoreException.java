package dev.orchestrator.durable;

import java.io.Serial;

/** The database of the durable jobs cannot be reached, or refuses: the message says what was tried and what to do. */
public class DurableStoreException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    DurableStoreException(String message, Throwable cause) {
        super(message, cause);
    }

    DurableStoreException(String message) {
        super(message);
    }
}
