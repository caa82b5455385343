package dev.orchestrator.examples.mailroom;

import dev.orchestrator.Job;

/** The durable job of this program: deliver a letter. */
record DeliverLetter(int number) implements Job<Receipt> {
    /** The id of the job: known before its dispatch, so that dispatching twice after an uncertain answer is one job. */
    String id() {
        return "letter-" + number;
    }

    /** Whether the address takes a second look. */
    boolean isSmudged() {
        return number % 7 == 0 && !isUndeliverable();
    }

    /** Whether there is no such address. */
    boolean isUndeliverable() {
        return number % 25 == 0;
    }
}
