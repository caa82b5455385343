package dev.orchestrator.durable;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Something stored cannot be read by this program: the message says what and why, and is what a parked job shows. */
final class UnreadableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    UnreadableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
