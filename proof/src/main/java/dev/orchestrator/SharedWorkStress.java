package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.orchestrator.spi.SharedWork;
import dev.orchestrator.spi.SharingContext;
import dev.orchestrator.spi.SharingExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P1, P7: whoever comes to a work while others leave it or it ends has one ending, and no work goes on for nobody. */
public final class SharedWorkStress {
    private SharedWorkStress() {}

    private record Load(int number) implements Job<String> {}

    /** One work at a time, which ends when the test says so; a job that finds none to join makes one. */
    private static final class World {
        final StressWorld world = new StressWorld();
        final AtomicInteger endings = new AtomicInteger();
        final AtomicInteger joined = new AtomicInteger();
        private volatile @Nullable SharedWork<String> first;
        private volatile @Nullable CompletableFuture<String> code;

        World() {
            world.dispatcher.register(Load.class, (SharingExecutor<Load, String>) (job, context) -> begin(context));
            world.bus.subscribe(TerminalEvent.class, event -> endings.incrementAndGet());
        }

        private CompletionStage<String> begin(SharingContext<String> context) {
            SharedWork<String> known = first;
            if (known != null) {
                CompletionStage<String> stage = context.join(known, result -> result);
                if (stage == null) return CompletableFuture.completedFuture("alone");
                joined.incrementAndGet();
                return stage;
            }
            SharedWork<String> work = context.shareAsync(
                    (AsyncJobExecutor<Load, String>) (job, its) -> {
                        var running = new CompletableFuture<String>();
                        code = running;
                        return running;
                    },
                    ending -> {});
            first = work;
            CompletionStage<String> stage = context.join(work, result -> result);
            work.start();
            if (stage == null) throw new AssertionError("a fresh work takes whoever comes");
            return stage;
        }

        /** Begins the work, with one job that waits for it. */
        JobHandle<String> beginOne() {
            JobHandle<String> handle = world.dispatcher.dispatch(new Load(1));
            world.runAll();
            return handle;
        }

        JobHandle<String> come() {
            JobHandle<String> handle = world.dispatcher.dispatch(new Load(2));
            world.runWorker();
            return handle;
        }

        /** Cancels it, and tells its attempt, which is done on another thread than the canceller's. */
        void cancel(JobHandle<String> handle) {
            handle.cancel("not wanted");
            for (Runnable task; (task = world.others.poll()) != null; ) task.run();
        }

        boolean end() {
            CompletableFuture<String> running = code;
            return running != null && running.complete("done");
        }

        boolean isUnderWay() {
            CompletableFuture<String> running = code;
            return running != null && !running.isDone();
        }

        static int of(@Nullable JobHandle<String> handle) {
            JobResult<String> result = handle == null
                    ? null
                    : handle.result().toCompletableFuture().getNow(null);
            return switch (result) {
                case null -> 0;
                case JobResult.Success<String>(String value) -> value.equals("done") ? 1 : 2;
                case JobResult.Cancelled<String> cancelled -> 3;
                case JobResult.Failure<String> failure -> 4;
                case JobResult.TimedOut<String> timedOut -> 5;
            };
        }
    }

    /** One comes while the only other one leaves. */
    @JCStressTest
    @Outcome(id = "3, 1, 2", expect = ACCEPTABLE, desc = "it came first, and the work goes on for it")
    @Outcome(id = "3, 2, 2", expect = ACCEPTABLE, desc = "it came too late, and the work was stopped")
    @Outcome(expect = FORBIDDEN, desc = "stopped under its taker, going on for nobody, or not one ending for each")
    @State
    public static class JoinAgainstLeave {
        private final World world = new World();
        private final JobHandle<String> leaving = world.beginOne();
        private @Nullable JobHandle<String> coming;

        @Actor
        public void leave() {
            world.cancel(leaving);
        }

        @Actor
        public void come() {
            coming = world.come();
        }

        @Arbiter
        public void look(III_Result result) {
            world.world.runAll();
            boolean isUnderWay = world.isUnderWay();
            if (isUnderWay && world.joined.get() == 0) result.r1 = 10; // for nobody
            world.end();
            world.world.runAll();
            result.r1 += World.of(leaving);
            result.r2 = World.of(coming);
            result.r3 = world.endings.get();
        }
    }

    /** One comes while the work ends. */
    @JCStressTest
    @Outcome(
            id = {"1, 1, 2", "1, 2, 2"},
            expect = ACCEPTABLE,
            desc = "it has the work's ending, or came too late")
    @Outcome(expect = FORBIDDEN, desc = "it waits for ever, or has two endings")
    @State
    public static class JoinAgainstEnd {
        private final World world = new World();
        private final JobHandle<String> first = world.beginOne();
        private @Nullable JobHandle<String> coming;

        @Actor
        public void end() {
            world.end();
        }

        @Actor
        public void come() {
            coming = world.come();
        }

        @Arbiter
        public void look(III_Result result) {
            world.world.runAll();
            result.r1 = World.of(first);
            result.r2 = World.of(coming);
            result.r3 = world.endings.get();
        }
    }

    /** The only one leaves while the work ends. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "3, 0, 1"},
            expect = ACCEPTABLE,
            desc = "one ending, the work's or its own")
    @Outcome(expect = FORBIDDEN, desc = "none, or two")
    @State
    public static class LeaveAgainstEnd {
        private final World world = new World();
        private final JobHandle<String> only = world.beginOne();

        @Actor
        public void end() {
            world.end();
        }

        @Actor
        public void leave() {
            world.cancel(only);
        }

        @Arbiter
        public void look(III_Result result) {
            world.world.runAll();
            result.r1 = World.of(only);
            result.r2 = world.isUnderWay() ? 1 : 0;
            result.r3 = world.endings.get();
        }
    }

    /** Joining that looks whether somebody is there, and then counts itself in. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it goes on for whoever came, or nobody came")
    @Outcome(expect = FORBIDDEN, desc = "stopped under its taker")
    @State
    public static class JoinAgainstLeaveTwin {
        private final AtomicInteger takers = new AtomicInteger(1);
        private volatile boolean stopped;
        private boolean joined;

        @Actor
        public void leave() {
            if (takers.decrementAndGet() == 0) stopped = true;
        }

        @Actor
        public void come() {
            if (stopped) return;
            StressWorld.pause();
            takers.incrementAndGet();
            joined = true;
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = joined && stopped ? 0 : 1;
        }
    }
}
