package dev.orchestrator.durable;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the database has of a durable job at one moment. All times are the database's.
 *
 * @param position its place in the order of acceptance, by which pages go on
 * @param id the correlation id of everything that comes of it
 * @param type the stable name under which it was registered
 * @param version the version of that name with which it was stored
 * @param state how far it is
 * @param payload the job as JSON
 * @param key the key that it was dispatched with; null if none
 * @param priority higher ones first; 0 unless chosen
 * @param owner the name of the orchestrator that dispatched it; null if none did
 * @param accepted when it was stored
 * @param due when it may run, or may run again
 * @param began when its first attempt began; null if none has
 * @param ended when its ending was recorded; null if it has none
 * @param attempts how many attempts have ended or are under way
 * @param waitsFor what it waits for besides its time: {@code key}, {@code limit}, the name of a condition, or
 *     {@code offline} after an {@link OfflineException} without one; null if nothing
 * @param node which process has it, or had it last; null if none
 * @param result its value as JSON; null unless it has succeeded
 * @param errorType the class of the error that ended it; null if none did
 * @param error the text of that error, why it was cancelled, or why it is parked; null if none of these
 * @param retryOf the id of the dead letter that this is another try of; null if it is none
 */
public record DurableJob(
        long position,
        String id,
        String type,
        int version,
        JobState state,
        String payload,
        @Nullable String key,
        int priority,
        @Nullable String owner,
        Instant accepted,
        Instant due,
        @Nullable Instant began,
        @Nullable Instant ended,
        int attempts,
        @Nullable String waitsFor,
        @Nullable String node,
        @Nullable String result,
        @Nullable String errorType,
        @Nullable String error,
        @Nullable String retryOf) {

    /** What it is and how far; neither payload nor result, which belong in no log. */
    @Override
    public String toString() {
        return "durable job " + id + " of type " + type + " version " + version + ", " + state + ", attempts "
                + attempts;
    }
}
