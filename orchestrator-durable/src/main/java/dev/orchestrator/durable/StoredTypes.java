package dev.orchestrator.durable;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is registered, by the classes of the values and by the stored names; one look-up each.
 *
 * @param <V> what is registered
 */
final class StoredTypes<V> {
    private record Table<V>(Map<Class<?>, V> byClass, Map<String, V> byName) {}

    private final Function<V, StoredType<?>> typeOf;
    private final ReentrantLock lock = new ReentrantLock();

    // Written under the lock, read without one: replaced as a whole by a table that nobody changes any more.
    private volatile Table<V> table = new Table<>(Map.of(), Map.of());

    StoredTypes(Function<V, StoredType<?>> typeOf) {
        this.typeOf = typeOf;
    }

    /**
     * Registers one.
     *
     * @throws IllegalStateException if the name, or the class of a value, is registered already
     */
    void add(V added) {
        StoredType<?> type = typeOf.apply(added);
        lock.lock();
        try {
            V sameName = table.byName.get(type.name());
            if (sameName != null) throw nameTaken(type, typeOf.apply(sameName));
            for (Class<?> member : type.members()) {
                V sameClass = table.byClass.get(member);
                if (sameClass != null) throw classTaken(type, member, typeOf.apply(sameClass));
            }
            var byClass = new LinkedHashMap<>(table.byClass);
            type.members().forEach(member -> byClass.put(member, added));
            var byName = new LinkedHashMap<>(table.byName);
            byName.put(type.name(), added);
            table = new Table<>(byClass, byName);
        } finally {
            lock.unlock();
        }
    }

    private static IllegalStateException nameTaken(StoredType<?> type, StoredType<?> other) {
        if (type.type() == other.type())
            return new IllegalStateException("'" + type.name() + "' is registered already as " + other
                    + ": register it once, with its newest version, and with upcasters for the older ones");
        return new IllegalStateException("the name '" + type.name() + "' belongs to "
                + other.type().getName() + " already, so " + type.type().getName() + " needs one of its own");
    }

    private static IllegalStateException classTaken(StoredType<?> type, Class<?> member, StoredType<?> other) {
        return new IllegalStateException(member.getName() + " is registered already as " + other + ", so it cannot be "
                + type + " too: a type has one stored name. To read what is stored under another name, register another"
                + " class for that one");
    }

    /** Takes back exactly what was registered. */
    void remove(V removed) {
        lock.lock();
        try {
            var byClass = new LinkedHashMap<>(table.byClass);
            byClass.values().removeIf(value -> value.equals(removed));
            var byName = new LinkedHashMap<>(table.byName);
            byName.values().removeIf(value -> value.equals(removed));
            table = new Table<>(byClass, byName);
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    V find(Class<?> type) {
        return table.byClass.get(type);
    }

    @Nullable
    V find(String name) {
        return table.byName.get(name);
    }

    /** All of them, in the order of their registration. */
    Collection<V> all() {
        return List.copyOf(table.byName.values());
    }
}
