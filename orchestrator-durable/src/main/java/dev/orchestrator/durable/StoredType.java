package dev.orchestrator.durable;

import java.lang.reflect.Modifier;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A type whose values are stored as JSON under a stable name and a version, never under the name of its class.
 *
 * @param <T> the type: a class of its own, or a sealed family
 */
final class StoredType<T> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    private final Class<T> type;
    private final String name;
    private final int version;
    private final Map<Integer, UnaryOperator<ObjectNode>> upcasters;
    private final Payloads payloads;
    private final Set<Class<?>> members;
    private final int oldest;

    /**
     * Checks all of it.
     *
     * @param upcasters what makes version n + 1 of what is stored with version n, by n
     * @throws IllegalArgumentException if something is wrong with it, saying what
     */
    StoredType(
            Class<T> type,
            String name,
            int version,
            Map<Integer, UnaryOperator<ObjectNode>> upcasters,
            Payloads payloads) {
        this.type = Objects.requireNonNull(type, "type");
        this.name = checkedName(name);
        this.version = version;
        this.upcasters = Map.copyOf(upcasters);
        this.payloads = payloads;
        if (version < 1)
            throw new IllegalArgumentException("a version must be 1 or more, was " + version + " for '" + name + "'");
        for (int from : upcasters.keySet())
            if (from < 1 || from >= version)
                throw new IllegalArgumentException("'" + name + "' has an upcaster from version " + from + " to "
                        + (from + 1) + ", but its versions are 1 to " + version);
        members = checkedMembers(type);
        payloads.check(type);
        oldest = oldestOf(version, upcasters);
    }

    private static int oldestOf(int newest, Map<Integer, ?> upcasters) {
        int oldest = newest;
        while (upcasters.containsKey(oldest - 1)) oldest--;
        return oldest;
    }

    private static String checkedName(String name) {
        if (NAME.matcher(Objects.requireNonNull(name, "name")).matches()) return name;
        throw new IllegalArgumentException(
                "a stored name has 1 to 100 letters, digits, '-', '_' and '.', was '" + name + "'");
    }

    private static Set<Class<?>> checkedMembers(Class<?> type) {
        Set<Class<?>> members = new LinkedHashSet<>();
        members.add(type);
        members.addAll(SealedFamilies.membersOf(type));
        for (Class<?> member : members)
            if (isAbstract(member) && !member.isSealed())
                throw new IllegalArgumentException((member == type
                                ? type.getName()
                                : type.getName() + " has the member " + member.getName() + ", which")
                        + " is " + (member.isInterface() ? "an interface" : "abstract")
                        + " and not sealed: its members cannot be listed. Register each class, or seal the family");
        members.removeIf(StoredType::isAbstract);
        return Set.copyOf(members);
    }

    private static boolean isAbstract(Class<?> type) {
        return type.isInterface() || (Modifier.isAbstract(type.getModifiers()) && !type.isEnum());
    }

    String name() {
        return name;
    }

    int version() {
        return version;
    }

    Class<T> type() {
        return type;
    }

    /** The classes that a value can have. */
    Set<Class<?>> members() {
        return members;
    }

    /** The names in the queue of all versions that can be read: the newest, and those from which upcasters lead there. */
    List<String> tasks() {
        return IntStream.rangeClosed(oldest, version)
                .mapToObj(v -> taskName(name, v))
                .toList();
    }

    /** How a type and version is called in the queue. */
    static String taskName(String name, int version) {
        return name + "@" + version;
    }

    Payloads.Encoded encode(T value) {
        return payloads.encode(value, type);
    }

    /**
     * The value that was stored.
     *
     * @throws UnreadableException if it cannot be read, saying why
     */
    T decode(int stored, String json) {
        String what = "'" + name + "' version " + stored;
        String newest = stored == version ? json : upcast(stored, json, what);
        Object value = payloads.decode(newest, type, what);
        if (value == null) throw new UnreadableException(what + " cannot be read: it is null", null);
        return type.cast(value);
    }

    private String upcast(int stored, String json, String what) {
        if (stored > version)
            throw new UnreadableException(
                    what + " cannot be read: version " + version + " is the newest that this program knows", null);
        ObjectNode document = Documents.read(json, what);
        for (int from = stored; from < version; from++) document = step(from, document, what);
        return Documents.text(document);
    }

    private ObjectNode step(int from, ObjectNode document, String what) {
        String step = "the upcaster from version " + from + " to " + (from + 1);
        UnaryOperator<ObjectNode> upcaster = upcasters.get(from);
        if (upcaster == null) throw new UnreadableException(what + " cannot be read: " + step + " is missing", null);
        ObjectNode next;
        try {
            next = upcaster.apply(document);
        } catch (RuntimeException | Error thrown) {
            String text = ErrorTexts.text(thrown);
            throw new UnreadableException(
                    what + " cannot be read: " + step + " failed: "
                            + (text == null ? thrown.getClass().getName() : text),
                    thrown);
        }
        if (next == null) throw new UnreadableException(what + " cannot be read: " + step + " gave null", null);
        return next;
    }

    @Override
    public String toString() {
        return "'" + name + "' version " + version + " (" + type.getName() + ")";
    }
}
