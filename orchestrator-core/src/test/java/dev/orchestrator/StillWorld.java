package dev.orchestrator;

import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * A world in which nothing happens by itself: time and threads move when the test says so, and each job is inside its code
 * until the test lets it out. So "it has not started" is a fact and no lucky moment.
 */
final class StillWorld {
    /** A job, known by its number. */
    record Load(int number) implements Job<String> {}

    /** A job of another type, known by its number too. */
    record Store(int number) implements Job<String> {}

    final VirtualTime time = new VirtualTime();
    final ManualThreads threads = new ManualThreads();
    final SignalBus bus = SignalBus.builder().time(time).threads(threads).build();
    final RecordedEvents events = new RecordedEvents();
    final Dispatcher dispatcher;

    /** The numbers of the jobs whose code began, in that order; twice for one that was retried. */
    final List<Integer> begun = new ArrayList<>();

    /** The numbers of those whose code does not notice that it is stopped; set before it begins. */
    final Set<Integer> deaf = new HashSet<>();

    private final Map<Integer, CompletableFuture<String>> inside = new HashMap<>();
    private final Map<Integer, JobContext> contexts = new HashMap<>();

    StillWorld() {
        this(builder -> builder, JobOptions.none());
    }

    StillWorld(RunLimit limit) {
        this(builder -> builder.limit(limit), JobOptions.none());
    }

    StillWorld(JobOptions ofLoad) {
        this(builder -> builder, ofLoad);
    }

    StillWorld(UnaryOperator<Dispatcher.Builder> making, JobOptions ofLoad) {
        dispatcher = making.apply(Dispatcher.builder().bus(bus)).build();
        dispatcher.registerAsync(Load.class, (job, context) -> enter(job.number(), context), ofLoad);
        dispatcher.registerAsync(Store.class, (job, context) -> enter(job.number(), context));
        bus.subscribe(JobEvent.class, events);
    }

    private record Closing() implements Event {}

    /** Closes the dispatcher from inside a handler, where a closing does not wait, and lets what that brings happen. */
    void closeDispatcher() {
        var subscription = bus.subscribe(Closing.class, event -> dispatcher.close());
        bus.emit(new Closing());
        subscription.close();
        threads.runAll();
    }

    CompletionStage<String> enter(int number, JobContext context) {
        begun.add(number);
        contexts.put(number, context);
        var end = new CompletableFuture<String>();
        inside.put(number, end);
        end.whenComplete((value, error) -> inside.remove(number, end));
        return deaf.contains(number) ? end.minimalCompletionStage() : end;
    }

    JobHandle<String> load(int number) {
        return load(number, JobOptions.none());
    }

    /** Dispatches a job and lets what that brings happen. */
    JobHandle<String> load(int number, JobOptions options) {
        return settled(dispatcher.dispatch(new Load(number), options));
    }

    JobHandle<String> store(int number, JobOptions options) {
        return settled(dispatcher.dispatch(new Store(number), options));
    }

    <T> T settled(T value) {
        threads.runAll();
        return value;
    }

    /** Lets everything happen that waits for a thread. */
    void settle() {
        threads.runAll();
    }

    /** Cancels a job and lets what that brings happen. */
    void cancel(JobHandle<?> handle) {
        handle.cancel("not wanted");
        threads.runAll();
    }

    /** Lets the code of a job leave with "done" and its number. */
    void letGo(int number) {
        inside.get(number).complete("done " + number);
        threads.runAll();
    }

    void letFail(int number, Exception error) {
        inside.get(number).completeExceptionally(error);
        threads.runAll();
    }

    void pass(Duration duration) {
        time.advance(duration);
        threads.runAll();
    }

    boolean isInside(int number) {
        return inside.containsKey(number);
    }

    Set<Integer> inside() {
        return Set.copyOf(inside.keySet());
    }

    /** What the code of that job was given. */
    JobContext context(int number) {
        return contexts.get(number);
    }

    /** How the job ended; null while it has not. */
    static <R> JobResult<R> ending(JobHandle<R> handle) {
        return handle.result().toCompletableFuture().getNow(null);
    }

    static boolean isOpen(JobHandle<?> handle) {
        return ending(handle) == null;
    }

    static JobResult<String> done(int number) {
        return new JobResult.Success<>("done " + number);
    }

    static JobResult<String> notWanted() {
        return new JobResult.Cancelled<>("not wanted");
    }

    /** How much of keys, limits, ids and timers is kept; zero when all is over (P10). */
    int kept() {
        return dispatcher.acceptance().kept() + bus.runs().all().size() + time.pending();
    }
}
