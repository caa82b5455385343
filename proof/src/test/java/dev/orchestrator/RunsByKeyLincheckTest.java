package dev.orchestrator;

import dev.orchestrator.RunsByKey.Entry;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** P11: of the jobs with one key one goes on, as many wait as may, the next goes on with its end, and nothing stays. */
class RunsByKeyLincheckTest {
    /** In the long mode only: a run is made of so much that one way through it takes a tenth of a second. */
    @Test
    @EnabledIfSystemProperty(named = "proof", matches = "long")
    void one_has_the_key_and_one_more_waits_for_it() {
        Checks.holdForLongOperations(Keys.class, OneGoesOnAndOneWaits.class);
    }

    @Test
    void keys_that_look_and_then_take_are_found_out() {
        Checks.findOut(LookThenTake.class, OneGoesOnAndOneWaits.class);
    }

    /** Each thread dispatches with the one key, at most one job at a time, and lets it end. */
    public static class Keys {
        private static final StandingRuns MADE = new StandingRuns();
        private static final SameKeyRule RULE = new SameKeyRule.Queue(1);

        private final RunsByKey keys = new RunsByKey();
        private final List<ConcurrentLinkedQueue<JoinedRun<String>>> runs =
                List.of(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());
        private final ConcurrentHashMap<SharedRun<?>, Boolean> goingOn = new ConcurrentHashMap<>();

        @Operation
        public String dispatch(@Param(gen = ThreadIdGen.class) int thread) {
            JoinedRun<String> run = MADE.runWithKey("any");
            try {
                Entry entry = keys.enter(run, place(), RULE, free -> goingOn.put(free, true));
                if (entry == Entry.GOES_ON) goingOn.put(run.work(), true);
                runs.get(of(thread)).add(run);
                return entry.name();
            } catch (JobRejectedException refused) {
                return Entry.REFUSED.name();
            }
        }

        @Operation
        public boolean end(@Param(gen = ThreadIdGen.class) int thread) {
            JoinedRun<String> run = runs.get(of(thread)).poll();
            if (run == null) return false;
            end(run);
            return true;
        }

        private static void end(JoinedRun<String> run) {
            run.work().finish(new JobResult.Success<>("done"));
        }

        private static RunsByKey.Place place() {
            return new RunsByKey.Place(null, "key");
        }

        @Validate
        public void oneGoesOnIfThereAreAnyAndNothingIsKeptWhenAllHaveEnded() {
            while (true) {
                var open = runs.stream().flatMap(ConcurrentLinkedQueue::stream).toList();
                var going = open.stream()
                        .filter(run -> goingOn.containsKey(run.work()))
                        .toList();
                if (going.size() != Math.min(1, open.size()))
                    throw new IllegalStateException(going.size() + " of " + open.size() + " go on");
                if (open.isEmpty()) break;
                runs.forEach(ofThread -> ofThread.remove(going.getFirst()));
                end(going.getFirst());
            }
            if (keys.size() != 0) throw new IllegalStateException(keys.size() + " are kept");
        }
    }

    private static int of(int thread) {
        return Math.floorMod(thread, 2);
    }

    /** What it promises, for one thread. */
    public static class OneGoesOnAndOneWaits {
        private final ArrayDeque<Integer> threads = new ArrayDeque<>();

        public String dispatch(int thread) {
            if (threads.size() == 2) return "REFUSED";
            threads.add(of(thread));
            return threads.size() == 1 ? "GOES_ON" : "WAITS";
        }

        public boolean end(int thread) {
            return threads.removeFirstOccurrence(of(thread));
        }
    }

    /** The twin: the key is asked for and taken in two steps. */
    public static class LookThenTake {
        private final AtomicReference<@Nullable Integer> current = new AtomicReference<>();
        private final AtomicReference<@Nullable Integer> waiting = new AtomicReference<>();

        @Operation
        public String dispatch(@Param(gen = ThreadIdGen.class) int thread) {
            if (current.get() == null) {
                current.set(of(thread));
                return "GOES_ON";
            }
            return waiting.compareAndSet(null, of(thread)) ? "WAITS" : "REFUSED";
        }
    }
}
