package dev.orchestrator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The job ended well.
 *
 * @param <T> the type of its value
 */
public final class JobSuccessEvent<T extends @Nullable Object> extends TerminalEvent {
    private final T data;
    private final Origin origin;

    JobSuccessEvent(String correlationId, Instant timestamp, Job<?> job, int attempts, T data, Origin origin) {
        super(correlationId, timestamp, job, attempts);
        this.data = data;
        this.origin = origin;
    }

    /** What the job gave back; null is a value. */
    public T data() {
        return data;
    }

    /** Where the value comes from. */
    public Origin origin() {
        return origin;
    }

    @Override
    public JobResult.Success<T> result() {
        return new JobResult.Success<>(data);
    }
}
