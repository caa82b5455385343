package dev.orchestrator.cache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a type of jobs are kept on disk.
 *
 * @param jobType the class of the jobs, or that of their family
 * @param name the stable name, which outlives a renamed class
 */
record DiskKind<R extends @Nullable Object>(Class<?> jobType, String name, Codec<R> codec) {
    DiskKind {
        Objects.requireNonNull(jobType, "jobType");
        Objects.requireNonNull(codec, "codec");
        if (name.isBlank())
            throw new IllegalArgumentException(
                    "the name of a kind of jobs on disk must not be blank; give one that stays, such as fetch-user");
    }

    /** The members of a family have the names of their classes in their keys: one that is renamed is not found. */
    StoreKey keyOf(CacheKey key) {
        String parts = KeyText.of(key.parts());
        String member =
                key.jobType() == jobType ? "" : KeyText.ofTag(key.jobType().getName());
        return new StoreKey(name, member + parts);
    }
}
