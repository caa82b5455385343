package dev.orchestrator;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The job ended well.
 *
 * @param <T> the type of its value
 */
public final class JobSuccessEvent<T extends @Nullable Object> extends TerminalEvent {
    private final T data;
    private final Provenance provenance;

    JobSuccessEvent(String correlationId, Instant timestamp, Job<?> job, int attempts, T data, Provenance provenance) {
        super(correlationId, timestamp, job, attempts);
        this.data = data;
        this.provenance = provenance;
    }

    /** What the job gave back; null is a value. */
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

    /** Why there is no newer value than this {@linkplain Origin#STALE stale} one; empty if nobody tried in vain. */
    public Optional<Throwable> refreshError() {
        return Optional.ofNullable(provenance.refreshError());
    }

    @Override
    public JobResult.Success<T> result() {
        return new JobResult.Success<>(data);
    }
}
