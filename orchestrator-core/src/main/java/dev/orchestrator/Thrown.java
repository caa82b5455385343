package dev.orchestrator;

import java.util.concurrent.CompletionException;

/** Throws what user code threw as it is, checked or not, so that its type and its trace stay. */
final class Thrown {
    private Thrown() {}

    static RuntimeException asIs(Throwable error) {
        return Thrown.<RuntimeException>unchecked(error);
    }

    /** The error itself, where a stage has put it into an exception of its own. */
    static Throwable unwrapped(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T unchecked(Throwable error) throws T {
        throw (T) error;
    }
}
