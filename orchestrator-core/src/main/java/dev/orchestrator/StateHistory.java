package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The last states of an orchestrator and why each came, the way back to them, and forward again.
 *
 * <p>While there is a history every change goes through it, and under its lock the state is replaced and noted together. So
 * the present entry has the state that the cell has, and the entries have the order of the changes. The function that makes
 * a state is called outside of the lock; if another change came first, it is called again. Proof: HistoryTest.
 *
 * @param <S> the type of the state
 */
final class StateHistory<S> {
    /** Says why a state comes; called on the thread that changes it, outside of the lock. */
    interface Why<S> {
        StateEntry<S> entry(S state);
    }

    /** From one kept state to another. */
    record Move<S>(S from, S to) {}

    private final StateCell<S> cell;
    private final Why<S> why;
    private final int most;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock. Behind the present one comes what was undone.
    private final List<StateEntry<S>> entries = new ArrayList<>();
    private int present;

    /**
     * Begins with the present state.
     *
     * @param most how many states are kept, the present one included
     */
    StateHistory(StateCell<S> cell, Why<S> why, int most) {
        this.cell = cell;
        this.why = why;
        this.most = most;
        entries.add(why.entry(cell.get()));
    }

    /** As {@link StateCell#update}. */
    boolean update(UnaryOperator<S> change) {
        while (!cell.isFrozen()) {
            S before = cell.get();
            S after = StateCell.changed(before, change);
            if (after.equals(before)) return false;
            if (note(before, why.entry(after))) return true;
        }
        return false;
    }

    private boolean note(S before, StateEntry<S> next) {
        lock.lock();
        try {
            if (!cell.replace(before, next.state())) return false;
            entries.subList(present + 1, entries.size()).clear();
            entries.add(next);
            if (entries.size() > most) entries.removeFirst();
            present = entries.size() - 1;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Goes so many entries forward, or back; null if there are not so many, or the cell is frozen. */
    @Nullable
    Move<S> move(int steps) {
        lock.lock();
        try {
            if (!has(steps)) return null;
            S from = entries.get(present).state();
            S to = entries.get(present + steps).state();
            if (!cell.replace(from, to)) return null;
            present += steps;
            return new Move<>(from, to);
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is an entry so far ahead of the present one, or behind it. */
    boolean canMove(int steps) {
        lock.lock();
        try {
            return has(steps) && !cell.isFrozen();
        } finally {
            lock.unlock();
        }
    }

    private boolean has(int steps) {
        int to = present + steps;
        return to >= 0 && to < entries.size();
    }

    /** The oldest first, up to the present one. */
    List<StateEntry<S>> upToPresent() {
        lock.lock();
        try {
            return List.copyOf(entries.subList(0, present + 1));
        } finally {
            lock.unlock();
        }
    }
}
