package dev.orchestrator.resilience4j;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobResult;
import dev.orchestrator.SignalBus;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A dispatcher whose time stands still, and jobs that end as a test says. */
final class GuardedWorld implements AutoCloseable {
    /** How a broken test ends; a sound one never waits for long. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** A job of a plain executor; ends as the stage does. */
    record Call(CompletionStage<String> ending) implements Job<String> {}

    /** A job of an asynchronous executor; ends as the stage does. */
    record AsyncCall(CompletionStage<String> ending) implements Job<String> {}

    /** A job whose code ignores its interrupt. */
    record DeafCall(CountDownLatch leaving) implements Job<String> {}

    final VirtualTime time = new VirtualTime();
    final SignalBus bus = SignalBus.builder().time(time).build();
    final Dispatcher dispatcher =
            Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build(); // a broken test ends, too

    /** How many jobs came as far as their executor. */
    final AtomicInteger executed = new AtomicInteger();

    GuardedWorld() {
        dispatcher.register(Call.class, (job, context) -> {
            executed.incrementAndGet();
            try {
                return job.ending().toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException failed) {
                throw (Exception) failed.getCause();
            }
        });
        dispatcher.registerAsync(AsyncCall.class, (job, context) -> {
            executed.incrementAndGet();
            return job.ending();
        });
        dispatcher.register(DeafCall.class, (job, context) -> {
            executed.incrementAndGet();
            while (true) {
                try {
                    if (!job.leaving().await(LIMIT.toSeconds(), TimeUnit.SECONDS)) throw new AssertionError("stuck");
                    return "left";
                } catch (InterruptedException ignored) {
                    context.isCancelled();
                }
            }
        });
    }

    /** The same time as Resilience4j's breakers read it. */
    Clock clock() {
        InstantSource source = time::now;
        return source.withZone(ZoneOffset.UTC);
    }

    @Override
    public void close() {
        dispatcher.close();
        bus.close();
    }

    static CompletionStage<String> good() {
        return CompletableFuture.completedFuture("good");
    }

    static CompletionStage<String> bad(Exception error) {
        return CompletableFuture.failedFuture(error);
    }

    /** A stage that fails with its error wrapped, as one that depends on another does. */
    static CompletionStage<String> badAndWrapped(Exception error) {
        return CompletableFuture.failedFuture(new CompletionException(error));
    }

    JobResult<String> run(Job<String> job) {
        return endingOf(dispatcher.dispatch(job));
    }

    /** The error of a job that fails. */
    @Nullable
    Throwable errorOf(Job<String> job) {
        return run(job) instanceof JobResult.Failure<String>(Throwable error) ? error : null;
    }

    static JobResult<String> endingOf(JobHandle<String> handle) {
        try {
            return handle.await(LIMIT);
        } catch (TimeoutException | InterruptedException never) {
            throw new AssertionError("it never ended", never);
        }
    }

    /** Waits for something that other threads bring about. */
    static void until(BooleanSupplier done, String otherwise) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError(otherwise);
            Thread.yield();
        }
    }
}
