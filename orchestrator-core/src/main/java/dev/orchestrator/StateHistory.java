package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BinaryOperator;
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

    /**
     * Goes to the next entry forward, or back; null if there is none, or the cell is frozen.
     *
     * @param step 1 or -1
     * @param carry gives the state to go to what stays as it is, of the one that is left: it is called outside of the lock.
     *     An entry that differs in nothing else is passed over. Null if nothing stays
     */
    @Nullable
    Move<S> move(int step, @Nullable BinaryOperator<S> carry) {
        while (true) {
            Way<S> way = find(step, carry);
            if (way == null) return null;
            if (go(way)) return new Move<>(way.from.state(), way.to.state());
        }
    }

    /** Whether there is an entry to go to. */
    boolean canMove(int step, @Nullable BinaryOperator<S> carry) {
        return find(step, carry) != null;
    }

    /** From one entry to another, and what that one becomes. */
    private record Way<S>(StateEntry<S> from, StateEntry<S> target, StateEntry<S> to) {}

    private @Nullable Way<S> find(int step, @Nullable BinaryOperator<S> carry) {
        List<StateEntry<S>> ahead = ahead(step, carry != null);
        StateEntry<S> from = ahead.getFirst();
        for (StateEntry<S> target : ahead.subList(1, ahead.size())) {
            if (carry == null) return new Way<>(from, target, target);
            S to = StateCell.changed(target.state(), state -> carry.apply(from.state(), state));
            if (!to.equals(from.state())) return new Way<>(from, target, target.with(to));
        }
        return null;
    }

    /** The present entry, and then the next in that direction, or all of them; none of these if the cell is frozen. */
    private List<StateEntry<S>> ahead(int step, boolean all) {
        lock.lock();
        try {
            var ahead = new ArrayList<StateEntry<S>>();
            ahead.add(entries.get(present));
            if (cell.isFrozen()) return ahead;
            for (int i = present + step; i >= 0 && i < entries.size(); i += step) {
                ahead.add(entries.get(i));
                if (!all) break;
            }
            return ahead;
        } finally {
            lock.unlock();
        }
    }

    /** False if the present entry is another one by now, or the cell is frozen. */
    @SuppressWarnings("ReferenceEquality") // an entry is itself: two of them may be equal
    private boolean go(Way<S> way) {
        lock.lock();
        try {
            if (entries.get(present) != way.from) return false;
            int to = -1;
            for (int i = 0; i < entries.size(); i++) if (entries.get(i) == way.target) to = i;
            if (to < 0 || !cell.replace(way.from.state(), way.to.state())) return false;
            entries.set(to, way.to);
            present = to;
            return true;
        } finally {
            lock.unlock();
        }
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
