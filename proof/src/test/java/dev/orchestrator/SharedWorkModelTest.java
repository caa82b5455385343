package dev.orchestrator;

import dev.orchestrator.spi.SharedWork;
import dev.orchestrator.spi.SharingContext;
import dev.orchestrator.spi.SharingExecutor;
import dev.orchestrator.testkit.TestWorld;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * P1, P7, P8, P10 where jobs wait for one work together: each has one ending, which is its own or the work's; the work runs
 * while somebody waits for it, is stopped with the last, and no two that are wanted run with one key.
 *
 * <p>Random programs on threads that take turns: jobs of few keys, with keys of their own, time limits and retries, code that
 * returns, throws, hangs and is deaf, cancellations, and a dispatcher that closes.
 */
class SharedWorkModelTest {
    /** Work that fails or is deaf on purpose would fill the log; held here, since loggers are held weakly. */
    private static final Logger LOG = Logger.getLogger("dev.orchestrator");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static final int KEYS = 2;
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String NOT_WANTED = "not wanted";

    /** What the code of a work does, after some milliseconds. */
    private enum Ends {
        RETURNS,
        THROWS,
        HANGS,
        DEAF,
        /** Gives its value at once, and stays that long. */
        GIVES_EARLY
    }

    /** The key that a job has itself, besides that of the work. */
    private enum OwnKey {
        NONE,
        JOIN,
        REPLACE,
        QUEUE
    }

    private record Load(int number, int key, Ends ends, int millis, int failures, OwnKey ownKey)
            implements Job<String> {}

    private sealed interface Step {
        record Dispatch(Load job, int timeout, int attempts) implements Step {}

        record Cancel(int which) implements Step {}

        record Advance(int millis) implements Step {}

        record Run() implements Step {}

        record Close() implements Step {}
    }

    private static List<Step> program(RandomGenerator random) {
        var steps = new ArrayList<Step>();
        int length = random.nextInt(4, 30);
        while (steps.size() < length) {
            steps.add(
                    switch (random.nextInt(10)) {
                        case 0, 1 -> new Step.Cancel(random.nextInt(100));
                        case 2 -> new Step.Run();
                        case 3 -> new Step.Advance(random.nextInt(1, 30));
                        default -> dispatch(random, steps.size());
                    });
        }
        if (random.nextInt(5) == 0) steps.add(random.nextInt(length / 2, length), new Step.Close());
        return steps;
    }

    private static Step dispatch(RandomGenerator random, int number) {
        Ends ends = Ends.values()[random.nextInt(Ends.values().length)];
        int millis = random.nextInt(3) == 0 ? 0 : random.nextInt(1, 20);
        OwnKey ownKey = OwnKey.values()[random.nextInt(3) == 0 ? random.nextInt(OwnKey.values().length) : 0];
        var job = new Load(number, random.nextInt(KEYS), ends, millis, random.nextInt(3), ownKey);
        return new Step.Dispatch(job, random.nextInt(4) == 0 ? random.nextInt(1, 25) : 0, random.nextInt(1, 4));
    }

    @Test
    void in_order_of_arrival() {
        RandomPrograms.check(200, SharedWorkModelTest::program, (steps, seed) -> run(steps, 0, seed));
    }

    @Test
    void in_random_orders() {
        RandomPrograms.check(400, SharedWorkModelTest::program, (steps, seed) -> run(steps, seed, seed));
    }

    private static List<String> run(List<Step> steps, long order, long seed) throws Exception {
        try (var world = TestWorld.seeded(order)) {
            var execution = new Execution(world, seed % 4 == 0, seed % 3 == 0);
            for (Step step : steps) execution.take(step);
            execution.end();
            return execution.broken;
        }
    }

    /** A work that was made, and who took part in it. */
    private static final class Made {
        final int key;
        final Set<String> takers = new LinkedHashSet<>();
        boolean mayStandForOthers; // others that have the key of one of them
        final List<JobResult<String>> endings = new ArrayList<>();
        int inside;

        @Nullable
        JobContext context; // of the latest attempt

        Made(int key) {
            this.key = key;
        }

        void take(Load job, JobContext context) {
            takers.add(context.jobId());
            mayStandForOthers |= job.ownKey() != OwnKey.NONE;
        }

        boolean isWanted() {
            return context != null && !context.isCancelled();
        }
    }

    private static final class Accepted {
        final Step.Dispatch how;
        final JobHandle<String> handle;
        final long at;
        boolean cancelled;

