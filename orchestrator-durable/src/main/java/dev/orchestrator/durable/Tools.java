package dev.orchestrator.durable;

import dev.orchestrator.Event;
import dev.orchestrator.SignalBus;
import java.util.function.Function;

/**
 * What the parts of an {@link Engine} share.
 *
 * @param node the id of this process
 * @param events how events are stored; refuses those whose class is not registered
 * @param bus the engine's own bus
 * @param wake says that something may be due
 */
record Tools(
        Store store,
        Settings settings,
        String node,
        KindTable kinds,
        ConditionWatch conditions,
        Payloads payloads,
        Function<? super Event, EncodedEvent> events,
        SignalBus bus,
        Listener listener,
        Patience patience,
        Works works,
        Glances glances,
        Runnable wake) {}
