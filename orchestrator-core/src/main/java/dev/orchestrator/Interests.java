package dev.orchestrator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The event types that one orchestrator observes, as subscriptions on its bus.
 *
 * <p>While its constructor runs it gathers every event: what it will declare is not known yet, and nothing emitted since
 * the constructor began is missed (P15). Then the declared types alone remain, so that one that observes nothing costs
 * nobody anything (P12).
 */
final class Interests {
    private final SignalBus bus;
    private final QueuedListener listener;
    private final Set<Class<?>> declared = ConcurrentHashMap.newKeySet();

    // Written to false once, by whoever finds the constructor gone.
    private volatile boolean gathering;

    Interests(SignalBus bus, QueuedListener listener) {
        this.bus = bus;
        this.listener = listener;
    }

    void startGathering() {
        gathering = true;
        add(Event.class);
    }

    boolean isGathering() {
        return gathering;
    }

    void stopGathering() {
        if (!gathering) return;
        gathering = false;
        if (!declared.contains(Event.class)) bus.interest().remove(Event.class, listener);
    }

    void declare(Class<?> type) {
        if (declared.add(type)) add(type);
    }

    private void add(Class<?> type) {
        bus.interest().add(type, listener);
        // A closing clears the table once, before or after this; what running jobs still emit is for their owners only.
        if (bus.isClosed()) bus.interest().remove(type, listener);
    }

    /** Whether no type was declared. */
    boolean isEmpty() {
        return declared.isEmpty();
    }

    void clear() {
        gathering = false;
        bus.interest().remove(Event.class, listener);
        declared.forEach(type -> bus.interest().remove(type, listener));
        declared.clear();
    }
}
