package dev.orchestrator.examples.catalog;

import java.io.IOException;

/** Why a file could not be read, as {@link Reasons} says it: so it is the same when it comes back from a database. */
final class ReadFailure extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean mayPass;

    ReadFailure(Exception error) {
        super(Reasons.of(error), error);
        mayPass = Reasons.mayPass(error);
    }

    boolean mayPass() {
        return mayPass;
    }
}
