package dev.orchestrator;

import dev.orchestrator.testkit.TestWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Declared sagas undo each step that was done and does not count once, newest first in each branch; so they do with a step of
 * which nobody knows whether it was done, where it says so. There is one report, it is true, and nothing comes after it.
 *
 * <p>Random sagas on threads that take turns, on a dispatcher, an orchestrator and inside a job: steps fail, hang, are deaf
 * and run out of time, compensations fail, and somebody cancels at any moment. What a step gives names all steps that it is
 * made of, so what the saga gives says which steps count.
 */
class SagaOrdersTest {
    /** What is not undone would fill the log; held here, since loggers are held weakly. */
    private static final Logger LOG = Logger.getLogger("dev.orchestrator");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static final Duration LONG = Duration.ofMinutes(1);

    private enum Ends {
        RETURNS,
        RETURNS_LATE,
        THROWS,
        THROWS_FIRST,
        HANGS,
        DEAF
    }

    private record Do(int step, String input) implements Job<String> {}

    private record Undo(int step, String result) implements Job<Void> {}

    private record UndoUnknown(int step, String input) implements Job<Void> {}

    private record Whole() implements Job<String> {}

    /** What goes wrong; without any of these all goes well. */
    private sealed interface Trouble {
        record InStep(int step, Ends ends) implements Trouble {}

        record InUndo(int step, Ends ends) implements Trouble {}

        record Cancel(int atMillis) implements Trouble {}
    }

    private static List<Trouble> troubles(RandomGenerator random) {
        var troubles = new ArrayList<Trouble>();
        for (int i = random.nextInt(8); i > 0; i--) troubles.add(new Trouble.InStep(random.nextInt(12), ends(random)));
        for (int i = random.nextInt(4); i > 0; i--) troubles.add(new Trouble.InUndo(random.nextInt(12), ends(random)));
        if (random.nextInt(3) == 0) troubles.add(new Trouble.Cancel(random.nextInt(40)));
        return troubles;
    }

    private static Ends ends(RandomGenerator random) {
        return Ends.values()[random.nextInt(Ends.values().length)];
    }

    @Test
    void in_order_of_arrival() {
        RandomPrograms.check(300, SagaOrdersTest::troubles, (troubles, seed) -> run(troubles, 0, seed));
    }

    @Test
    void in_random_orders() {
        RandomPrograms.check(700, SagaOrdersTest::troubles, (troubles, seed) -> run(troubles, seed, seed));
    }

    private static List<String> run(List<Trouble> troubles, long order, long seed) {
        try (var world = TestWorld.seeded(order)) {
            var execution = new Execution(world, troubles, new SplittableRandom(seed));
            execution.run();
            return execution.broken;
        }
    }

    // ---- the saga ----

    /** A step and where it stands: a letter for each branch around it. */
    private record Place(String path, boolean hasUndo, boolean hasUndoIfUnknown) {}

    /** Branches side by side, and when it was decided that the rest of them are not needed. */
    private static final class Group {
        final List<String> paths;
        final int needed;
        final Set<String> done = new HashSet<>();
        final Set<String> failed = new HashSet<>();
        long decidedAt = Long.MAX_VALUE;

        Group(List<String> paths, int needed) {
            this.paths = paths;
            this.needed = needed;
        }

        void decideIfOver(long now) {
            boolean isOver = done.size() >= needed || paths.size() - failed.size() < needed;
            if (isOver) decidedAt = Math.min(decidedAt, now);
        }

        /** Whether it was known before that moment that a step there is not needed. */
        boolean isOverFor(String path, long now) {
            return now > decidedAt && paths.stream().anyMatch(mine -> path.startsWith(mine) && !done.contains(mine));
        }
    }

    private static final class Shape {
        final List<Place> places = new ArrayList<>();
        final List<Group> groups = new ArrayList<>(); // that there is one of, and not one for each of several inputs
        private final RandomGenerator random;
        private final LongSupplier nanos;
        private int branches;

        Shape(RandomGenerator random, LongSupplier nanos) {
            this.random = random;
            this.nanos = nanos;
        }