        Accepted(Step.Dispatch how, JobHandle<String> handle, long at) {
            this.how = how;
            this.handle = handle;
            this.at = at;
        }

        @Nullable
        JobResult<String> ending() {
            return handle.result().toCompletableFuture().getNow(null);
        }
    }

    private static final class Execution {
        final List<String> broken = new ArrayList<>();
        private final TestWorld world;
        private final boolean waitsInside;
        private final boolean isAsync;
        private final List<Accepted> accepted = new ArrayList<>();
        private final Map<String, List<JobEvent>> told = new HashMap<>();
        private final Map<String, Long> endedAt = new HashMap<>();
        private final List<Made> works = new ArrayList<>();
        private final Map<Integer, Made> latest = new HashMap<>();
        private final Map<Made, SharedWork<String>> shared = new HashMap<>();
        private final Subscription subscription;
        private boolean closed;

        Execution(TestWorld world, boolean waitsInside, boolean isAsync) {
            this.world = world;
            this.waitsInside = waitsInside;
            this.isAsync = isAsync;
            SharingExecutor<Load, String> sharing = this::begin;
            if (waitsInside) world.dispatcher().register(Load.class, (job, context) -> sharing.execute(job, context));
            else world.dispatcher().register(Load.class, sharing);
            subscription = world.bus().subscribe(JobEvent.class, this::note);
        }

        private void note(JobEvent event) {
            told.computeIfAbsent(event.correlationId(), id -> new ArrayList<>()).add(event);
            if (!(event instanceof TerminalEvent)) return;
            endedAt.put(event.correlationId(), world.time().nanos());
            if (event instanceof JobSuccessEvent<?> success
                    && !hasEnded(new JobResult.Success<>(String.valueOf(success.data()))))
                broken.add(event.correlationId() + " was told before its work had ended");
        }

        private boolean hasEnded(JobResult<String> result) {
            return works.stream().anyMatch(work -> work.endings.contains(result));
        }

        // ---- what is tested: joining a work, or making one ----

        private CompletionStage<String> begin(Load job, SharingContext<String> context) {
            Made known = latest.get(job.key());
            if (known != null) {
                CompletionStage<String> joined = context.join(shared.get(known), ending(job, context));
                if (joined != null) {
                    known.take(job, context);
                    world.interleave();
                    return joined;
                }
                if (known.endings.isEmpty() && known.isWanted())
                    broken.add("the work of key " + job.key() + " is under way and lets nobody join");
            }
            var made = new Made(job.key());
            SharedWork<String> work = isAsync
                    ? context.shareAsync(
                            (AsyncJobExecutor<Load, String>) (of, its) -> codeAsync(of, its, made),
                            end -> note(made, end))
                    : context.share(
                            (JobExecutor<Load, String>) (of, its) -> code(of, its, made), end -> note(made, end));
            CompletionStage<String> stage = context.join(work, ending(job, context));
            if (stage == null) throw new AssertionError("a fresh work takes whoever comes");
            made.take(job, context);
            works.add(made);
            latest.put(job.key(), made);
            shared.put(made, work);
            world.interleave();
            work.start();
            world.interleave();
            return stage;
        }

        private void note(Made made, JobResult<String> ending) {
            made.endings.add(ending);
            if (made.endings.size() > 1) broken.add("a work ended twice: " + made.endings);
        }

        private UnaryOperator<JobResult<String>> ending(Load job, SharingContext<String> context) {
            var calls = new AtomicInteger();
            return result -> {
                if (calls.incrementAndGet() > 1) broken.add("the ending of " + context.jobId() + " was made twice");
                if (job.ownKey() == OwnKey.NONE && !isOpen(context.jobId()))
                    broken.add("an ending was made for " + context.jobId() + ", which was stopped");
                return result;
            };
        }

        // ---- the code of a work ----

        private void enter(Load job, JobContext context, Made made) {
            for (Made other : works) {
                if (other.key == made.key && other.inside > 0 && other.isWanted())
                    broken.add("two works of key " + made.key + " run at once");
            }
            if (context.attempt() == 1 && made.takers.stream().noneMatch(id -> made.mayStandForOthers || isOpen(id)))
                broken.add("the work of " + made.takers + " runs for nobody");
            made.inside++;
            made.context = context;
            if (job.ends() == Ends.GIVES_EARLY && context.attempt() > job.failures())
                RunAttempt.<String>of(context).succeed("done " + job.number());
        }

