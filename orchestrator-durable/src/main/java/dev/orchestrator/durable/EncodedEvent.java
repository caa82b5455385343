package dev.orchestrator.durable;

/**
 * An event as it is stored.
 *
 * @param type the name under which its class was registered
 * @param version the version of that name
 * @param payload the event as JSON
 */
record EncodedEvent(String type, int version, String payload) {}