        SagaFlow<String, String> flow(int depth, String path) {
            return switch (depth == 0 ? 0 : random.nextInt(7)) {
                case 0, 1 -> step(path);
                case 2, 3 -> flow(depth - 1, path).then(flow(depth - 1, path));
                case 4 -> group(branches(depth, path), 0).map(all -> String.join("", all));
                case 5 ->
                    SagaFlow.<String>input()
                            .map(input -> List.of(input, input, input))
                            .then(SagaFlow.forEach(2, flow(depth - 1, path + "*")))
                            .map(all -> String.join("", all));
                default -> {
                    int needed = random.nextInt(1, 3);
                    yield group(branches(depth, path), needed).map(all -> String.join("", all));
                }
            };
        }

        /** By their paths. */
        private Map<String, SagaFlow<String, String>> branches(int depth, String path) {
            var flows = new LinkedHashMap<String, SagaFlow<String, String>>();
            for (int i = random.nextInt(2, 4); i > 0; i--) {
                String mine = path + (char) ('a' + branches++);
                flows.put(mine, flow(depth - 1, mine));
            }
            return flows;
        }

        /** So many of them, or all. */
        private SagaFlow<String, List<String>> group(Map<String, SagaFlow<String, String>> branches, int needed) {
            var group = new Group(List.copyOf(branches.keySet()), needed == 0 ? branches.size() : needed);
            if (!group.paths.getFirst().contains("*")) groups.add(group);
            var flows = new ArrayList<SagaFlow<String, String>>();
            branches.forEach((path, flow) -> flows.add(flow.map(value -> {
                group.done.add(path);
                group.decideIfOver(nanos.getAsLong());
                return value;
            })));
            return needed == 0 ? SagaFlow.all(flows) : SagaFlow.first(needed, flows);
        }

        private SagaFlow<String, String> step(String path) {
            int number = places.size();
            var place = new Place(path, random.nextInt(6) > 0, random.nextBoolean());
            places.add(place);
            var options = JobOptions.builder().timeout(Duration.ofMillis(20));
            if (random.nextBoolean()) options.retry(RetryPolicy.fixed(2, Duration.ofMillis(2)));
            var step = SagaStep.<String, String>of("" + number, input -> new Do(number, input))
                    .with(options.build());
            if (place.hasUndo()) step = step.undo((input, result) -> new Undo(number, result));
            if (place.hasUndoIfUnknown()) step = step.undoIfUnknown(input -> new UndoUnknown(number, input));
            return step.undoWith(options.timeout(Duration.ofMillis(30)).build());
        }
    }

    private static final class Owner extends BaseOrchestrator<Integer> {
        Owner(TestWorld world) {
            super(0, world.dispatcher(), world.bus());
            on(Do.class).ended((job, result) -> {});
        }
    }

    private static final class Execution {
        final List<String> broken = new ArrayList<>();
        private final TestWorld world;
        private final Shape shape;
        private final SagaFlow<String, String> flow;
        private final int way;
        private final int closeAt;
        private final List<Trouble> troubles;
        private final AtomicInteger tokens = new AtomicInteger();
        private final List<SagaEvent> events = new ArrayList<>();
        private final List<SagaReport<String>> reports = new ArrayList<>();
        private final Map<String, Integer> undoJobs = new HashMap<>(); // how many for each result
        private final Set<String> results = new HashSet<>(); // of steps that were done
        private int unknownUndoJobs;
        private boolean cancelCounted;
        private long cancelledAt = Long.MAX_VALUE;
        private Set<String> wereUnderWay = Set.of(); // when the cancellation counted

        Execution(TestWorld world, List<Trouble> troubles, RandomGenerator random) {
            this.world = world;
            this.troubles = troubles;
            this.way = random.nextInt(4);
            this.closeAt = random.nextInt(4) == 0 ? random.nextInt(30) : -1;
            this.shape = new Shape(random, world.time()::nanos);
            this.flow = shape.flow(3, "");
        }

        // ---- what jobs do ----

