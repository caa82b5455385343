package dev.orchestrator.spi;

import org.jspecify.annotations.Nullable;

/**
 * A work that several jobs wait for: it is stopped with the last of them.
 *
 * <p>Made by {@link SharingContext#share}, for the job that asked for it first: it has that job's options, its events go to
 * that job's owner while it takes part, and its progress and its values before the ending to everybody who does.
 *
 * @param <R> what it gives
 */
public interface SharedWork<R extends @Nullable Object> {
    /** Hands the work to its worker; once, and after somebody takes part in it. */
    void start();
}
