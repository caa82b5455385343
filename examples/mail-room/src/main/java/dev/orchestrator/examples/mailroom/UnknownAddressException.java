package dev.orchestrator.examples.mailroom;

import dev.orchestrator.NonRetryable;
import java.io.Serial;

/** No further attempt can mend that: the letter is a dead one at once. */
final class UnknownAddressException extends Exception implements NonRetryable {
    @Serial
    private static final long serialVersionUID = 1;

    UnknownAddressException() {
        super("there is no such address");
    }
}
