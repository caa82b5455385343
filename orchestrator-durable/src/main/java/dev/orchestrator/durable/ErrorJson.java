package dev.orchestrator.durable;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Errors as JSON: the class, the text and the trace of each, and what it was caused by. */
final class ErrorJson {
    /** How many errors of a chain are kept. */
    private static final int DEPTH = 8;

    /** How long the trace of a cause may be: that of the error itself has it too, if there is room. */
    private static final int LONGEST_OF_A_CAUSE = 2_000;

    private ErrorJson() {}

    static String encode(Throwable error) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ObjectNode document = described(error, ErrorTexts.LONGEST);
        ObjectNode last = document;
        seen.add(error);
        for (Throwable cause = causeOf(error); cause != null && seen.size() < DEPTH; cause = causeOf(cause)) {
            if (!seen.add(cause)) break;
            ObjectNode next = described(cause, LONGEST_OF_A_CAUSE);
            last.set("cause", next);
            last = next;
        }
        return Documents.text(document);
    }

    private static ObjectNode described(Throwable error, int longestTrace) {
        return Documents.create()
                .put("type", error.getClass().getName())
                .put("text", ErrorTexts.text(error))
                .put("trace", ErrorTexts.trace(error, longestTrace));
    }

    private static @Nullable Throwable causeOf(Throwable error) {
        try {
            return error.getCause();
        } catch (RuntimeException | Error ofTheError) {
            return null;
        }
    }

    static StoredErrorException decode(String json) {
        return made(Documents.read(json, "a stored error"));
    }

    private static StoredErrorException made(ObjectNode document) {
        StoredErrorException cause = document.get("cause") instanceof ObjectNode inner ? made(inner) : null;
        String type = Documents.text(document, "type");
        String trace = Documents.text(document, "trace");
        return new StoredErrorException(
                type == null ? "unknown" : type, Documents.text(document, "text"), trace == null ? "" : trace, cause);
    }
}
