package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * What waits for one lane, in the order of arrival: things that are always taken, and events that a rule bounds (P11).
 *
 * <p>The rule bounds the {@link Envelope}s of events that end no job. Any thread puts things in; the lane takes them out.
 */
interface BoundedMailbox {
    /** Puts it in; an event beyond the bound is taken too, or takes the place of an older one. */
    void add(Object thing);

    /** Puts an event in; false if the rule refuses it. */
    default boolean offer(Envelope envelope) {
        add(envelope);
        return true;
    }

    /**
     * Takes out what comes next, unless it is an event that is still being offered to others: its emitter wakes the lane
     * again. The lane only.
     */
    @Nullable
    Object poll();

    /** Whether {@link #poll} would give something. The lane only. */
    boolean hasReady();

    /** Takes out everything. The lane only. */
    default void clear() {
        moveTo(null);
    }

    /** Takes out everything and puts it in there, if it is given. The lane only. */
    void moveTo(@Nullable BoundedMailbox other);

    /** The room for which emitters wait; null if the rule makes nobody wait. */
    @Nullable
    Room room();

    static boolean isBounded(Object thing) {
        return thing instanceof Envelope envelope && !envelope.last;
    }

    static boolean isReady(@Nullable Object thing) {
        return thing != null && !(thing instanceof Envelope envelope && !envelope.isOfferedToAll());
    }
}
