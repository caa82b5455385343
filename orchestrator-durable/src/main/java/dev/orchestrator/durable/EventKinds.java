package dev.orchestrator.durable;

import dev.orchestrator.Event;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** The registered types of events that durable jobs emit. Thread-safe; reading takes no lock. */
final class EventKinds {
    private final StoredTypes<StoredType<? extends Event>> types = new StoredTypes<>(type -> type);
    private final Payloads payloads;

    EventKinds(Payloads payloads) {
        this.payloads = payloads;
    }

    /**
     * Registers a type of events.
     *
     * @param upcasters what makes version n + 1 of what is stored with version n, by n
     * @throws IllegalStateException if the name, or the class of an event, is registered already; saying what to do
     * @throws IllegalArgumentException if something is wrong with it
     */
    <E extends Event> void add(
            Class<E> type, String name, int version, Map<Integer, UnaryOperator<ObjectNode>> upcasters) {
        types.add(new StoredType<>(type, name, version, upcasters, payloads));
    }

    /**
     * The event as it is stored.
     *
     * @throws IllegalArgumentException if its type is not registered, saying how to do that, or it cannot be written
     */
    EncodedEvent encode(Event event) {
        StoredType<? extends Event> type = types.find(event.getClass());
        if (type != null) return encoded(type, event);
        throw new IllegalArgumentException("events of type " + event.getClass().getName()
                + " are not registered, so a durable job cannot emit them. Register them first: durable.registerEvent("
                + event.getClass().getSimpleName() + ".class, \"name\", 1)");
    }

    private static <E extends Event> EncodedEvent encoded(StoredType<E> type, Event event) {
        String json = type.encode(type.type().cast(event)).json();
        return new EncodedEvent(type.name(), type.version(), json);
    }

    /**
     * The event that was stored.
     *
     * @throws UnreadableException if it cannot be read, saying why
     */
    Event decode(String name, int version, String payload) {
        StoredType<? extends Event> type = types.find(name);
        if (type != null) return type.decode(version, payload);
        throw new UnreadableException(
                "an event '" + name + "' version " + version
                        + " cannot be read: this program has registered no events of that name",
                null);
    }
}
