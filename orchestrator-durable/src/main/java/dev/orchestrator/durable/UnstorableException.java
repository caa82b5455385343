package dev.orchestrator.durable;

import java.io.Serial;

/** Something of the user's that has no form as JSON; its message is ours, and has no part of a value. */
final class UnstorableException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1;

    UnstorableException(String message) {
        super(message);
    }
}
