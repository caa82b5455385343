package dev.orchestrator;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A job that brings its own id, and metadata about the request.
 *
 * <p>The id is the correlation id of everything that comes of the job. It must not be in flight already on the bus
 * where the job is dispatched (P9); after the job has ended it may be used again.
 *
 * @param <R> what the job gives back
 */
public abstract class BaseJob<R extends @Nullable Object> implements Job<R> {
    private final String id;
    private final Map<String, Object> metadata;

    /**
     * Makes a job without metadata.
     *
     * @param id the correlation id, for instance from {@link JobIds#next(String)}
     * @throws IllegalArgumentException if {@code id} is blank
     */
    protected BaseJob(String id) {
        this(id, Map.of());
    }

    /**
     * Makes a job with metadata.
     *
     * @param id the correlation id
     * @param metadata what else is known of the request; copied, so that later changes of the map do not show
     * @throws IllegalArgumentException if {@code id} is blank
     * @throws NullPointerException if {@code metadata} has a null key or value
     */
    protected BaseJob(String id, Map<String, ?> metadata) {
        this.id = Ids.checked(id, "a job's id");
        var copy = new LinkedHashMap<String, Object>();
        metadata.forEach((key, value) -> copy.put(
                Objects.requireNonNull(key, "metadata has a null key; leave it out"),
                Objects.requireNonNull(value, () -> "metadata '" + key + "' is null; leave the entry out")));
        this.metadata = Collections.unmodifiableMap(copy);
    }

    /** The correlation id of this job. */
    public final String id() {
        return id;
    }

    /** What else is known of the request, in the order in which it was given; unmodifiable. */
    public final Map<String, Object> metadata() {
        return metadata;
    }

    /** The type and the id; never the metadata, which may hold what belongs in no log. */
    @Override
    public String toString() {
        return Ids.nameOf(getClass()) + "(id: " + id + ")";
    }
}
