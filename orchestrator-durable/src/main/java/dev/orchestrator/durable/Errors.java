package dev.orchestrator.durable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is kept of errors. Their own methods may be broken, and throw or give null: nothing of that comes through. */
final class Errors {
    private static final int LONGEST_TRACE = 16_000;

    private Errors() {}

    static FailedAttempt failed(int number, String node, long began, long ended, Throwable error) {
        return new FailedAttempt(
                number,
                node,
                Instant.ofEpochMilli(began),
                Instant.ofEpochMilli(ended),
                error.getClass().getName(),
                text(error),
                trace(error));
    }

    static Store.Ending.Failure ending(Throwable error, Payloads payloads) {
        String json;
        try {
            json = payloads.encodeError(error);
        } catch (RuntimeException | StackOverflowError broken) {
            json = payloads.encodeError(new IllegalStateException(
                    "an error of type " + error.getClass().getName() + ", which cannot be stored"));
        }
        return new Store.Ending.Failure(error.getClass().getName(), text(error), json);
    }

    static @Nullable String text(Throwable error) {
        try {
            return error.getMessage();
        } catch (Throwable broken) {
            return null;
        }
    }

    static String described(Throwable error) {
        String text = text(error);
        return error.getClass().getName() + (text == null ? "" : ": " + text);
    }

    private static String trace(Throwable error) {
        try {
            var text = new StringWriter();
            error.printStackTrace(new PrintWriter(text));
            String trace = text.toString();
            return trace.length() <= LONGEST_TRACE ? trace : trace.substring(0, LONGEST_TRACE);
        } catch (Throwable broken) {
            return described(error);
        }
    }
}
