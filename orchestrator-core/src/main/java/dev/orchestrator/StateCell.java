package dev.orchestrator;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * The latest state: readable by everybody without waiting, changed without losing an update, and frozen at the end (P6).
 *
 * <p>One field, changed by compareAndSet only; the freezing goes through it too, so a change either comes before it and
 * is the last state that everybody gets, or does nothing.
 *
 * @param <S> the type of the state
 */
final class StateCell<S> implements View<S> {
    private record Frozen<S>(S last) {}

    private final AtomicReference<Object> cell;

    StateCell(S initial) {
        cell = new AtomicReference<>(Objects.requireNonNull(initial, "the initial state must not be null"));
    }

    @Override
    public S get() {
        return stateIn(cell.get());
    }

    @Override
    public boolean isFrozen() {
        return cell.get() instanceof Frozen;
    }

    /** Replaces the state by what the function makes of it; false if that is equal, or the cell is frozen. */
    boolean update(UnaryOperator<S> change) {
        while (true) {
            Object now = cell.get();
            if (now instanceof Frozen) return false;
            S before = stateIn(now);
            S after = changed(before, change);
            if (after.equals(before)) return false;
            if (cell.compareAndSet(now, after)) return true;
        }
    }

    /** What the function makes of a state; it must not be null. */
    static <S> S changed(S before, UnaryOperator<S> change) {
        return Objects.requireNonNull(
                change.apply(before), "the new state must not be null; give the old one for no change");
    }

    /** Puts a state in the place of that one, which is known by identity; false if it is another one, or frozen. */
    boolean replace(S before, S after) {
        return cell.compareAndSet(before, after);
    }

    void freeze() {
        while (true) {
            Object now = cell.get();
            if (now instanceof Frozen || cell.compareAndSet(now, new Frozen<>(now))) return;
        }
    }

    @SuppressWarnings("unchecked")
    private S stateIn(Object content) {
        return content instanceof Frozen<?> frozen ? (S) frozen.last() : (S) content;
    }
}