        private Ends endsOf(boolean isUndo, int step) {
            for (Trouble trouble : troubles) {
                if (trouble instanceof Trouble.InStep(int at, Ends ends) && !isUndo && at == step) return ends;
                if (trouble instanceof Trouble.InUndo(int at, Ends ends) && isUndo && at == step) return ends;
            }
            return Ends.RETURNS;
        }

        private void behave(Ends ends, JobContext context) throws Exception {
            world.interleave();
            switch (ends) {
                case RETURNS -> {}
                case RETURNS_LATE -> pause(Duration.ofMillis(5));
                case THROWS -> throw new IllegalStateException("on purpose");
                case THROWS_FIRST -> {
                    if (context.attempt() == 1) throw new IllegalStateException("on purpose");
                }
                case HANGS -> pause(LONG);
                case DEAF -> {
                    long until = world.time().nanos() + Duration.ofMillis(50).toNanos();
                    while (world.time().nanos() < until) {
                        try {
                            pause(Duration.ofNanos(until - world.time().nanos()));
                        } catch (InterruptedException ignored) {
                            // it is deaf
                        }
                    }
                }
            }
        }

        private void pause(Duration duration) throws InterruptedException {
            world.bus().scope().threads().await(new CompletableFuture<>(), duration);
        }

        private void register() {
            world.dispatcher().register(Do.class, (job, context) -> {
                behave(endsOf(false, job.step()), context);
                return job.input() + "<" + job.step() + ":" + tokens.incrementAndGet() + ">";
            });
            world.dispatcher().register(Undo.class, (job, context) -> {
                if (context.attempt() == 1) undoJobs.merge(last(job.result()), 1, Integer::sum);
                behave(endsOf(true, job.step()), context);
                return null;
            });
            world.dispatcher().register(UndoUnknown.class, (job, context) -> {
                if (context.attempt() == 1) unknownUndoJobs++;
                behave(endsOf(true, job.step()), context);
                return null;
            });
        }

        private static String last(String result) {
            return result.substring(result.lastIndexOf('<'));
        }

        private void note(SagaEvent event) {
            if (!events.isEmpty() && events.getLast() instanceof SagaEvent.Ended)
                broken.add(event + " came after the end");
            events.add(event);
            if (event instanceof SagaEvent.StepFailed failed)
                noteFailed(placeOf(failed.step()).path());
            if (!(event instanceof SagaEvent.Ended)) return;
            for (JobRun<?> run : world.bus().runs().all()) {
                if (!(run.job() instanceof Whole) && !run.isEnded())
                    broken.add(run.job() + " is under way after the end");
            }
        }

        /** A step that stands in a branch itself, and not in one of its branches, is the end of that branch. */
        private void noteFailed(String path) {
            for (Group group : shape.groups) {
                if (!group.paths.contains(path)) continue;
                group.failed.add(path);
                group.decideIfOver(world.time().nanos());
            }
        }

        private void note(JobEvent event) {
            if (!(event.job() instanceof Do job)) return;
            if (event instanceof JobSuccessEvent<?> success) results.add(last((String) success.data()));
            if (event instanceof JobCancelledEvent) return;
            boolean isDeaf = endsOf(false, job.step()) == Ends.DEAF;
            if (event instanceof JobTimeoutEvent && isDeaf) return; // decided before, told when its code has left
            long now = world.time().nanos();
            String path = shape.places.get(job.step()).path();
            if (now > cancelledAt || shape.groups.stream().anyMatch(group -> group.isOverFor(path, now)))
                broken.add(event + " of " + job + " after it was stopped");
            if (event instanceof JobStartedEvent && cancelCounted && !wereUnderWay.contains(event.correlationId()))
                broken.add(job + " began after the cancellation");
        }

        // ---- running it ----

