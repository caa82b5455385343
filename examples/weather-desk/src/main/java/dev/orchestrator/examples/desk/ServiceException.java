package dev.orchestrator.examples.desk;

import java.io.IOException;

/** The weather service answered, and did not do what it was asked for. */
final class ServiceException extends IOException {
    private static final long serialVersionUID = 1L;

    ServiceException(int status) {
        super("the service said " + status);
    }
}
