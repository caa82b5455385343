package dev.orchestrator.cache;

import dev.orchestrator.Event;
import java.util.Objects;

/**
 * Something went wrong in a cache, and a job went on as if nothing had been kept.
 *
 * <p>An event of the job that met the trouble: active for its owner, passive for others. Trouble outside of jobs, such as
 * that of an invalidation, is an event on the bus of the cache.
 *
 * @param where what failed
 * @param what which jobs it concerns, in words for people; nothing of what is in them
 * @param error what was thrown
 */
public record CacheTrouble(Where where, String what, Throwable error) implements Event {
    /** What failed. */
    public enum Where {
        /** The function that makes a key, or a key's {@code equals} or {@code hashCode}. */
        KEY,
        /** The function that chooses a mode. */
        MODE,
        /** The function that makes a placeholder. */
        PLACEHOLDER,
        /** The function that makes tags. */
        TAGS,
        /** The function that weighs a value. */
        WEIGHT,
        /** The predicate of an invalidation; what it was asked about counts as meant. */
        PREDICATE,
        /** The function that makes an invalidation out of an event; nothing was invalidated. */
        EVENT,
        /** Reading from the store. */
        LOAD,
        /** Writing to the store. */
        SAVE,
        /** An invalidation in the store; it was emptied, or is not used any more. */
        INVALIDATION,
        /** The store itself, which could go on. */
        STORE
    }

    /** Refuses nulls. */
    public CacheTrouble {
        Objects.requireNonNull(where, "where");
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(error, "error");
    }
}
