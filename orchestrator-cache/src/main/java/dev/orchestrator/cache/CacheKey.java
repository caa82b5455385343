package dev.orchestrator.cache;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a value is found by: the class of the job and the parts of the key. */
final class CacheKey {
    private final Class<?> jobType;
    private final List<@Nullable Object> parts;
    private final int hash; // asked once: where it is broken, that shows before anything is kept

    CacheKey(Class<?> jobType, @Nullable Object... parts) {
        this.jobType = Objects.requireNonNull(jobType, "jobType");
        var copy = new ArrayList<@Nullable Object>(parts.length);
        for (Object part : parts) copy.add(part);
        this.parts = Collections.unmodifiableList(copy);
        this.hash = 31 * jobType.hashCode() + this.parts.hashCode();
    }

    Class<?> jobType() {
        return jobType;
    }

    List<@Nullable Object> parts() {
        return parts;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof CacheKey key
                        && hash == key.hash
                        && jobType == key.jobType
                        && parts.equals(key.parts));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
