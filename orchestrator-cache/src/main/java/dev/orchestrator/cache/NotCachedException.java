package dev.orchestrator.cache;

import dev.orchestrator.NonRetryable;

/** A job was to be answered from the cache alone, and nothing is kept for its key. */
public final class NotCachedException extends RuntimeException implements NonRetryable {
    private static final long serialVersionUID = 1L;

    NotCachedException(Class<?> jobType) {
        super("nothing is kept in the cache for this job of type " + jobType.getName()
                + ". Ask with another mode than CACHE_ONLY, such as CACHE_FIRST");
    }
}
