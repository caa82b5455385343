package dev.orchestrator.testkit;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The seed of one invocation among many of a test; after a failure there are no more. */
record Seed(long value, AtomicBoolean failed) {
    /** Says the seed beside a failure, whose type and message stay what they are, and in the output. */
    void noteFailure(ExtensionContext context, Throwable failure) {
        failed.set(true);
        String replay = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName() + " failed with seed " + value
                + ". To run it alone: @Interleavings(seed = " + value + "), or -D" + Interleavings.SEED + "=" + value;
        failure.addSuppressed(new Note(replay));
        System.err.println(replay);
    }

    private static final class Note extends RuntimeException {
        private static final long serialVersionUID = 1;

        Note(String text) {
            super(text, null, false, false);
        }
    }
}
