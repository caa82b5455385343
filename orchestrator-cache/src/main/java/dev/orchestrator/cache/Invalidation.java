package dev.orchestrator.cache;

import dev.orchestrator.Event;

/** An invalidation that happened, and the way to have it happen again with events. */
public final class Invalidation {
    private final JobCache cache;
    private final Entries entries;

    Invalidation(JobCache cache, Entries entries) {
        this.cache = cache;
        this.entries = entries;
    }

    /**
     * Repeats it with each event of that type on the bus of the cache, until the cache is closed.
     *
     * <p>It happens on the emitting thread, before {@code emit} returns. Events of a job reach the job's owner before: a
     * handler that loads again when a job has succeeded comes too early; {@link JobCache#invalidateAfter} is for that.
     *
     * @return this, for further types of events
     */
    public Invalidation on(Class<? extends Event> type) {
        cache.invalidateOn(type, event -> entries);
        return this;
    }
}
