package dev.orchestrator.cache;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Parts of keys, and tags, as text for a store: equal ones have equal text, others another one.
 *
 * <p>Each part says its type and its length, so that no part can look like two. Types whose text is not fixed are refused;
 * nothing here asks a user's class for its {@code toString}.
 */
final class KeyText {
    private KeyText() {}

    static String of(List<? extends @Nullable Object> parts) {
        var text = new StringBuilder();
        parts.forEach(part -> append(text, part));
        return text.toString();
    }

    static String ofTag(Object tag) {
        var text = new StringBuilder();
        append(text, tag);
        return text.toString();
    }

    private static void append(StringBuilder text, @Nullable Object part) {
        switch (part) {
            case null -> append(text, "null", "");
            case String string -> append(text, "text", string);
            case Long number -> append(text, "long", number.toString());
            case Integer number -> append(text, "int", number.toString());
            case Short number -> append(text, "short", number.toString());
            case Byte number -> append(text, "byte", number.toString());
            case Double number -> append(text, "double", number.toString());
            case Float number -> append(text, "float", number.toString());
            case Boolean truth -> append(text, "boolean", truth.toString());
            case Character character -> append(text, "char", character.toString());
            case Enum<?> constant -> append(text, "enum", constant.name());
            case UUID id -> append(text, "uuid", id.toString());
            case Instant moment -> append(text, "instant", moment.toString());
            case LocalDate date -> append(text, "date", date.toString());
            case LocalDateTime moment -> append(text, "datetime", moment.toString());
            case List<?> list -> append(text, "list", of(list));
            default ->
                throw new IllegalArgumentException(
                        "a key or tag for the disk is made of texts, numbers, booleans, enums,"
                                + " UUIDs, dates, instants and lists of these, was "
                                + part.getClass().getName() + ". Say key(...) with such parts, or leave onDisk out");
        }
    }

    private static void append(StringBuilder text, String type, String value) {
        text.append(type)
                .append(' ')
                .append(value.length())
                .append(' ')
                .append(value)
                .append(';');
    }
}
