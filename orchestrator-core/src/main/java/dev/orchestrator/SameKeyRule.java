package dev.orchestrator;

import java.time.Duration;

/** What happens to a dispatch whose key is in use. */
sealed interface SameKeyRule {
    /** Whether one work at a time has the key. */
    default boolean isExclusive() {
        return true;
    }

    /** It takes part in the work that is under way. */
    record Join() implements SameKeyRule {}

    /** It is refused. */
    record Drop() implements SameKeyRule {}

    /** It cancels what is under way, and starts when that is down. */
    record Replace() implements SameKeyRule {}

    /** It waits until those before it have ended; at most so many wait. */
    record Queue(int waiting) implements SameKeyRule {}

    /** It waits for silence; one that comes before that replaces it. */
    record Debounce(Duration silence) implements SameKeyRule {
        @Override
        public boolean isExclusive() {
            return false;
        }
    }

    /** It is refused until the window is over that the first one opened. */
    record Throttle(Duration window) implements SameKeyRule {
        @Override
        public boolean isExclusive() {
            return false;
        }
    }
}
