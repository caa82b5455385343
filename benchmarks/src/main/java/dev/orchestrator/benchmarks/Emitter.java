package dev.orchestrator.benchmarks;

import java.util.List;

/** Something that brings an event to subscribers who count; one implementation for each peer. */
interface Emitter extends AutoCloseable {
    /** Called once, before anything is emitted. */
    void subscribe(List<Counter> subscribers) throws Exception;

    void emit(Happened event);

    /** Whether {@link #emit} comes back before the subscribers have been called. */
    default boolean isAsync() {
        return false;
    }

    @Override
    default void close() throws Exception {}
}
