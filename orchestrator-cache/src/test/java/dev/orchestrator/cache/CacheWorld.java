package dev.orchestrator.cache;

import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobDataEvent;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.Origin;
import dev.orchestrator.SignalBus;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.TestWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A world with a cache, in which a fetch ends when the test says so. */
final class CacheWorld implements AutoCloseable {
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final Duration HOUR = Duration.ofHours(1);

    /** A job with an id of what it fetches, and something that is no part of its key. */
    record Fetch(long id, String wish) implements Job<String> {
        Fetch(long id) {
            this(id, "");
        }
    }

    /** A job of another type with the same parts of keys. */
    record Other(long id) implements Job<String> {}

    /** Something happened to what is fetched. */
    record Changed(long id) implements Event {}

    final TestWorld world = TestWorld.create();
    final RecordedEvents events = new RecordedEvents();
    JobCache cache;

    /** The fetches that began, in their order. */
    final List<CompletableFuture<String>> fetches = new ArrayList<>();

    final List<JobContext> contexts = new ArrayList<>();

    CacheWorld() {
        this(builder -> builder);
    }

    CacheWorld(UnaryOperator<JobCache.Builder> making) {
        cache = making.apply(JobCache.builder(world.bus())).build();
        world.bus().subscribe(Event.class, events);
    }

    /** Puts another cache in the place of the first one. */
    void reopen(Function<SignalBus, JobCache> making) {
        cache.close();
        cache = making.apply(world.bus());
    }

    /** Registers a cached executor of {@link Fetch}, with its id as the key. */
    CacheWorld with(UnaryOperator<Cached<Fetch, String>> settings) {
        return with(settings, JobOptions.none());
    }

    CacheWorld with(UnaryOperator<Cached<Fetch, String>> settings, JobOptions options) {
        world.dispatcher().register(Fetch.class, settings.apply(cached().key(Fetch::id)), options);
        return this;
    }

    Cached<Fetch, String> cached() {
        return Cached.withAsync(cache, (Fetch job, JobContext context) -> begin(context));
    }

    CompletionStage<String> begin(JobContext context) {
        var fetch = new CompletableFuture<String>();
        fetches.add(fetch);
        contexts.add(context);
        return fetch;
    }

    JobHandle<String> fetch(long id) {
        return fetch(id, JobOptions.none());
    }

    JobHandle<String> fetch(long id, CacheMode mode) {
        return fetch(id, mode.options());
    }

    JobHandle<String> fetch(long id, JobOptions options) {
        var handle = world.dispatcher().dispatch(new Fetch(id), options);
        world.runUntilIdle();
        return handle;
    }

    /** Fetches and lets the fetch bring that value. */
    JobHandle<String> fetched(long id, String value) {
        var handle = fetch(id);
        bring(value);
        return handle;
    }

    /** The newest fetch brings a value. */
    void bring(String value) {
        fetches.getLast().complete(value);
        world.runUntilIdle();
    }

    void fail(Throwable error) {
        fetches.getLast().completeExceptionally(error);
        world.runUntilIdle();
    }

    void pass(Duration time) {
        world.advance(time);
        world.runUntilIdle();
    }

    static JobResult<String> endingOf(JobHandle<String> handle) {
        return handle.result().toCompletableFuture().getNow(null);
    }

    static JobResult<String> success(String value) {
        return new JobResult.Success<>(value);
    }

    JobSuccessEvent<?> successOf(JobHandle<?> handle) {
        return (JobSuccessEvent<?>) events.terminalOf(handle.id()).getFirst();
    }

    Origin originOf(JobHandle<?> handle) {
        return successOf(handle).origin();
    }

    /** The values before the ending, with where they come from. */
    List<String> shown(JobHandle<?> handle) {
        return events.ofJob(handle.id()).stream()
                .filter(JobDataEvent.class::isInstance)
                .map(JobDataEvent.class::cast)
                .map(data -> data.origin() + " " + data.data())
                .toList();
    }

    List<CacheTrouble> troubles() {
        return events.of(CacheTrouble.class);
    }

    @Override
    public void close() {
        cache.close();
        world.close();
    }
}
