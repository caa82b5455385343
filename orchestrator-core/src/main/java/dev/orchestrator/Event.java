package dev.orchestrator;

/**
 * A fact that something happened; any record can be one.
 *
 * <p>An event is immutable: many threads read it. What the bus knows of it besides is its {@link EventInfo}.
 *
 * @see SignalBus#emit
 * @see BaseEvent
 */
public interface Event {}
