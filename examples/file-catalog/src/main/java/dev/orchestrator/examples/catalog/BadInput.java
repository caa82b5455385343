package dev.orchestrator.examples.catalog;

/** What the user asked for cannot be; the message is one sentence for the user. */
final class BadInput extends Exception {
    private static final long serialVersionUID = 1;

    BadInput(String message) {
        super(message);
    }
}
