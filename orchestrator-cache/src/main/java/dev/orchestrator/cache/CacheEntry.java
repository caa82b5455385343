package dev.orchestrator.cache;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value that is kept, as those see it who weigh it or choose what to invalidate.
 *
 * @param jobType the class of the jobs that it answers
 * @param key the parts of their key; a part may be null
 * @param value the value; null is one
 * @param asOf when the cache got it
 * @param invalidatedAt when it was invalidated; empty if it was not
 * @param tags what it is tagged with
 */
public record CacheEntry(
        Class<?> jobType,
        List<@Nullable Object> key,
        @Nullable Object value,
        Instant asOf,
        Optional<Instant> invalidatedAt,
        Set<Object> tags) {
    /** Refuses nulls, but for the value. */
    public CacheEntry {
        Objects.requireNonNull(jobType, "jobType");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(asOf, "asOf");
        Objects.requireNonNull(invalidatedAt, "invalidatedAt");
        tags = Set.copyOf(tags);
    }

    CacheEntry invalidated(Instant now) {
        return invalidatedAt.isPresent() ? this : new CacheEntry(jobType, key, value, asOf, Optional.of(now), tags);
    }

    /** Where it comes from and when, without what is in it. */
    @Override
    public String toString() {
        return "CacheEntry[" + jobType.getSimpleName() + ", asOf=" + asOf
                + invalidatedAt.map(at -> ", invalidatedAt=" + at).orElse("") + "]";
    }
}
