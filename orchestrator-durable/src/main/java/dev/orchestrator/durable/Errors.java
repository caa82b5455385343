package dev.orchestrator.durable;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is kept of errors. Their own methods may be broken, and throw or give null: nothing of that comes through. */
final class Errors {
    private Errors() {}

    static FailedAttempt failed(int number, String node, long began, long ended, Throwable error) {
        return new FailedAttempt(
                number,
                node,
                Instant.ofEpochMilli(began),
                Instant.ofEpochMilli(ended),
                error.getClass().getName(),
                text(error),
                ErrorTexts.trace(error));
    }

    static Store.Ending.Failure ending(Throwable error, Payloads payloads) {
        String json;
        try {
            json = payloads.encodeError(error);
        } catch (RuntimeException | Error broken) {
            json = payloads.encodeError(new IllegalStateException(
                    "an error of type " + error.getClass().getName() + ", which cannot be stored"));
        }
        return new Store.Ending.Failure(error.getClass().getName(), text(error), json);
    }

    static @Nullable String text(Throwable error) {
        try {
            String text = error.getMessage();
            return text == null ? null : Utf8.bounded(text, ErrorTexts.LONGEST);
        } catch (Throwable broken) {
            return null;
        }
    }

    static String described(Throwable error) {
        String text = text(error);
        return error.getClass().getName() + (text == null ? "" : ": " + text);
    }
}
