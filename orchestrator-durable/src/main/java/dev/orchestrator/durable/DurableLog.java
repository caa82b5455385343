package dev.orchestrator.durable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** What this module writes to the log of the framework; payloads, results and keys never. */
final class DurableLog {
    private static final Logger LOG = System.getLogger("dev.orchestrator");

    private DurableLog() {}

    static void info(String text) {
        LOG.log(Level.INFO, text);
    }

    static void warning(String text, @Nullable Throwable error) {
        LOG.log(Level.WARNING, text, error);
    }

    static void error(String text, @Nullable Throwable error) {
        LOG.log(Level.ERROR, text, error);
    }
}
