package dev.orchestrator;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** P2: an orchestrator knows each run that it dispatched, from its adding to its removal. */
class OwnedRunsLincheckTest {
    private static final StandingRuns MADE = new StandingRuns();

    @Test
    void each_run_that_was_added_is_known_until_it_is_removed() {
        Checks.holdForLongOperations(Owned.class, Specification.class);
    }

    @Test
    void a_list_that_looks_for_arrivals_before_it_removes_and_not_before_it_answers_is_found_out() {
        Checks.findOut(Forgetful.class, Specification.class);
    }

    /** The list itself; several threads add, one removes. */
    public static class Owned {
        private final OwnedRuns runs = new OwnedRuns();
        private final AtomicInteger made = new AtomicInteger();

        @Operation
        public void add() {
            runs.add(MADE.run("run " + made.getAndIncrement()));
        }

        @Operation(nonParallelGroup = "lane")
        public boolean removeOne() {
            List<JobRun<?>> all = runs.all();
            if (all.isEmpty()) return false;
            runs.remove(all.getFirst());
            return true;
        }

        @Operation
        public boolean isEmpty() {
            return runs.isEmpty();
        }

        @Operation
        public int count() {
            return runs.all().size();
        }
    }

    /** What it promises, for one thread. */
    public static class Specification {
        private int count;

        public void add() {
            count++;
        }

        public boolean removeOne() {
            if (count == 0) return false;
            count--;
            return true;
        }

        public boolean isEmpty() {
            return count == 0;
        }

        public int count() {
            return count;
        }
    }

    /** The twin: what has arrived and was not looked at yet is not there. */
    public static class Forgetful {
        private final AtomicInteger arrived = new AtomicInteger();
        private int listed;

        @Operation
        public void add() {
            arrived.incrementAndGet();
        }

        @Operation(nonParallelGroup = "lane")
        public boolean removeOne() {
            listed += arrived.getAndSet(0);
            if (listed == 0) return false;
            listed--;
            return true;
        }

        @Operation(nonParallelGroup = "lane")
        public boolean isEmpty() {
            return listed == 0;
        }

        @Operation(nonParallelGroup = "lane")
        public int count() {
            return listed;
        }
    }
}
