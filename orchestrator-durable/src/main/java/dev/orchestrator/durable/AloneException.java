package dev.orchestrator.durable;

import java.io.Serial;

/** A step wants a transaction of its own, as it may have to wait for locks; it has written nothing yet. */
final class AloneException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    AloneException() {
        super("wants a transaction of its own", null, false, false);
    }
}
