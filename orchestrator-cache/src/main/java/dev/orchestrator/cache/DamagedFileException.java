package dev.orchestrator.cache;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The file is not a sound store: it is put aside, and a new one is begun. */
final class DamagedFileException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
