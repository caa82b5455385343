package dev.orchestrator.durable;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * What went wrong with JSON, in messages that have no part of what is stored: they end in logs and on screens. Jackson's own
 * exceptions quote it, so they are not even the cause of ours.
 */
final class JsonTrouble {
    private static final int PATH_ELEMENTS = 8;

    private JsonTrouble() {}

    static UnreadableException unreadable(String what, Throwable thrown) {
        if (!(thrown instanceof JacksonException trouble))
            return new UnreadableException(
                    what + " cannot be read: " + thrown.getClass().getName(), null);
        return new UnreadableException(
                what + " cannot be read" + at(trouble) + ": " + whyUnread(trouble),
                trouble instanceof ValueInstantiationException refused ? refused.getCause() : null);
    }

    static IllegalArgumentException unwritable(@Nullable Object value, Type type, Throwable thrown) {
        String what = value == null ? type.getTypeName() : value.getClass().getName();
        String where = thrown instanceof JacksonException trouble ? at(trouble) : "";
        return new IllegalArgumentException(
                "a value of type " + what + " cannot be stored as JSON" + where + ": " + whyUnwritten(thrown),
                thrown instanceof JacksonException trouble ? usersOwn(trouble) : null);
    }

    private static String whyUnread(JacksonException trouble) {
        return switch (trouble) {
            case StreamConstraintsException beyond -> beyond.getOriginalMessage();
            case StreamReadException syntax -> "it is no JSON";
            case ValueInstantiationException refused -> refusal(refused);
            case InvalidDefinitionException undefined -> undefined.getOriginalMessage();
            case InvalidTypeIdException unknown -> typeName(unknown);
            case UnrecognizedPropertyException unknown ->
                "there is no such property in " + unknown.getReferringClass().getName();
            case MismatchedInputException misfit ->
                "nothing stands there that fits "
                        + (misfit.getTargetType() == null
                                ? "the type"
                                : misfit.getTargetType().getTypeName());
            default -> deepest(trouble).getClass().getName();
        };
    }

    private static String refusal(ValueInstantiationException refused) {
        Throwable why = refused.getCause();
        String type = refused.getType().getRawClass().getName();
        if (why == null) return type + " cannot be made of it";
        return type + " refuses it: "
                + (why.getMessage() == null ? why.getClass().getName() : why.getMessage());
    }

    private static String typeName(InvalidTypeIdException unknown) {
        String name = unknown.getTypeId();
        String family = unknown.getBaseType().getRawClass().getName();
        if (name == null) return "it does not say which member of " + family + " it is";
        return (isName(name) ? name : "what stands there") + " is no member of " + family + " that is known here";
    }

    /** Whether a text can be the name of a type; anything else may be contents. */
    private static boolean isName(String text) {
        return text.length() <= 100 && text.chars().allMatch(Character::isJavaIdentifierPart);
    }

    private static String whyUnwritten(Throwable thrown) {
        return switch (thrown) {
            case StackOverflowError endless -> "it holds itself, or is nested too deeply";
            case StreamConstraintsException beyond -> "it holds itself, or is nested too deeply";
            case InvalidDefinitionException undefined -> undefined.getOriginalMessage();
            case UnstorableException ours -> String.valueOf(ours.getMessage());
            case JacksonException trouble when trouble.getCause() != null -> whyUnwritten(deepest(trouble));
            default -> thrown.getClass().getName();
        };
    }

    /** What code of the user's threw while Jackson called it; null if it was Jackson itself. */
    private static @Nullable Throwable usersOwn(JacksonException trouble) {
        Throwable deepest = deepest(trouble);
        return deepest instanceof JacksonException ? null : deepest;
    }

    private static Throwable deepest(JacksonException trouble) {
        Throwable cause = trouble.getCause();
        if (cause instanceof JacksonException deeper) return deepest(deeper);
        return cause == null ? trouble : cause;
    }

    /** Where it was: names of properties and places in lists, but no keys of maps, which are contents. */
    private static String at(JacksonException trouble) {
        String path = path(trouble.getPath());
        TokenStreamLocation location = trouble.getLocation();
        boolean isKnown = location != null && location.getLineNr() > 0;
        String place = isKnown ? "line " + location.getLineNr() + ", column " + location.getColumnNr() : "";
        if (path.isEmpty() && place.isEmpty()) return "";
        return " at " + path + (path.isEmpty() || place.isEmpty() ? place : " (" + place + ")");
    }

    private static String path(List<JacksonException.Reference> references) {
        var path = new StringBuilder();
        for (JacksonException.Reference step : references.subList(0, Math.min(references.size(), PATH_ELEMENTS))) {
            if (step.getPropertyName() == null)
                path.append('[').append(step.getIndex()).append(']');
            else if (step.from() instanceof java.util.Map) path.append("[a key]");
            else path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
        }
        return path.append(references.size() > PATH_ELEMENTS ? "..." : "").toString();
    }
}
