package dev.orchestrator;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BinaryOperator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * P6 with a history: no update is lost, each entry is a state that was, in order and no more than asked for, and going back
 * and forward is one step among the others.
 */
class StateHistoryLincheckTest {
    private static final int MOST = 3;

    @Test
    void changes_and_ways_back_of_any_number_of_threads_are_those_of_one() {
        Checks.holdForLockedOperations(Plain.class, PlainSpecification.class);
    }

    @Test
    void a_part_that_stays_stays() {
        Checks.holdForLockedOperations(Staying.class, StayingSpecification.class);
    }

    @Test
    void one_that_changes_the_state_and_then_notes_it_is_found_out() {
        Checks.findOut(SetThenNote.class, PlainSpecification.class);
    }

    /** Tens stay as they are on the way back; units do not. */
    private static Integer tensStay(Integer from, Integer to) {
        return from / 10 * 10 + to % 10;
    }

    /** A history and its cell. */
    public abstract static class History {
        private final StateCell<Integer> cell = new StateCell<>(0);
        private final StateHistory<Integer> history =
                new StateHistory<>(cell, state -> new StateEntry<>(state, Instant.EPOCH, "a test", null, null), MOST);
        private final @Nullable BinaryOperator<Integer> staying;

        /** There is a way back and one forward. */
        History(@Nullable BinaryOperator<Integer> staying) {
            this.staying = staying;
            change(1);
            change(1);
            history.move(-1, null);
        }

        @Operation
        public boolean add() {
            return history.update(state -> state + 1);
        }

        @Operation
        public int undo() {
            var move = history.move(-1, staying);
            return move == null ? -1 : move.to();
        }

        @Operation
        public int redo() {
            var move = history.move(1, staying);
            return move == null ? -1 : move.to();
        }

        @Operation
        public String states() {
            return history.upToPresent().stream()
                    .map(StateEntry::state)
                    .toList()
                    .toString();
        }

        @Operation
        public int state() {
            return cell.get();
        }

        final boolean change(int by) {
            return history.update(state -> state + by);
        }

        final void end() {
            cell.freeze();
        }
    }

    public static class Plain extends History {
        public Plain() {
            super(null);
        }

        @Operation
        public void freeze() {
            end();
        }
    }

    public static class Staying extends History {
        public Staying() {
            super(StateHistoryLincheckTest::tensStay);
        }

        @Operation
        public boolean addTen() {
            return change(10);
        }
    }

    /** What it promises, for one thread. */
    public abstract static class Specification {
        private final List<Integer> states = new ArrayList<>(List.of(0, 1, 2));
        private final @Nullable BinaryOperator<Integer> staying;
        private int present = 1;
        private boolean frozen;

        Specification(@Nullable BinaryOperator<Integer> staying) {
            this.staying = staying;
        }

        public boolean add() {
            return change(1);
        }

        final boolean change(int by) {
            if (frozen) return false;
            int next = state() + by;
            states.subList(present + 1, states.size()).clear();
            states.add(next);
            if (states.size() > MOST) states.removeFirst();
            present = states.size() - 1;
            return true;
        }

        public int undo() {
            return move(-1);
        }

        public int redo() {
            return move(1);
        }

        private int move(int step) {
            if (frozen) return -1;
            for (int at = present + step; at >= 0 && at < states.size(); at += step) {
                int to = staying == null ? states.get(at) : staying.apply(state(), states.get(at));
                if (to == state()) continue;
                states.set(at, to);
                present = at;
                return to;
            }
            return -1;
        }

        public String states() {
            return states.subList(0, present + 1).toString();
        }

        public int state() {
            return states.get(present);
        }

        final void end() {
            frozen = true;
        }
    }

    public static class PlainSpecification extends Specification {
        public PlainSpecification() {
            super(null);
        }

        public void freeze() {
            end();
        }
    }

    public static class StayingSpecification extends Specification {
        public StayingSpecification() {
            super(StateHistoryLincheckTest::tensStay);
        }

        public boolean addTen() {
            return change(10);
        }
    }

    /** The twin: the state is changed, and then noted by whoever comes first. */
    public static class SetThenNote {
        private final StateCell<Integer> cell = new StateCell<>(1);
        private final List<Integer> noted = new CopyOnWriteArrayList<>(List.of(0, 1));

        @Operation
        public boolean add() {
            cell.update(state -> state + 1);
            return noted.add(cell.get());
        }

        @Operation
        public String states() {
            return noted.subList(Math.max(0, noted.size() - MOST), noted.size()).toString();
        }

        @Operation
        public int state() {
            return cell.get();
        }
    }
}
