package dev.orchestrator.durable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import org.jspecify.annotations.Nullable;

/** Errors as texts that fit into a database; an error whose own methods throw has none. */
final class ErrorTexts {
    /** How long a trace may be, and a text. */
    static final int LONGEST = 16_000;

    private ErrorTexts() {}

    /** What it says; null if nothing. */
    static @Nullable String text(Throwable error) {
        try {
            String text = error.getMessage();
            return text == null ? null : Utf8.bounded(text, LONGEST);
        } catch (RuntimeException | Error ofTheError) {
            return null;
        }
    }

    /** Its stack trace, with what caused it. */
    static String trace(Throwable error) {
        return trace(error, LONGEST);
    }

    static String trace(Throwable error, int limit) {
        var text = new StringWriter();
        try (var out = new PrintWriter(new UpTo(limit + 1, text))) {
            error.printStackTrace(out);
        } catch (RuntimeException | Error endsHere) {
            // What is written so far is what there is.
        }
        return Utf8.bounded(text.toString(), limit);
    }

    /** Ends a printing that has gone far enough; an Error, so that nobody on the way takes it for one of the user's. */
    private static final class Full extends Error {
        private static final long serialVersionUID = 1;

        Full() {
            super(null, null, false, false);
        }
    }

    /** Takes so much, and a little more. */
    private static final class UpTo extends Writer {
        private final int limit;
        private final StringWriter text;

        UpTo(int limit, StringWriter text) {
            this.limit = limit;
            this.text = text;
        }

        @Override
        public void write(char[] units, int from, int count) {
            int room = Math.min(count, limit - text.getBuffer().length());
            text.write(units, from, room);
            if (room < count) throw new Full();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
