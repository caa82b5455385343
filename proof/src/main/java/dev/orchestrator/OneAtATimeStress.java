package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P3: the handlers of an orchestrator never overlap, each sees what the one before wrote, and none is forgotten. */
public final class OneAtATimeStress {
    private OneAtATimeStress() {}

    private record Said() implements Event {}

    private static final class Counter extends BaseOrchestrator<Integer> {
        int heard; // plain: the lane orders its handlers

        Counter(StressWorld world, Executor lane) {
            super(0, world.dispatcher, world.bus, lane);
            observe(Said.class, said -> heard++);
        }
    }

    /** Two emitters at once, and a lane that runs its turns on whichever thread queues them. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both handled, one after the other")
    @Outcome(expect = FORBIDDEN, desc = "handlers overlapped, or one was forgotten")
    @State
    public static class HandlersOfTwoEmitters {
        private final StressWorld world = new StressWorld();
        private final Counter counter = new Counter(world, Runnable::run);

        public HandlersOfTwoEmitters() {
            counter.start();
        }

        @Actor
        public void first() {
            world.bus.emit(new Said());
        }

        @Actor
        public void second() {
            world.bus.emit(new Said());
        }

        @Arbiter
        public void look(I_Result result) {
            world.runAll();
            result.r1 = counter.heard;
        }
    }

    /** The same without a lane. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "both counted")
    @Outcome(expect = FORBIDDEN, desc = "the handlers overlapped")
    @State
    public static class HandlersOfTwoEmittersTwin {
        private final StressWorld world = new StressWorld();
        private int heard;

        public HandlersOfTwoEmittersTwin() {
            world.bus.subscribe(Said.class, said -> heard++);
        }

        @Actor
        public void first() {
            world.bus.emit(new Said());
        }

        @Actor
        public void second() {
            world.bus.emit(new Said());
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = heard;
        }
    }

    /** An event is emitted and drained while its orchestrator closes: no handler begins afterwards, and nothing is kept. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0"},
            expect = ACCEPTABLE,
            desc = "handled before the closing, or dropped")
    @Outcome(expect = FORBIDDEN, desc = "handled twice or afterwards, or kept")
    @State
    public static class EmitAndDrainAgainstClose {
        private final StressWorld world = new StressWorld();
        private final Counter counter = new Counter(world, Runnable::run);

        public EmitAndDrainAgainstClose() {
            counter.start();
        }

        @Actor
        public void emitting() {
            world.bus.emit(new Said());
        }

        @Actor
        public void closing() {
            counter.close();
        }

        @Arbiter
        public void look(II_Result result) {
            world.runAll();
            result.r1 = counter.heard;
            world.bus.emit(new Said());
            world.runAll();
            result.r2 = counter.heard - result.r1 + world.bus.subscribers().size();
        }
    }

    /** The same with a mailbox that is asked whether it is closed, and filled then. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0"},
            expect = ACCEPTABLE,
            desc = "handled before the closing, or dropped")
    @Outcome(expect = FORBIDDEN, desc = "kept")
    @State
    public static class EmitAndDrainAgainstCloseTwin {
        private final ConcurrentLinkedQueue<Integer> mailbox = new ConcurrentLinkedQueue<>();
        private volatile boolean closed;

        @Actor
        public void emitting() {
            if (closed) return;
            StressWorld.pause();
            mailbox.add(1);
        }

        @Actor
        public void closing() {
            closed = true;
            mailbox.clear();
        }

        @Arbiter
        public void look(II_Result result) {
            result.r2 = mailbox.size();
        }
    }

    /** Something is added while a turn ends: the turn sees it, or another turn is queued. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "handled")
    @Outcome(expect = FORBIDDEN, desc = "forgotten, or handled twice")
    @State
    public static class WakeAgainstEndOfTurn implements Lane.Work {
        private final ConcurrentLinkedQueue<Runnable> turns = new ConcurrentLinkedQueue<>();
        private final Mailbox<Integer> mailbox = new Mailbox<>();
        private final Lane lane = new Lane(turns::add, new StressWorld().bus.scope(), this, rejected -> {});
        private int handled;

        public WakeAgainstEndOfTurn() {
            lane.open(); // queues a turn only if there is something
            mailbox.add(0);
            lane.wake();
            mailbox.drop(); // so that the turn that is queued finds nothing
        }

        @Actor
        public void writer() {
            mailbox.add(1);
            lane.wake();
        }

        @Actor
        public void turn() {
            turns.remove().run();
        }

        @Arbiter
        public void look(I_Result result) {
            for (Runnable turn; (turn = turns.poll()) != null; ) turn.run();
            result.r1 = handled;
        }

        @Override
        public boolean doOne() {
            if (mailbox.peek() == null) return false;
            mailbox.drop();
            handled++;
            return true;
        }

        @Override
        public boolean hasMore() {
            return mailbox.peek() != null;
        }

        @Override
        public void ranDry() {}
    }

    /** The same with release and acquire where the mailbox and the lane are volatile: each may miss the other. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "handled")
    @Outcome(expect = FORBIDDEN, desc = "forgotten")
    @State
    public static class WakeAgainstEndOfTurnTwin {
        private static final VarHandle NEXT;

        static {
            try {
                NEXT = MethodHandles.lookup().findVarHandle(WakeAgainstEndOfTurnTwin.class, "next", int.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        private final AtomicBoolean queued = new AtomicBoolean(true);
        private int next; // what waits in the mailbox
        private int turnByWriter;
        private int turnByTurn;

        @Actor
        public void writer() {
            NEXT.setRelease(this, 1);
            if (!queued.get()) turnByWriter = 1;
        }

        @Actor
        public void turn() {
            queued.setRelease(false);
            if ((int) NEXT.getAcquire(this) != 0) turnByTurn = 1;
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = turnByWriter + turnByTurn > 0 ? 1 : 0;
        }
    }
}