        void run() throws AssertionError {
            register();
            var definition = Saga.define("random", flow);
            var subscription = world.bus().subscribe(SagaEvent.class, this::note);
            var ofJobs = world.bus().subscribe(JobEvent.class, this::note);
            switch (way) {
                case 0 -> follow(definition.start("", world.dispatcher()));
                case 1 -> {
                    var owner = new Owner(world);
                    if (closeAt >= 0) world.time().schedule(Duration.ofMillis(closeAt), owner::close);
                    follow(definition.start("", owner));
                    owner.close();
                }
                case 2 -> {
                    world.dispatcher().register(Whole.class, (job, context) -> {
                        reports.add(definition.run("", context));
                        return "";
                    });
                    var handle = world.dispatcher().dispatch(new Whole());
                    cancelLater(() -> handle.cancel("not wanted"), false);
                }
                default -> reports.add(definition.run("", world.dispatcher()));
            }
            world.advance(LONG.multipliedBy(3));
            subscription.close();
            ofJobs.close();
            judge();
            broken.addAll(world.leftBehind());
        }

        private void follow(SagaRun<String> run) {
            run.report().thenAccept(reports::add);
            cancelLater(() -> run.cancel("not wanted"), true);
            world.advance(LONG);
        }

        private interface Cancelling {
            boolean cancel();
        }

        private void cancelLater(Cancelling cancelling, boolean isOfSaga) {
            for (Trouble trouble : troubles) {
                if (!(trouble instanceof Trouble.Cancel(int millis))) continue;
                world.time().schedule(Duration.ofMillis(millis), () -> {
                    boolean counted = cancelling.cancel();
                    if (isOfSaga && counted && cancelCounted) broken.add("two cancellations counted");
                    if (!isOfSaga || !counted) return;
                    cancelCounted = true;
                    cancelledAt = world.time().nanos();
                    wereUnderWay =
                            world.bus().runs().all().stream().map(JobRun::id).collect(Collectors.toSet());
                });
            }
        }

        // ---- judging ----

        private <E extends SagaEvent> List<E> of(Class<E> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }

        private void judge() {
            if (reports.size() != 1 || of(SagaEvent.Ended.class).size() != 1) {
                boolean neverBegan = way == 2 && reports.isEmpty() && events.isEmpty();
                if (!neverBegan) broken.add(reports.size() + " reports, told " + of(SagaEvent.Ended.class));
                return;
            }
            SagaReport<String> report = reports.getFirst();
            if (!of(SagaEvent.Ended.class).getFirst().report().equals(report)) broken.add("another report was told");
            var undone = of(SagaEvent.StepUndone.class).stream()
                    .map(SagaEvent.StepUndone::step)
                    .toList();
            var left = of(SagaEvent.UndoFailed.class).stream()
                    .map(SagaEvent.UndoFailed::step)
                    .toList();
            List<String> toUndo = judgeSteps(report, undone, left);
            judgeOrder(toUndo);
            judgeReport(report, undone, left);
        }

        private static String stepOf(SagaEvent event) {
            return switch (event) {
                case SagaEvent.StepDone(var saga, var id, String step) -> step;
                case SagaEvent.StepFailed(var saga, var id, String step, var error) -> step;
                case SagaEvent.StepUndone(var saga, var id, String step) -> step;
                case SagaEvent.UndoFailed(var saga, var id, String step, var error) -> step;
                case SagaEvent.Ended ended -> throw new AssertionError(ended);
            };
        }

        private Place placeOf(String step) {
            int label = step.indexOf('[');
            return shape.places.get(Integer.parseInt(label < 0 ? step : step.substring(0, label)));
        }

        /** Gives the steps that were to be undone, in the order in which they were done. */
        private List<String> judgeSteps(SagaReport<String> report, List<String> undone, List<String> left) {
            String value = report instanceof SagaReport.Completed<String> completed ? completed.result() : "";
            var tried = new ArrayList<>(undone);
            tried.addAll(left);
            if (tried.size() != new HashSet<>(tried).size()) broken.add("a step was undone twice: " + tried);
            int expectedUnknown = 0;
            var toUndo = new ArrayList<String>();
            for (SagaEvent event : events) {
                boolean isUnknown = event instanceof SagaEvent.StepFailed failed
                        && isUnknown(failed.error())
                        && placeOf(failed.step()).hasUndoIfUnknown();
                if (isUnknown) expectedUnknown++;
                boolean isDone = event instanceof SagaEvent.StepDone done
                        && placeOf(done.step()).hasUndo();
                if (isUnknown || isDone) toUndo.add(stepOf(event));
            }
            int expected = expectedUnknown;
            for (String result : results) {
                int step = Integer.parseInt(result.substring(1, result.indexOf(':')));
                int times = undoJobs.getOrDefault(result, 0);
                boolean isToBeUndone =
                        !value.contains(result) && shape.places.get(step).hasUndo();
                if (isToBeUndone) expected++;
                // A success that came too late for whoever waited is one that nobody knows.
                if (times != (isToBeUndone ? 1 : 0))
                    broken.add(result + " was undone " + times + " times, value " + value);
            }
            for (String result : undoJobs.keySet())
                if (!results.contains(result)) broken.add(result + " was undone and never done");
            if (unknownUndoJobs != expectedUnknown)
                broken.add(unknownUndoJobs + " unknown ones were undone, not " + expectedUnknown);
            if (tried.size() != expected) broken.add(tried + " were undone, and not " + expected);
            if (!toUndo.containsAll(tried)) broken.add(tried + " were undone, of " + toUndo);
            return toUndo;
        }

