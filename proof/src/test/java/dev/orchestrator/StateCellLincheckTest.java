package dev.orchestrator;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** P6: an update from any thread is lost by nobody, and after the freezing nothing changes. */
class StateCellLincheckTest {
    @Test
    void the_state_of_any_number_of_threads_is_that_of_one() {
        Checks.hold(Cell.class, Specification.class);
    }

    @Test
    void a_cell_that_reads_and_then_writes_is_found_out() {
        Checks.findOut(ReadThenWrite.class, Specification.class);
    }

    /** The cell itself. */
    public static class Cell {
        private final StateCell<Integer> cell = new StateCell<>(0);

        @Operation
        public boolean add(int number) {
            return cell.update(state -> state + number);
        }

        @Operation
        public boolean atLeast(int number) {
            return cell.update(state -> Math.max(state, number));
        }

        @Operation
        public void freeze() {
            cell.freeze();
        }

        @Operation
        public int state() {
            return cell.get();
        }

        @Operation
        public boolean isFrozen() {
            return cell.isFrozen();
        }
    }

    /** What it promises, for one thread. */
    public static class Specification {
        private int state;
        private boolean frozen;

        public boolean add(int number) {
            return become(state + number);
        }

        public boolean atLeast(int number) {
            return become(Math.max(state, number));
        }

        private boolean become(int after) {
            boolean changes = !frozen && after != state;
            if (changes) state = after;
            return changes;
        }

        public void freeze() {
            frozen = true;
        }

        public int state() {
            return state;
        }

        public boolean isFrozen() {
            return frozen;
        }
    }

    /** The twin: two volatile fields instead of one cell that is changed by compareAndSet. */
    public static class ReadThenWrite {
        private volatile int state;
        private volatile boolean frozen;

        @Operation
        public boolean add(int number) {
            return become(state + number);
        }

        @Operation
        public boolean atLeast(int number) {
            return become(Math.max(state, number));
        }

        private boolean become(int after) {
            if (frozen || after == state) return false;
            state = after;
            return true;
        }

        @Operation
        public void freeze() {
            frozen = true;
        }

        @Operation
        public int state() {
            return state;
        }

        @Operation
        public boolean isFrozen() {
            return frozen;
        }
    }
}
