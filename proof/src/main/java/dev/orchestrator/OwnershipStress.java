package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P2: a job that runs while its dispatch has not returned is its orchestrator's own all the same. */
public final class OwnershipStress {
    private OwnershipStress() {}

    private static final class Owner extends BaseOrchestrator<Integer> {
        int active; // its lane is run by one actor or the arbiter at a time
        int passive;

        Owner(StressWorld world) {
            super(0, world.dispatcher, world.bus);
        }

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            active++;
        }

        @Override
        protected void onPassiveEvent(Event event) {
            passive++;
        }
    }

    /** One actor dispatches, the other runs the job at once. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the ending was active, nothing was passive")
    @Outcome(expect = FORBIDDEN, desc = "an own event was passive, or lost")
    @State
    public static class DispatchAgainstJob {
        private final StressWorld world = new StressWorld();
        private final Owner owner;

        public DispatchAgainstJob() {
            world.dispatcher.register(StressWorld.Work.class, (job, context) -> "done");
            owner = new Owner(world);
            owner.start();
        }

        @Actor
        public void dispatching() {
            owner.dispatch(new StressWorld.Work(1));
        }

        @Actor
        public void worker() {
            world.runWorker();
        }

        @Arbiter
        public void look(II_Result result) {
            world.runAll();
            result.r1 = owner.active;
            result.r2 = owner.passive;
        }
    }

    /** The seed's order: the job is started, and then its id is noted. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "known in time")
    @Outcome(expect = FORBIDDEN, desc = "the job was faster")
    @State
    public static class DispatchAgainstJobTwin {
        private final Set<Integer> owned = ConcurrentHashMap.newKeySet();
        private volatile boolean started;

        @Actor
        public void dispatching() {
            started = true;
            owned.add(1);
        }

        @Actor
        public void worker(I_Result result) {
            while (!started) Thread.onSpinWait();
            result.r1 = owned.contains(1) ? 1 : 0;
        }
    }
}
