package dev.orchestrator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A value before the ending: a placeholder, or what a cache had, while the real one is on its way.
 *
 * @param <T> the type of the value
 */
public final class JobDataEvent<T extends @Nullable Object> extends JobEvent {
    private final T data;
    private final Origin origin;

    JobDataEvent(String correlationId, Instant timestamp, Job<?> job, T data, Origin origin) {
        super(correlationId, timestamp, job);
        this.data = data;
        this.origin = origin;
    }

    /** The value. */
    public T data() {
        return data;
    }

    /** Where the value comes from. */
    public Origin origin() {
        return origin;
    }
}
