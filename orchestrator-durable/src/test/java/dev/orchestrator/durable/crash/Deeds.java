package dev.orchestrator.durable.crash;

import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.NonRetryable;

/** The jobs of the processes that are killed, and what comes of them. */
final class Deeds {
    /** The stable name of both versions. */
    static final String NAME = "deed";

    /** How many {@link Step}s each run emits before it ends. */
    static final int STEPS = 2;

    private Deeds() {}

    /** What a deed is, whatever its version. */
    interface Deed extends Job<Done> {
        int number();

        Kind kind();

        default String id() {
            return "deed-" + number();
        }
    }

    /** As version 1 of the program has it. */
    record DeedOne(int number, Kind kind) implements Deed {}

    /** As version 2 of the program has it: with something that version 1 does not know. */
    record DeedTwo(int number, Kind kind, String note) implements Deed {}

    /** What happens in a run. */
    enum Kind {
        /** It succeeds. */
        PLAIN,
        /** The first attempt fails, the second succeeds. */
        FLAKY,
        /** It fails for good. */
        DOOMED,
        /** It succeeds when it is told to go on. */
        HELD;

        /** Some of each but the last. */
        static Kind of(int number) {
            if (number % 11 == 0) return DOOMED;
            return number % 5 == 0 ? FLAKY : PLAIN;
        }
    }

    /** The value of a deed: which run of it ended it, and which version of the program did. */
    record Done(String run, int version) {}

    /** An event of a run. */
    record Step(String job, String run, int step) implements Event {}

    /** No attempt mends that. */
    @SuppressWarnings("serial")
    static final class DoomedException extends Exception implements NonRetryable {
        DoomedException() {
            super("doomed");
        }
    }
}
