package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.orchestrator.spi.JobControl;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P1, P7, P9: a wish to stop reaches the driver or ends the job, and what was told was accepted. */
public final class DrivenStress {
    private DrivenStress() {}

    private record Ship() implements Job<String> {}

    /** The job, its driver's side of it, and how often what has happened. */
    private static final class World {
        final StressWorld world = new StressWorld();
        final AtomicInteger endings = new AtomicInteger();
        final AtomicInteger taken = new AtomicInteger();
        volatile @Nullable JobControl<String> control;

        World() {
            world.dispatcher.drive(Ship.class, (job, given) -> control = given, JobOptions.none());
            world.bus.subscribe(TerminalEvent.class, event -> endings.incrementAndGet());
        }

        JobControl<String> control() {
            while (true) {
                JobControl<String> known = control;
                if (known != null) return known;
                Thread.onSpinWait();
            }
        }
    }

    /** Somebody wishes that the job stops while its driver says who takes wishes. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the driver has the wish")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "nobody took it: the job has ended")
    @Outcome(expect = FORBIDDEN, desc = "the wish is lost, or has come twice")
    @State
    public static class WishAgainstTaker {
        private final World it = new World();
        private final JobHandle<String> handle = it.world.dispatcher.dispatch(new Ship());

        @Actor
        public void driver() {
            it.control().onStop(reason -> it.taken.incrementAndGet());
        }

        @Actor
        public void canceller() {
            handle.cancel("enough");
        }

        @Arbiter
        public void count(II_Result result) {
            it.world.runAll();
            result.r1 = it.taken.get();
            result.r2 = it.endings.get();
        }
    }

    /** The same with a place for the wish that is looked at and then written. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the driver has the wish")
    @Outcome(expect = FORBIDDEN, desc = "the wish is lost, or has come twice")
    @State
    public static class WishAgainstTakerTwin {
        private volatile boolean wished;
        private volatile @Nullable Runnable taker;
        private final AtomicInteger taken = new AtomicInteger();

        @Actor
        public void driver() {
            boolean isLate = wished;
            StressWorld.pause();
            if (isLate) taken.incrementAndGet();
            else taker = taken::incrementAndGet;
        }

        @Actor
        public void canceller() {
            Runnable there = taker;
            StressWorld.pause();
            if (there != null) there.run();
            else wished = true;
        }

        @Arbiter
        public void count(I_Result result) {
            result.r1 = taken.get();
        }
    }

    /** The driver refuses the job while another thread of its own tells that the job has begun. */
    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "refused, and nothing told")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "accepted, begun and failed")
    @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "accepted, and failed before the beginning could be told")
    @Outcome(expect = FORBIDDEN, desc = "refused and told, or accepted without an ending")
    @State
    public static class RefusalAgainstTelling {
        private final StressWorld world = new StressWorld();
        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicInteger endings = new AtomicInteger();
        private volatile @Nullable JobControl<String> control;
        private int refused;

        public RefusalAgainstTelling() {
            world.dispatcher.drive(
                    Ship.class,
                    (job, given) -> {
                        control = given;
                        throw new IllegalStateException("no");
                    },
                    JobOptions.none());
            world.bus.subscribe(JobStartedEvent.class, event -> begun.incrementAndGet());
            world.bus.subscribe(TerminalEvent.class, event -> endings.incrementAndGet());
        }

        @Actor
        public void dispatcher() {
            try {
                world.dispatcher.dispatch(new Ship());
            } catch (IllegalStateException no) {
                refused++;
            }
        }

        @Actor
        public void teller() {
            JobControl<String> known;
            while ((known = control) == null) Thread.onSpinWait();
            known.started();
        }

        @Arbiter
        public void count(III_Result result) {
            world.runAll();
            result.r1 = refused;
            result.r2 = begun.get();
            result.r3 = endings.get();
        }
    }

    /** The owner is closed while its lane handles the ending. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "handled, and said so")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not handled, and said so")
    @Outcome(expect = FORBIDDEN, desc = "said otherwise than it was, or not at all")
    @State
    public static class HandlingAgainstClosing {
        private final ConcurrentLinkedQueue<Runnable> lane = new ConcurrentLinkedQueue<>();
        private final World it = new World();
        private final Owner owner = new Owner(it.world, lane::add);

        public HandlingAgainstClosing() {
            owner.dispatch(new Ship());
            it.control().succeed("done");
        }

        @Actor
        public void lane() {
            for (Runnable turn; (turn = lane.poll()) != null; ) turn.run();
        }

        @Actor
        public void closer() {
            owner.close();
        }

        @Arbiter
        public void count(II_Result result) {
            lane();
            result.r1 = owner.handled;
            boolean isSaid = it.control().handled().toCompletableFuture().isDone();
            result.r2 = isSaid ? (it.control().isOwned() ? 1 : 0) : -1;
        }
    }

    private static final class Owner extends BaseOrchestrator<Integer> {
        int handled; // written by the lane

        Owner(StressWorld world, Executor lane) {
            super(0, world.dispatcher, world.bus, lane);
        }

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            handled++;
        }
    }
}
