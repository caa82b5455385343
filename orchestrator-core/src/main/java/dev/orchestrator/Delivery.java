package dev.orchestrator;

/** Something that is delivered on a bus, now or when the thread's current delivery on that bus is over (P4). */
@FunctionalInterface
interface Delivery {
    /** Calls whoever is interested. Throws nothing. */
    void deliver(SignalBus bus);
}
