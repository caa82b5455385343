package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** P1: a run that was added is found until it is removed, however often another one is removed from its place. */
public final class InFlightStress {
    private static final String SAME_PLACE = "-0123456789abcdefghjkmnpqrstvwx";
    private static final StandingRuns MADE = new StandingRuns();
    private static final JobRun<String> BEFORE = MADE.run("before" + SAME_PLACE);
    private static final JobRun<String> AFTER = MADE.run("after" + SAME_PLACE);

    private InFlightStress() {}

    /** The lane and a closing remove the same run, and then another one comes into its place. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the later one is there")
    @Outcome(expect = FORBIDDEN, desc = "it was taken out with the earlier one, or that is still there")
    @State
    public static class RemovedTwice {
        private final PlacedRuns runs = new PlacedRuns();

        public RemovedTwice() {
            runs.add(BEFORE);
        }

        @Actor
        public void lane() {
            runs.remove(BEFORE);
        }

        @Actor
        public void closing() {
            runs.remove(BEFORE);
            runs.add(AFTER);
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = AFTER.equals(runs.find(AFTER.id())) && runs.find(BEFORE.id()) == null ? 1 : 0;
        }
    }

    /** The same where removing looks and then writes. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the later one is there")
    @Outcome(expect = FORBIDDEN, desc = "it was taken out with the earlier one")
    @State
    public static class RemovedTwiceTwin {
        private final AtomicReferenceArray<JobRun<String>> slots = new AtomicReferenceArray<>(1);

        public RemovedTwiceTwin() {
            slots.set(0, BEFORE);
        }

        private void removeBefore() {
            if (!BEFORE.equals(slots.get(0))) return;
            StressWorld.pause();
            slots.set(0, null);
        }

        @Actor
        public void lane() {
            removeBefore();
        }

        @Actor
        public void closing() {
            removeBefore();
            slots.compareAndSet(0, null, AFTER);
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = AFTER.equals(slots.get(0)) ? 1 : 0;
        }
    }
}
