package dev.orchestrator.examples.catalog;

import dev.orchestrator.NonRetryable;
import java.io.IOException;

/** A file is not what it was when it was listed, and will not be again: nobody need try a second time. */
final class ChangedFile extends IOException implements NonRetryable {
    private static final long serialVersionUID = 1;

    ChangedFile(String how) {
        super(how);
    }
}