        private static boolean isUnknown(Throwable error) {
            return error instanceof JobCancelledException || error instanceof JobTimeoutException;
        }

        /** Of two steps in one branch, or in a branch and in what is around it, the later one is undone first. */
        private void judgeOrder(List<String> steps) {
            var doneAt = new HashMap<String, Integer>();
            var undoneAt = new HashMap<String, Integer>();
            for (int at = 0; at < events.size(); at++) {
                switch (events.get(at)) {
                    case SagaEvent.StepDone done -> doneAt.put(done.step(), at);
                    case SagaEvent.StepFailed failed -> doneAt.put(failed.step(), at);
                    case SagaEvent.StepUndone undone -> undoneAt.put(undone.step(), at);
                    case SagaEvent.UndoFailed failed -> undoneAt.put(failed.step(), at);
                    case SagaEvent.Ended ended -> {}
                }
            }
            for (String first : undoneAt.keySet()) {
                for (String later : steps) {
                    int tried = undoneAt.get(first);
                    boolean isLater = doneAt.get(later) > doneAt.get(first) && doneAt.get(later) < tried;
                    boolean isOpen = undoneAt.getOrDefault(later, Integer.MAX_VALUE) > tried;
                    if (isLater && isOpen && undoneAt.containsKey(later) && areInOneBranch(first, later))
                        broken.add(first + " was undone before " + later);
                }
            }
        }

        private boolean areInOneBranch(String one, String other) {
            String first = branchOf(one);
            String second = branchOf(other);
            return first.startsWith(second) || second.startsWith(first);
        }

        /** The path with the places of the inputs in it. */
        private String branchOf(String step) {
            String path = placeOf(step).path();
            int from = step.indexOf('[');
            if (from < 0) return path;
            for (String label : step.substring(from + 1, step.length() - 1).split("\\]\\[", -1))
                path = path.replaceFirst("\\*", label);
            return path;
        }

        private void judgeReport(SagaReport<String> report, List<String> undone, List<String> left) {
            if (cancelCounted && report instanceof SagaReport.Completed)
                broken.add("cancelled, and completed all the same");
            switch (report) {
                case SagaReport.Completed<String> completed -> {
                    if (!left.isEmpty()) broken.add("completed with " + left + " not undone");
                }
                case SagaReport.Compensated<String> compensated -> {
                    if (!sorted(compensated.undone()).equals(sorted(undone)))
                        broken.add("reports " + compensated.undone() + ", was " + undone);
                    if (!left.isEmpty()) broken.add("compensated with " + left + " not undone");
                }
                case SagaReport.CompensationFailed<String> failed -> {
                    var steps = failed.left().stream()
                            .map(SagaReport.NotUndone::step)
                            .toList();
                    if (!sorted(failed.undone()).equals(sorted(undone)))
                        broken.add("reports " + failed.undone() + ", was " + undone);
                    if (!sorted(steps).equals(sorted(left)) || left.isEmpty())
                        broken.add("reports left " + steps + ", was " + left);
                }
            }
        }

        private static List<String> sorted(List<String> steps) {
            return steps.stream().sorted().toList();
        }
    }
}
