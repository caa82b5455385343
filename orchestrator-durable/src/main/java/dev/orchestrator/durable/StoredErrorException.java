package dev.orchestrator.durable;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The error of a durable job as it was stored: it says the class, the text and the trace of the one that was thrown. */
public final class StoredErrorException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** The class of the error that was thrown. */
    private final String errorType;

    /** Its stack trace as text. */
    private final String trace;

    StoredErrorException(String errorType, @Nullable String text, String trace, @Nullable Throwable cause) {
        super(text == null ? errorType : errorType + ": " + text, cause);
        this.errorType = errorType;
        this.trace = trace;
    }

    /** The class of the error that was thrown, by name: it may not be there in this program. */
    public String errorType() {
        return errorType;
    }

    /** The stack trace of the error that was thrown, as text. */
    public String trace() {
        return trace;
    }
}
