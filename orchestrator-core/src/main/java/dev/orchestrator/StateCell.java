package dev.orchestrator;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * The latest state: readable by everybody without waiting, changed without losing an update, and frozen at the end (P6).
 *
 * <p>One field, changed by compareAndSet only; the freezing goes through it too, so a change either comes before it and
 * is the last state that everybody gets, or does nothing. What is in it is new with each change, though the state may be one
 * that was there before: so whoever finds the same twice knows that nothing has changed in between.
 *
 * @param <S> the type of the state
 */
final class StateCell<S> implements View<S> {
    private static class Held<S> {
        final S state;

        Held(S state) {
            this.state = state;
        }
    }

    private static final class Frozen<S> extends Held<S> {
        Frozen(S last) {
            super(last);
        }
    }

    private final AtomicReference<Held<S>> cell;

    StateCell(S initial) {
        cell = new AtomicReference<>(new Held<>(Objects.requireNonNull(initial, "the initial state must not be null")));
    }

    @Override
    public S get() {
        return cell.get().state;
    }

    /** Another one after each change, to be compared by identity. */
    Object moment() {
        return cell.get();
    }

    @Override
    public boolean isFrozen() {
        return cell.get() instanceof Frozen;
    }

    /** Replaces the state by what the function makes of it; false if that is equal, or the cell is frozen. */
    boolean update(UnaryOperator<S> change) {
        while (true) {
            Held<S> now = cell.get();
            if (now instanceof Frozen) return false;
            S after = changed(now.state, change);
            if (after.equals(now.state)) return false;
            if (cell.compareAndSet(now, new Held<>(after))) return true;
        }
    }

    /** What the function makes of a state; it must not be null. */
    static <S> S changed(S before, UnaryOperator<S> change) {
        return Objects.requireNonNull(
                change.apply(before), "the new state must not be null; give the old one for no change");
    }

    /** Puts a state in the place of that one, which is known by identity; false if it is another one, or frozen. */
    @SuppressWarnings("ReferenceEquality") // whether it is that state, not one like it
    boolean replace(S before, S after) {
        while (true) {
            Held<S> now = cell.get();
            if (now instanceof Frozen || now.state != before) return false;
            if (cell.compareAndSet(now, new Held<>(after))) return true;
        }
    }

    void freeze() {
        while (true) {
            Held<S> now = cell.get();
            if (now instanceof Frozen || cell.compareAndSet(now, new Frozen<>(now.state))) return;
        }
    }
}
