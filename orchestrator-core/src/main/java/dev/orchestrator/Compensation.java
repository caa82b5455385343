package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * Undoes a step of a {@link Saga}.
 *
 * @param <T> what the step gave
 */
@FunctionalInterface
public interface Compensation<T extends @Nullable Object> {
    /**
     * Undoes the step; called once, or again where it failed and is to be retried.
     *
     * @param result what the step gave
     * @throws Exception if it could not be undone; the compensations of other steps run all the same
     */
    void undo(T result) throws Exception;
}
