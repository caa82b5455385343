package dev.orchestrator;

import java.time.Duration;

/**
 * What happens to a dispatch whose key is in use; made by the methods of {@link JobOptions.Builder} that take a key.
 *
 * <p>Public for those who {@linkplain Dispatcher#drive drive} jobs and have keys of their own to obey.
 */
public sealed interface SameKeyRule {
    /** Whether one work at a time has the key: a rule that only delays or spaces out dispatches says no. */
    default boolean isExclusive() {
        return true;
    }

    /** The dispatch takes part in the work that is under way, and ends with it. */
    record Join() implements SameKeyRule {}

    /** The dispatch is refused. */
    record Drop() implements SameKeyRule {}

    /** The dispatch cancels what is under way, and starts when that is down. */
    record Replace() implements SameKeyRule {}

    /**
     * The dispatch waits until those before it have ended.
     *
     * @param waiting how many may wait; the next one is refused
     */
    record Queue(int waiting) implements SameKeyRule {}

    /**
     * The dispatch waits for silence, and one that comes before that replaces it.
     *
     * @param silence how long no other dispatch with the key must come until the last one starts
     */
    record Debounce(Duration silence) implements SameKeyRule {
        @Override
        public boolean isExclusive() {
            return false;
        }
    }

    /**
     * The dispatch is refused until the window is over that the first one opened.
     *
     * @param window how long, from a dispatch that was accepted, the next ones are refused
     */
    record Throttle(Duration window) implements SameKeyRule {
        @Override
        public boolean isExclusive() {
            return false;
        }
    }
}
