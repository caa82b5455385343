package dev.orchestrator.spi;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** P7: no timer waits for a thread that sleeps longer, and none comes that was taken back. */
public final class TimerStress {
    private TimerStress() {}

    /** A timer is made while the thread goes to sleep. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the thread has seen it or was woken")
    @Outcome(expect = FORBIDDEN, desc = "the thread sleeps, and the timer is late")
    @State
    public static class MadeWhileTheThreadGoesToSleep {
        private volatile boolean isWoken;
        private boolean sleeps;
        private final TimerQueue queue = new TimerQueue(() -> isWoken = true);

        @Actor
        public void maker() {
            queue.add(5, () -> {});
        }

        @Actor
        public void thread() {
            sleeps = queue.beginSleep() > 5;
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = !sleeps || isWoken ? 1 : 0;
        }
    }

    /** The same with a thread that looks first and then says that it sleeps. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the thread has seen it or was woken")
    @Outcome(expect = FORBIDDEN, desc = "the thread sleeps, and the timer is late")
    @State
    public static class MadeWhileTheThreadGoesToSleepTwin {
        private volatile boolean isThere;
        private volatile boolean saysThatItSleeps;
        private boolean isWoken;
        private boolean sleeps;

        @Actor
        public void maker() {
            isThere = true;
            if (saysThatItSleeps) isWoken = true;
        }

        @Actor
        public void thread() {
            sleeps = !isThere;
            saysThatItSleeps = true;
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = !sleeps || isWoken ? 1 : 0;
        }
    }

    /** A timer is taken back at the moment at which it is due. */
    @JCStressTest
    @Outcome(
            id = {"0", "1"},
            expect = ACCEPTABLE,
            desc = "it came, or it was taken back")
    @Outcome(expect = FORBIDDEN, desc = "it came and was kept")
    @State
    public static class TakenBackWhenItIsDue {
        private final TimerQueue queue = new TimerQueue(() -> {});
        private final TimerQueue.Entry timer = queue.add(0, () -> {});
        private boolean came;

        @Actor
        public void thread() {
            came = queue.nextDue(0) != null;
        }

        @Actor
        public void owner() {
            timer.cancel();
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = (came ? 1 : 0) + (timer.isWanted() ? 2 : 0) + (queue.nextDue(0) == null ? 0 : 4);
        }
    }

    /** The same where whoever takes it back looks first and then does it, as the thread does. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "one of the two had it")
    @Outcome(expect = FORBIDDEN, desc = "both had it")
    @State
    public static class TakenBackWhenItIsDueTwin {
        private volatile boolean isWanted = true;
        private int taken;
        private int takenBack;

        @Actor
        public void thread() {
            if (!isWanted) return;
            Thread.yield(); // so that it is found out on a busy machine too
            isWanted = false;
            taken = 1;
        }

        @Actor
        public void owner() {
            if (!isWanted) return;
            Thread.yield(); // so that it is found out on a busy machine too
            isWanted = false;
            takenBack = 1;
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = taken + takenBack;
        }
    }
}
