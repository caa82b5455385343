package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P1: whatever ends a job at the same moment, exactly one ending is decided and told; the cell of a run decides. */
public final class OneEndingStress {
    private OneEndingStress() {}

    private static final JobResult<String> DONE = new JobResult.Success<>("done");
    private static final JobResult<String> CANCELLED = new JobResult.Cancelled<>("enough");
    private static final JobResult<String> TIMED_OUT = new JobResult.TimedOut<>(Duration.ofSeconds(1));

    /** The code returns while somebody cancels; who has decided tells, and a stopped run is told by who comes second. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
    @Outcome(expect = FORBIDDEN, desc = "told never, or twice")
    @State
    public static class CompletionAgainstCancel {
        private final RunLifeCycle<String> cell = new RunLifeCycle<>();
        private int byWorker;
        private int byCanceller;

        public CompletionAgainstCancel() {
            cell.enter();
        }

        @Actor
        public void worker() {
            if (cell.endAfterCode(DONE) != null) byWorker++;
        }

        @Actor
        public void canceller() {
            if (cell.decideStop(CANCELLED) == RunLifeCycle.Stop.STOPPING && cell.endAfterGrace() != null) byCanceller++;
        }

        @Arbiter
        public void count(I_Result result) {
            result.r1 = byWorker + byCanceller;
        }
    }

    /** The same with a cell that looks and then writes. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
    @Outcome(expect = FORBIDDEN, desc = "told twice")
    @State
    public static class CompletionAgainstCancelTwin {
        private volatile boolean ended;
        private int byWorker;
        private int byCanceller;

        @Actor
        public void worker() {
            if (ended) return;
            Thread.yield(); // so that it is found out on a busy machine too
            ended = true;
            byWorker++;
        }

        @Actor
        public void canceller() {
            if (ended) return;
            Thread.yield(); // so that it is found out on a busy machine too
            ended = true;
            byCanceller++;
        }

        @Arbiter
        public void count(I_Result result) {
            result.r1 = byWorker + byCanceller;
        }
    }

    /** P7: a job is cancelled while it begins: it runs and is told as cancelled afterwards, or it never runs. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "it began, and is told when it has left")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "it was ended before, and never runs")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    @State
    public static class StartAgainstCancel {
        private final RunLifeCycle<String> cell = new RunLifeCycle<>();

        @Actor
        public void worker(II_Result result) {
            result.r1 = cell.enter() ? 1 : 0;
        }

        @Actor
        public void canceller(II_Result result) {
            result.r2 = cell.decideStop(CANCELLED) == RunLifeCycle.Stop.ENDED ? 1 : 0;
        }
    }

    /** The same with a cell that looks and then writes. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one of the two")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    @State
    public static class StartAgainstCancelTwin {
        private final LooseCell cell = new LooseCell();

        @Actor
        public void worker(II_Result result) {
            result.r1 = cell.decide() ? 1 : 0;
        }

        @Actor
        public void canceller(II_Result result) {
            result.r2 = cell.decide() ? 1 : 0;
        }
    }

    /** P7: the same of a work that several may share, with one that takes part: told as never started, it did not run. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "it began, and says so")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "it was stopped before its code")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "it was ended before")
    @Outcome(expect = FORBIDDEN, desc = "it ran, and says that it never started")
    @State
    public static class StartAgainstCancelOfTheOnlyTaker {
        private final StressWorld world = new StressWorld();
        private final JobHandle<String> handle;
        private int ran;
        private int attempts = -1;

        public StartAgainstCancelOfTheOnlyTaker() {
            world.dispatcher.register(StressWorld.Work.class, (job, context) -> {
                ran++;
                return "done";
            });
            world.bus.subscribe(TerminalEvent.class, event -> attempts = event.attempts());
            handle = world.dispatcher.dispatch(
                    new StressWorld.Work(1),
                    JobOptions.builder().joinRunning("key").build());
        }

        @Actor
        public void worker() {
            world.runWorker();
        }

        @Actor
        public void canceller() {
            handle.cancel("not wanted");
        }

        @Arbiter
        public void look(II_Result result) {
            world.runAll();
            result.r1 = ran;
            result.r2 = attempts;
        }
    }

    /** The same with two cells that are looked at one after the other. */
    @JCStressTest
    @Outcome(
            id = {"1, 1", "0, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "as it should be")
    @Outcome(expect = FORBIDDEN, desc = "it ran, and says that it never started")
    @State
    public static class StartAgainstCancelOfTheOnlyTakerTwin {
        private final RunLifeCycle<String> taker = new RunLifeCycle<>();
        private final RunLifeCycle<String> work = new RunLifeCycle<>();

        @Actor
        public void worker(II_Result result) {
            if (!work.enter()) return;
            taker.enter();
            result.r1 = work.isRunning() ? 1 : 0;
        }

        @Actor
        public void canceller(II_Result result) {
            result.r2 = taker.decideStop(CANCELLED) == RunLifeCycle.Stop.ENDED ? 0 : 1;
            work.decideStop(CANCELLED);
        }
    }

    /** A timer and a canceller: one of them decides. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one decided")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    @State
    public static class TimeoutAgainstCancel {
        private final RunLifeCycle<String> cell = new RunLifeCycle<>();

        public TimeoutAgainstCancel() {
            cell.enter();
        }

        @Actor
        public void timer(II_Result result) {
            result.r1 = cell.decideStop(TIMED_OUT) == RunLifeCycle.Stop.TOO_LATE ? 0 : 1;
        }

        @Actor
        public void canceller(II_Result result) {
            result.r2 = cell.decideStop(CANCELLED) == RunLifeCycle.Stop.TOO_LATE ? 0 : 1;
        }
    }

    /** The same with a cell that looks and then writes. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one decided")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    @State
    public static class TimeoutAgainstCancelTwin {
        private final LooseCell cell = new LooseCell();

        @Actor
        public void timer(II_Result result) {
            result.r1 = cell.decide() ? 1 : 0;
        }

        @Actor
        public void canceller(II_Result result) {
            result.r2 = cell.decide() ? 1 : 0;
        }
    }

    /** The whole engine: a job runs while it is cancelled; one terminal event, and the result is the same. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one event, which says what the result says")
    @Outcome(expect = FORBIDDEN, desc = "no event, two, or another than the result")
    @State
    public static class WholeJobAgainstCancel {
        private final StressWorld world = new StressWorld();
        private final JobHandle<String> handle;
        private volatile int told; // raised by whoever tells, and never by two at once (P4)
        private volatile JobResult<?> last;

        public WholeJobAgainstCancel() {
            world.dispatcher.register(StressWorld.Work.class, (job, context) -> "done");
            world.bus.subscribe(TerminalEvent.class, event -> {
                told = told + 1;
                last = event.result();
            });
            handle = world.dispatcher.dispatch(new StressWorld.Work(1));
        }

        @Actor
        public void worker() {
            world.runWorker();
        }

        @Actor
        public void canceller() {
            handle.cancel("enough");
        }

        @Arbiter
        public void look(II_Result result) {
            world.runAll();
            CompletableFuture<JobResult<String>> known = handle.result().toCompletableFuture();
            result.r1 = told;
            result.r2 = known.isDone() && known.join().equals(last) ? 1 : 0;
        }
    }

    /** The same with a cell that looks and then writes. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one event, which says what the result says")
    @Outcome(expect = FORBIDDEN, desc = "no event, two, or another than the result")
    @State
    public static class WholeJobAgainstCancelTwin {
        private final LooseCell cell = new LooseCell();
        private final CompletableFuture<JobResult<String>> known = new CompletableFuture<>();
        private final AtomicInteger told = new AtomicInteger();
        private volatile JobResult<?> last;

        private void end(JobResult<String> ending) {
            if (!cell.decide()) return;
            told.incrementAndGet();
            last = ending;
            known.complete(ending);
        }

        @Actor
        public void worker() {
            end(DONE);
        }

        @Actor
        public void canceller() {
            end(CANCELLED);
        }

        @Arbiter
        public void look(II_Result result) {
            result.r1 = told.get();
            result.r2 = known.isDone() && known.join().equals(last) ? 1 : 0;
        }
    }

    /** Looks and then writes, where the real one compares and sets. */
    private static final class LooseCell {
        private volatile boolean isDecided;

        boolean decide() {
            if (isDecided) return false;
            StressWorld.pause();
            isDecided = true;
            return true;
        }
    }
}
