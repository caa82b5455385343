package dev.orchestrator;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What an orchestrator gives out on its lane besides events: its states and its effects.
 *
 * <p>Nothing is queued here. Whoever has something new raises the flag and wakes the lane; the lane lowers the flag and
 * then looks for what is new, so what it did not see has raised the flag again.
 *
 * @param <S> the type of the state
 */
final class Outlets<S> {
    final StatePublisher<S> states;

    private final UserCode wall;
    private final String owner;
    private final Runnable wakeLane;

    // Made by whoever first has or wants an effect, by compareAndSet: most orchestrators have none.
    private final AtomicReference<@Nullable EffectQueue> effects = new AtomicReference<>();

    private volatile boolean changed;
    private volatile boolean closed; // written once; whoever makes the queue of effects looks at it afterwards

    /**
     * Makes the outlets.
     *
     * @param owner whose they are, for the log
     */
    Outlets(StateCell<S> cell, UserCode wall, String owner, Runnable wakeLane) {
        this.wall = wall;
        this.owner = owner;
        this.wakeLane = wakeLane;
        this.states = new StatePublisher<>(cell, wall, owner, this::raise);
    }

    EffectQueue effects() {
        EffectQueue known = effects.get();
        if (known != null) return known;
        var mine = new EffectQueue(wall, owner, this::raise);
        if (!effects.compareAndSet(null, mine)) return effects();
        if (closed) mine.close();
        return mine;
    }

    private void raise() {
        changed = true;
        wakeLane.run();
    }

    boolean hasMore() {
        return changed;
    }

    /** Gives everybody what is new: the state, then the effects that were made until then. On the lane. */
    void flush() {
        if (!changed) return;
        changed = false;
        EffectQueue some = effects.get(); // one that is made later raises the flag again
        long newest = some == null ? 0 : some.newest();
        states.offer();
        if (some != null) some.offer(newest);
    }

    /** The orchestrator is closed, and its state frozen: what is kept is still given out, then the completion. */
    void close() {
        closed = true;
        states.stateChanged();
        EffectQueue some = effects.get();
        if (some != null) some.close();
    }
}
