package dev.orchestrator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the bus knows of an event besides its content.
 *
 * <p>Made when the first handler that wants it is reached, once per event: all handlers see the same.
 */
public final class EventInfo {
    private final long id;
    private final @Nullable String correlationId;
    private final @Nullable Long causationId;
    private final Instant time;

    EventInfo(long id, @Nullable String correlationId, @Nullable Long causationId, Instant time) {
        this.id = id;
        this.correlationId = correlationId;
        this.causationId = causationId;
        this.time = time;
    }

    /** The event's own number within its bus; above 0, and in no particular order. */
    public long id() {
        return id;
    }

    /** The id of the job that the event belongs to; null if it belongs to none. */
    public @Nullable String correlationId() {
        return correlationId;
    }

    /**
     * The {@link #id} of the event whose handler emitted this one, or dispatched the job that it belongs to.
     *
     * <p>Null if no handler on this bus did.
     */
    public @Nullable Long causationId() {
        return causationId;
    }

    /** When it was emitted, by the clock of its bus; a {@link BaseEvent}'s own timestamp. */
    public Instant time() {
        return time;
    }

    @Override
    public String toString() {
        return "EventInfo[id=" + id + ", correlationId=" + correlationId + ", causationId=" + causationId + ", time="
                + time + "]";
    }
}
