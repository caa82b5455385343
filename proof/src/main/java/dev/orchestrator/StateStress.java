package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P6: no update is lost, and a subscriber never misses the last state. */
public final class StateStress {
    private StateStress() {}

    private static final class Holder extends BaseOrchestrator<Integer> {
        Holder(StressWorld world) {
            super(0, world.dispatcher, world.bus, Runnable::run);
        }

        void add() {
            update(state -> state + 1);
        }

        /** What update is for. */
        void addWithoutUpdate() {
            emit(state() + 1);
        }
    }

    /** Two updates at once; the subscriber is called on the thread of whichever of them runs the lane. */
    @JCStressTest
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "both counted, and the last was seen")
    @Outcome(expect = FORBIDDEN, desc = "an update was lost, or the last state was missed")
    @State
    public static class TwoUpdates {
        private final StressWorld world = new StressWorld();
        private final Holder holder = new Holder(world);
        private int seen;

        public TwoUpdates() {
            holder.onState(state -> seen = state);
        }

        @Actor
        public void first() {
            holder.add();
        }

        @Actor
        public void second() {
            holder.add();
        }

        @Arbiter
        public void look(II_Result result) {
            result.r1 = holder.state();
            result.r2 = seen;
        }
    }

    /** The same by reading and then writing. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both counted")
    @Outcome(expect = FORBIDDEN, desc = "an update was lost")
    @State
    public static class TwoUpdatesTwin {
        private final Holder holder = new Holder(new StressWorld());

        @Actor
        public void first() {
            holder.addWithoutUpdate();
        }

        @Actor
        public void second() {
            holder.addWithoutUpdate();
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = holder.state();
        }
    }

    /** An update while the orchestrator closes: the subscriber's last state is the one that can be read afterwards. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1"},
            expect = ACCEPTABLE,
            desc = "what was seen last is what there is")
    @Outcome(expect = FORBIDDEN, desc = "the last state was missed")
    @State
    public static class UpdateAgainstClose {
        private final Holder holder = new Holder(new StressWorld());
        private int seen;

        public UpdateAgainstClose() {
            holder.onState(state -> seen = state);
        }

        @Actor
        public void updating() {
            holder.add();
        }

        @Actor
        public void closing() {
            holder.close();
        }

        @Arbiter
        public void look(II_Result result) {
            result.r1 = holder.state();
            result.r2 = seen;
        }
    }

    /** A state whose publication raises its flag before the state is there, as the publisher must not. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "seen")
    @Outcome(expect = FORBIDDEN, desc = "the last state was missed")
    @State
    public static class UpdateAgainstCloseTwin {
        private final ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();
        private volatile boolean changed;
        private volatile int state;

        @Actor
        public void updating() {
            changed = true;
            StressWorld.pause();
            state = 1;
        }

        @Actor
        public void lane() {
            flush();
        }

        private void flush() {
            if (!changed) return;
            changed = false;
            seen.add(state);
        }

        @Arbiter
        public void look(I_Result result) {
            flush();
            result.r1 = seen.contains(1) ? 1 : 0;
        }
    }
}
