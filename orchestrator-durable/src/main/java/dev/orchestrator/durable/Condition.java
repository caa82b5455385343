package dev.orchestrator.durable;

import java.time.Duration;
import java.util.Optional;

/**
 * Something that has to hold for a durable job to run, on the machine that runs it: being online, a time window, anything.
 *
 * <p>A job whose condition does not hold is put back and looked at again: when {@link #onChange} says that something has
 * changed, after {@link #holdsIn} if that is known, and every half minute. Waiting for a condition burns no attempt.
 */
public interface Condition {
    /** What it is called, where jobs say what they wait for; not {@code key} or {@code limit}. */
    String name();

    /** Whether it holds now; called before each attempt, so it must be quick. What it throws is logged and means no. */
    boolean holds();

    /** In how long it will hold, if that is known. */
    default Optional<Duration> holdsIn() {
        return Optional.empty();
    }

    /**
     * Asks to be told when it may have changed; called once, when the module starts.
     *
     * @param changed to be called from any thread, from then on
     */
    default void onChange(Runnable changed) {}
}
