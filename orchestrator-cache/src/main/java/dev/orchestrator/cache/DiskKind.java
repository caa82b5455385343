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

    StoreKey keyOf(CacheKey key) {
        return new StoreKey(name, KeyText.of(key.parts()));
    }
}
