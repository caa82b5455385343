package dev.orchestrator;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** P9: of the runs with one id on a bus one is in flight, and it is the one that is found. */
class RunsInFlightLincheckTest {
    private static final StandingRuns MADE = new StandingRuns();

    /** Two that would have one id, and one beside them. */
    private static final List<JobRun<String>> RUNS = List.of(MADE.run("one"), MADE.run("one"), MADE.run("another"));

    @Test
    void the_second_run_with_an_id_is_refused_until_the_first_is_gone() {
        Checks.holdForLongOperations(InFlight.class, Specification.class);
    }

    @Test
    void a_table_that_looks_and_then_puts_is_found_out() {
        Checks.findOut(LookThenPut.class, Specification.class);
    }

    @Test
    void a_run_is_found_from_its_adding_to_its_removal_however_full_its_place_is() {
        Checks.holdForLongOperations(Crowded.class, AlwaysFound.class);
    }

    @Test
    void a_table_that_forgets_whom_it_has_no_place_for_is_found_out() {
        Checks.findOut(PlacesAlone.class, AlwaysFound.class);
    }

    private static int numberOf(@Nullable JobRun<?> found) {
        return found == null ? -1 : RUNS.indexOf(found);
    }

    /** The table itself; a run is known by its number. */
    @Param(name = "run", gen = IntGen.class, conf = "0:2")
    public static class InFlight {
        private final RunsInFlight runs = new RunsInFlight();

        @Operation
        public boolean add(@Param(name = "run") int run) {
            try {
                runs.addUnique(RUNS.get(run));
                return true;
            } catch (IllegalStateException duplicate) {
                return false;
            }
        }

        @Operation
        public void remove(@Param(name = "run") int run) {
            runs.remove(RUNS.get(run));
        }

        @Operation
        public int findOne() {
            return numberOf(runs.find("one"));
        }

        @Operation
        public int findAnother() {
            return numberOf(runs.find("another"));
        }
    }

    /** What it promises, for one thread. */
    public static class Specification {
        private int one = -1;
        private int another = -1;

        public boolean add(int run) {
            if (run == 2) {
                if (another == 2) return false;
                another = 2;
            } else {
                if (one >= 0) return false;
                one = run;
            }
            return true;
        }

        public void remove(int run) {
            if (one == run) one = -1;
            if (another == run) another = -1;
        }

        public int findOne() {
            return one;
        }

        public int findAnother() {
            return another;
        }
    }

    /** The twin: the question and the answer are two steps. */
    @Param(name = "run", gen = IntGen.class, conf = "0:2")
    public static class LookThenPut {
        private final ConcurrentHashMap<String, JobRun<?>> runs = new ConcurrentHashMap<>();

        @Operation
        public boolean add(@Param(name = "run") int number) {
            JobRun<?> run = RUNS.get(number);
            if (runs.containsKey(run.id())) return false;
            runs.put(run.id(), run);
            return true;
        }

        @Operation
        public void remove(@Param(name = "run") int number) {
            JobRun<?> run = RUNS.get(number);
            runs.remove(run.id(), run);
        }

        @Operation
        public int findOne() {
            return numberOf(runs.get("one"));
        }

        @Operation
        public int findAnother() {
            return numberOf(runs.get("another"));
        }
    }

    /** Runs whose ids were made for them, all for one place, of which little is free. */
    public static class Crowded {
        private static final String SAME_PLACE = "-0123456789abcdefghjkmnpqrstvwx";
        private static final int STANDING = 3;

        private final RunsInFlight runs = new RunsInFlight();
        private final AtomicInteger made = new AtomicInteger();

        public Crowded() {
            for (int i = 0; i < STANDING; i++) runs.add(next());
        }

        private JobRun<String> next() {
            return MADE.run(made.getAndIncrement() + SAME_PLACE);
        }

        @Operation
        public boolean addFindRemove() {
            JobRun<String> run = next();
            runs.add(run);
            boolean found = run.equals(runs.find(run.id()));
            runs.remove(run);
            return found && runs.find(run.id()) == null;
        }
    }

    /** The twin: the places without the maps for those that find none. */
    public static class PlacesAlone {
        private final PlacedRuns runs = new PlacedRuns();
        private final AtomicInteger made = new AtomicInteger();

        public PlacesAlone() {
            for (int i = 0; i < Crowded.STANDING; i++) runs.add(next());
        }

        private JobRun<String> next() {
            return MADE.run(made.getAndIncrement() + Crowded.SAME_PLACE);
        }

        @Operation
        public boolean addFindRemove() {
            JobRun<String> run = next();
            runs.add(run);
            boolean found = run.equals(runs.find(run.id()));
            runs.remove(run);
            return found && runs.find(run.id()) == null;
        }
    }

    /** What it promises. */
    public static class AlwaysFound {
        public boolean addFindRemove() {
            return true;
        }
    }
}