        private String code(Load job, JobContext context, Made made) throws Exception {
            enter(job, context, made);
            try {
                world.interleave();
                long until =
                        world.time().nanos() + Duration.ofMillis(job.millis()).toNanos();
                if (job.ends() == Ends.HANGS) pause(LONG.multipliedBy(100));
                while (world.time().nanos() < until) {
                    try {
                        pause(Duration.ofNanos(until - world.time().nanos()));
                    } catch (InterruptedException wish) {
                        if (job.ends() != Ends.DEAF) throw wish;
                    }
                }
                return outcome(job, context);
            } finally {
                made.inside--;
            }
        }

        private void pause(Duration duration) throws InterruptedException {
            world.bus().scope().threads().await(new CompletableFuture<>(), duration);
        }

        private static String outcome(Load job, JobContext context) throws IOException {
            if (job.ends() == Ends.THROWS || context.attempt() <= job.failures())
                throw new IOException("attempt " + context.attempt() + " of " + job.number());
            return "done " + job.number();
        }

        private CompletionStage<String> codeAsync(Load job, JobContext context, Made made) {
            enter(job, context, made);
            var left = new CompletableFuture<String>();
            var inside = left.whenComplete((value, error) -> made.inside--);
            if (job.ends() != Ends.HANGS)
                world.time().schedule(Duration.ofMillis(job.millis()), () -> {
                    try {
                        left.complete(outcome(job, context));
                    } catch (IOException failed) {
                        left.completeExceptionally(failed);
                    }
                });
            return job.ends() == Ends.DEAF ? left.minimalCompletionStage() : cancelling(left, inside);
        }

        private static CompletionStage<String> cancelling(
                CompletableFuture<String> left, CompletionStage<String> inside) {
            var stage = new CompletableFuture<String>() {
                @Override
                public boolean cancel(boolean mayInterruptIfRunning) {
                    return left.cancel(mayInterruptIfRunning);
                }
            };
            inside.whenComplete((value, error) -> {
                if (error == null) stage.complete(value);
                else stage.completeExceptionally(Thrown.unwrapped(error));
            });
            return stage;
        }

        // ---- the steps ----

        void take(Step step) {
            switch (step) {
                case Step.Dispatch dispatch -> dispatch(dispatch);
                case Step.Cancel(int which) -> {
                    if (!accepted.isEmpty()) cancel(accepted.get(which % accepted.size()));
                }
                case Step.Advance(int millis) -> {
                    world.advance(Duration.ofMillis(millis));
                    lookWhileIdle();
                }
                case Step.Run() -> {
                    world.runUntilIdle();
                    lookWhileIdle();
                }
                case Step.Close() -> {
                    closed = true;
                    world.dispatcher().close();
                }
            }
            world.interleave();
        }

        private void dispatch(Step.Dispatch step) {
            var options = JobOptions.builder();
            if (step.timeout() > 0) options.timeout(Duration.ofMillis(step.timeout()));
            if (step.attempts() > 1) options.retry(RetryPolicy.fixed(step.attempts(), Duration.ofMillis(3)));
            int key = step.job().key();
            switch (step.job().ownKey()) {
                case NONE -> {}
                case JOIN -> options.joinRunning(key);
                case REPLACE -> options.replaceRunning(key);
                case QUEUE -> options.queueIfRunning(key, 5);
            }
            try {
                long at = world.time().nanos();
                JobHandle<String> handle = world.dispatcher().dispatch(step.job(), options.build());
                accepted.add(new Accepted(step, handle, at));
            } catch (JobRejectedException full) {
                if (step.job().ownKey() != OwnKey.QUEUE) broken.add("refused: " + full.getMessage());
            } catch (IllegalStateException refused) {
                if (!closed) broken.add("refused: " + refused.getMessage());
            }
        }

        private void cancel(Accepted each) {
            boolean had = each.ending() != null;
            each.cancelled |= each.handle.cancel(NOT_WANTED);
            if (had && each.cancelled && !(each.ending() instanceof JobResult.Cancelled))
                broken.add("cancelled after its ending");
        }

