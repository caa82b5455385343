package dev.orchestrator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The log. What it throws (a full disk, a broken handler) is dropped: no ending and no event is lost for a line. */
final class Log {
    private static final Logger LOG = System.getLogger("dev.orchestrator");

    private Log() {}

    static void error(String text, Throwable error) {
        log(Level.ERROR, text, error);
    }

    static void warning(String text) {
        log(Level.WARNING, text, null);
    }

    static void warning(String text, @Nullable Throwable error) {
        log(Level.WARNING, text, error);
    }

    static void info(String text) {
        log(Level.INFO, text, null);
    }

    /** Whether anybody reads what goes to {@link #debug}; asked first, so that nothing is put together for nobody. */
    static boolean isDebug() {
        try {
            return LOG.isLoggable(Level.DEBUG);
        } catch (Throwable ofTheLog) {
            return false;
        }
    }

    static void debug(String text) {
        log(Level.DEBUG, text, null);
    }

    private static void log(Level level, String text, @Nullable Throwable error) {
        try {
            LOG.log(level, text, error);
        } catch (Throwable ofTheLog) {
            // There is nobody left to tell.
        }
    }
}
