package dev.orchestrator.durable;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The module's own JSON documents: no setting of the user's changes what they look like. */
final class Documents {
    private static final JsonMapper PLAIN = JsonMapper.builder()
            .enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Documents() {}

    static ObjectNode create() {
        return PLAIN.createObjectNode();
    }

    static String text(JsonNode document) {
        return Utf8.escapedWhereUnpaired(PLAIN.writeValueAsString(document));
    }

    static String text(List<?> texts) {
        return PLAIN.writeValueAsString(texts);
    }

    /** The document, which must be an object. */
    static ObjectNode read(String json, String what) {
        try {
            if (PLAIN.readTree(json) instanceof ObjectNode document) return document;
        } catch (JacksonException trouble) {
            throw JsonTrouble.unreadable(what, trouble);
        }
        throw new UnreadableException(what + " cannot be read: it is no JSON object", null);
    }

    /** A text of a document; null if it is not there. */
    static @Nullable String text(ObjectNode document, String property) {
        return document.path(property).asStringOpt().orElse(null);
    }
}
