package dev.orchestrator;

import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** P6, for what is made of two states: both were the current ones at one moment, however often they come back. */
class CombinationLincheckTest {
    @Test
    void a_combination_is_of_states_that_met() {
        Checks.hold(Combined.class, TwoStates.class);
    }

    @Test
    void one_that_reads_the_two_after_each_other_is_found_out() {
        Checks.findOut(OneAfterTheOther.class, TwoStates.class);
    }

    /** Two cells and the view of both. */
    @Param(name = "state", gen = IntGen.class, conf = "0:2")
    public static class Combined {
        private final StateCell<Integer> first = new StateCell<>(0);
        private final StateCell<Integer> second = new StateCell<>(0);
        private final View<List<Integer>> both = new StatePublisher.Pair<>(first, second, List::of);

        @Operation
        public void setFirst(@Param(name = "state") int state) {
            first.update(before -> state);
        }

        @Operation
        public void setSecond(@Param(name = "state") int state) {
            second.update(before -> state);
        }

        @Operation
        public String both() {
            return both.get().toString();
        }
    }

    /** What it promises, for one thread. */
    public static class TwoStates {
        private int first;
        private int second;

        public void setFirst(int state) {
            first = state;
        }

        public void setSecond(int state) {
            second = state;
        }

        public String both() {
            return List.of(first, second).toString();
        }
    }

    /** The twin. */
    @Param(name = "state", gen = IntGen.class, conf = "0:2")
    public static class OneAfterTheOther {
        private final StateCell<Integer> first = new StateCell<>(0);
        private final StateCell<Integer> second = new StateCell<>(0);

        @Operation
        public void setFirst(@Param(name = "state") int state) {
            first.update(before -> state);
        }

        @Operation
        public void setSecond(@Param(name = "state") int state) {
            second.update(before -> state);
        }

        @Operation
        public String both() {
            return List.of(first.get(), second.get()).toString();
        }
    }
}
