package dev.orchestrator;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** P11: never more run than a limit lets, nobody waits while there is room, and who is turned away leaves no trace. */
class RunLimitsLincheckTest {
    /** In the long mode only: a run is made of so much that one way through it takes a tenth of a second. */
    @Test
    @EnabledIfSystemProperty(named = "proof", matches = "long")
    void as_many_are_taken_in_as_run_and_wait() {
        Checks.holdForLongOperations(Limits.class, OneRunsAndOneWaits.class);
    }

    @Test
    void limits_that_look_and_then_count_are_found_out() {
        Checks.findOut(LookThenCount.class, OneRunsAndOneWaits.class);
    }

    /**
     * One job may run and one more may wait. Each thread dispatches jobs one after the other, until they are taken in, and
     * lets the oldest of its own end.
     */
    public static class Limits {
        private static final StandingRuns MADE = new StandingRuns();

        private final RunLimits limits = new RunLimits(RunLimit.of(1).orQueue(1));
        private final List<ConcurrentLinkedQueue<JobRun<String>>> runs =
                List.of(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());

        @Operation
        public boolean dispatch(@Param(gen = ThreadIdGen.class) int thread) {
            JobRun<String> run = MADE.run("any");
            run.hold();
            try {
                limits.enter(run, run, false);
            } catch (JobRejectedException full) {
                return false;
            }
            runs.get(of(thread)).add(run);
            run.passHere();
            return true;
        }

        @Operation
        public boolean end(@Param(gen = ThreadIdGen.class) int thread) {
            JobRun<String> run = runs.get(of(thread)).poll();
            if (run == null) return false;
            run.noteDown();
            return true;
        }

        @Validate
        public void oneRunsIfThereAreAnyAndNothingIsKeptWhenAllHaveEnded() {
            while (true) {
                var open = runs.stream().flatMap(ConcurrentLinkedQueue::stream).toList();
                long running = open.stream().filter(run -> !run.isWaiting()).count();
                if (running != Math.min(1, open.size()))
                    throw new IllegalStateException(running + " of " + open.size() + " run");
                if (open.isEmpty()) break;
                JobRun<String> first =
                        open.stream().filter(run -> !run.isWaiting()).toList().getFirst();
                runs.forEach(ofThread -> ofThread.remove(first));
                first.noteDown();
            }
            if (limits.size() != 0) throw new IllegalStateException(limits.size() + " are kept");
        }
    }

    /** Threads are numbered by Lincheck, in the validation too. */
    private static int of(int thread) {
        return Math.floorMod(thread, 2);
    }

    /** What it promises, for one thread. */
    public static class OneRunsAndOneWaits {
        private final int[] ofThread = new int[2];

        public boolean dispatch(int thread) {
            if (Arrays.stream(ofThread).sum() == 2) return false;
            ofThread[of(thread)]++;
            return true;
        }

        public boolean end(int thread) {
            if (ofThread[of(thread)] == 0) return false;
            ofThread[of(thread)]--;
            return true;
        }
    }

    /** The twin: the look at the limit and the counting are two steps. */
    public static class LookThenCount {
        private final AtomicInteger all = new AtomicInteger();
        private final List<AtomicInteger> ofThread = List.of(new AtomicInteger(), new AtomicInteger());

        @Operation
        public boolean dispatch(@Param(gen = ThreadIdGen.class) int thread) {
            if (all.get() == 2) return false;
            all.incrementAndGet();
            ofThread.get(of(thread)).incrementAndGet();
            return true;
        }

        @Operation
        public boolean end(@Param(gen = ThreadIdGen.class) int thread) {
            if (ofThread.get(of(thread)).get() == 0) return false;
            ofThread.get(of(thread)).decrementAndGet();
            all.decrementAndGet();
            return true;
        }
    }
}
