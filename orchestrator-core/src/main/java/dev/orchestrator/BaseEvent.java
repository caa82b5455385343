package dev.orchestrator;

import java.time.Instant;
import java.util.Objects;

/**
 * An event that carries the id of the job it belongs to, and its time.
 *
 * <p>Whoever emits it: while a job with that id is in flight on the bus, the event is active for the job's owner;
 * afterwards it is passive for everybody.
 */
public abstract class BaseEvent implements Event {
    private final String correlationId;
    private final Instant timestamp;

    /**
     * Makes an event that happened now, by the system's clock.
     *
     * @param correlationId the id of the job
     * @throws IllegalArgumentException if {@code correlationId} is blank
     */
    protected BaseEvent(String correlationId) {
        this(correlationId, Instant.now());
    }

    /**
     * Makes an event with a time of its own.
     *
     * @param correlationId the id of the job
     * @param timestamp when it happened
     * @throws IllegalArgumentException if {@code correlationId} is blank
     */
    protected BaseEvent(String correlationId, Instant timestamp) {
        this.correlationId = Ids.checked(correlationId, "an event's correlation id");
        this.timestamp = Objects.requireNonNull(timestamp, "an event's timestamp must not be null");
    }

    /** The id of the job that this event belongs to. */
    public final String correlationId() {
        return correlationId;
    }

    /** When it happened. */
    public final Instant timestamp() {
        return timestamp;
    }

    /** The type and the correlation id; no content, which may hold what belongs in no log. */
    @Override
    public String toString() {
        return Ids.nameOf(getClass()) + "(" + correlationId + ")";
    }
}
