package dev.orchestrator;

/**
 * What a stream reads each time that a state may have changed: a state, or something made of one or two.
 *
 * @param <T> what is read; with an {@code equals} that compares what is in it
 */
interface View<T> {
    /** As it is now. What it throws ends the stream. */
    T get();

    /** Whether {@link #get} gives the same from now on; to be asked before it. */
    boolean isFrozen();
}
