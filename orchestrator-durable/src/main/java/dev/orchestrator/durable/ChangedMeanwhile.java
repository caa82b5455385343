package dev.orchestrator.durable;

import java.io.Serial;

/** What a transaction decided by has changed before it had the lock: it is run again. */
final class ChangedMeanwhile extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    ChangedMeanwhile() {
        super("changed meanwhile", null, false, false);
    }
}