        /** Nothing can happen now but by a timer. */
        private void lookWhileIdle() {
            for (Made work : works) {
                boolean isOpen = work.inside > 0 && work.isWanted();
                if (isOpen
                        && accepted.stream()
                                .noneMatch(each -> isOpen(each.handle.id())
                                        && each.how.job().key() == work.key))
                    broken.add("the work of " + work.takers + " goes on for nobody");
                if (work.endings.isEmpty()) {
                    boolean isLeft = work.inside > 0 && !work.isWanted() && !waitsInside && !work.mayStandForOthers;
                    if (isLeft && work.takers.stream().noneMatch(this::isStopping))
                        broken.add("nobody waits until the code of the work of " + work.takers + " has left");
                    continue;
                }
                for (Accepted each : accepted) {
                    boolean isItsEnding =
                            each.how.job().ownKey() == OwnKey.NONE && work.takers.contains(each.handle.id());
                    if (isItsEnding && !waitsInside && each.ending() == null)
                        broken.add(each.handle.id() + " goes on after its work");
                }
            }
            for (int key = 0; key < KEYS; key++) {
                int of = key;
                long stopped = accepted.stream()
                        .filter(each -> each.how.job().key() == of && isStopping(each.handle.id()))
                        .count();
                long staying = works.stream()
                        .filter(work -> work.key == of && work.inside > 0 && !work.isWanted())
                        .count();
                if (stopped > staying) broken.add(stopped + " jobs wait for " + staying + " works that were stopped");
            }
        }

        private boolean isOpen(String id) {
            JobRun<?> run = world.bus().runs().find(id);
            return run != null && !run.isStopped() && !run.isEnded();
        }

        private boolean isStopping(String id) {
            JobRun<?> run = world.bus().runs().find(id);
            return run != null && run.isStopped() && !run.isTold();
        }

        void end() {
            world.advance(LONG);
            lookWhileIdle();
            accepted.forEach(this::cancel);
            world.advance(LONG);
            for (Accepted each : accepted) judge(each);
            for (Made work : works) {
                if (work.endings.size() != 1) broken.add("a work has " + work.endings.size() + " endings");
                if (work.inside != 0) broken.add("a work is inside its code");
            }
            int kept = world.dispatcher().acceptance().kept()
                    + world.bus().runs().all().size();
            if (kept != 0) broken.add(kept + " are kept");
            subscription.close();
            broken.addAll(world.leftBehind());
        }

        private void judge(Accepted each) {
            String id = each.handle.id();
            JobResult<String> ending = each.ending();
            if (ending == null) {
                broken.add(id + " has no ending");
                return;
            }
            List<JobEvent> events = told.getOrDefault(id, List.of());
            long ends = events.stream().filter(TerminalEvent.class::isInstance).count();
            if (ends != 1) broken.add(id + " was told " + ends + " endings");
            if (!events.isEmpty() && !(events.getLast() instanceof TerminalEvent))
                broken.add(id + " was told " + events.getLast() + " after its ending");
            if (events.size() > 1 && !(events.getFirst() instanceof JobStartedEvent))
                broken.add(id + " was told " + events.getFirst() + " before it started");
            if (each.cancelled && !ending.equals(new JobResult.Cancelled<String>(NOT_WANTED)))
                broken.add(id + " was cancelled and is told as " + ending);
            switch (ending) {
                case JobResult.Success<String> success -> {
                    if (works.stream().noneMatch(work -> hadPart(each, work) && work.endings.contains(ending)))
                        broken.add(id + " has another one's " + success);
                }
                case JobResult.Failure<String>(Throwable error) -> {
                    if (works.stream().noneMatch(work -> hadPart(each, work) && failedWith(work, error)))
                        broken.add(id + " has another one's " + error);
                }
                case JobResult.Cancelled<String>(String reason) -> {
                    boolean isReplaced =
                            reason.startsWith("replaced") && each.how.job().ownKey() != OwnKey.NONE;
                    if (!each.cancelled && !isReplaced && !closed)
                        broken.add(id + " was cancelled by nobody: " + reason);
                }
                case JobResult.TimedOut<String>(Duration limit) -> {
                    long took = endedAt.get(id) - each.at;
                    if (each.how.timeout() == 0 || took < limit.toNanos()) broken.add(id + " had time");
                }
            }
        }

        private static boolean hadPart(Accepted each, Made work) {
            if (each.how.job().ownKey() == OwnKey.JOIN)
                return work.key == each.how.job().key();
            return work.takers.contains(each.handle.id());
        }

        private static boolean failedWith(Made work, Throwable error) {
            return work.endings.stream()
                    .anyMatch(
                            ending -> ending instanceof JobResult.Failure<String>(Throwable its) && its.equals(error));
        }
    }
}
