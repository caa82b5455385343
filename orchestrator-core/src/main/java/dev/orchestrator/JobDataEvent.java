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
    private final Provenance provenance;

    JobDataEvent(String correlationId, Instant timestamp, Job<?> job, T data, Provenance provenance) {
        super(correlationId, timestamp, job);
        this.data = data;
        this.provenance = provenance;
    }

    /** The value. */
    public T data() {
        return data;
    }

    /** Where the value comes from. */
    public Origin origin() {
        return provenance.origin();
    }

    /** Since when the value has been known: the time of this event, or an earlier one if the value comes from a cache. */
    public Instant asOf() {
        Instant asOf = provenance.asOf();
        return asOf == null ? timestamp() : asOf;
    }
}
