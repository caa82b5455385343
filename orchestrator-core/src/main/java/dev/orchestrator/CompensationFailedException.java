package dev.orchestrator;

import java.io.Serial;
import java.util.stream.Collectors;

/**
 * Tells that steps of a saga could not be undone.
 *
 * <p>It is added, as suppressed, to the error that stopped the saga, so that whoever sees the one sees the other.
 */
public final class CompensationFailedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param report says which steps, and why
     */
    public CompensationFailedException(SagaReport.CompensationFailed<?> report) {
        super("saga " + report.saga() + " (" + report.id() + ") could not undo "
                + report.left().stream().map(SagaReport.NotUndone::step).collect(Collectors.joining(", "))
                + "; look after what these steps have left");
        report.left().forEach(each -> addSuppressed(each.error()));
    }
}
