package dev.orchestrator.durable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The log. What it throws (a full disk, a broken handler) is dropped: no step is lost for a line. */
final class EngineLog {
    private static final Logger LOG = System.getLogger("dev.orchestrator");

    private EngineLog() {}

    static void error(String text, Throwable error) {
        log(Level.ERROR, text, error);
    }

    static void warning(String text, @Nullable Throwable error) {
        log(Level.WARNING, text, error);
    }

    static void info(String text) {
        log(Level.INFO, text, null);
    }

    private static void log(Level level, String text, @Nullable Throwable error) {
        try {
            LOG.log(level, text, error);
        } catch (Throwable ofTheLog) {
            // There is nobody left to tell.
        }
    }
}
