package dev.orchestrator;

/** Throws what user code threw as it is, checked or not, so that its type and its trace stay. */
final class Thrown {
    private Thrown() {}

    static RuntimeException asIs(Throwable error) {
        return Thrown.<RuntimeException>unchecked(error);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T unchecked(Throwable error) throws T {
        throw (T) error;
    }
}
