package dev.orchestrator;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A state that an orchestrator had, and why: one entry of its {@linkplain BaseOrchestrator#history() history}.
 *
 * @param state the state
 * @param at when it came, by the clock of the orchestrator's bus
 * @param by what set it, in words for people: the handler, such as {@code on(LoadUser).success}, or the thread that called
 * @param event the event whose handler set it; null if it was set outside of handlers
 * @param job the job that the event belongs to; null if there is none
 * @param <S> the type of the state
 */
public record StateEntry<S>(
        S state,
        Instant at,
        String by,
        @Nullable Event event,
        @Nullable Job<?> job) {
    /** Refuses what must not be null. */
    public StateEntry {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(by, "by");
    }

    /** The same entry, of a state that differs in what no undoing takes back. */
    StateEntry<S> with(S other) {
        return new StateEntry<>(other, at, by, event, job);
    }

    /** The same without contents, which may be what belongs in no log. */
    @Override
    public String toString() {
        return "StateEntry[" + Ids.nameOf(state.getClass()) + " at " + at + " by " + by
                + (event == null ? "" : " at a " + Ids.nameOf(event.getClass()))
                + (job == null ? "" : " of a " + Ids.nameOf(job.getClass())) + "]";
    }
}
