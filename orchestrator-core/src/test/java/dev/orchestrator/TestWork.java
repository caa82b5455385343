package dev.orchestrator;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** The jobs and events that the promise tests work with, and how they wait for something. */
final class TestWork {
    /** How a broken test ends; a sound one never waits for long. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private TestWork() {}

    /** A job without an id of its own. */
    record Work(int number) implements Job<String> {}

    /** A job that another one dispatches. */
    record Part(int number) implements Job<String> {}

    /** A job that brings its id. */
    static final class Named extends BaseJob<String> {
        Named(String id) {
            super(id);
        }
    }

    /** An event about no job. */
    record Happened(int number) implements Event {}

    /** An event about a job. */
    static final class About extends BaseEvent {
        About(String jobId) {
            super(jobId);
        }
    }

    /** Waits for a stage and gives its value. */
    static <T> T valueOf(CompletionStage<T> stage) {
        return valueOf(stage.toCompletableFuture());
    }

    static <T> T valueOf(CompletableFuture<T> future) {
        return valueOf(future, LIMIT);
    }

    static <T> T valueOf(CompletableFuture<T> future, Duration limit) {
        try {
            return future.get(limit.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException never) {
            throw new AssertionError("it never came", never);
        } catch (ExecutionException failed) {
            throw new AssertionError("it failed", failed.getCause());
        } catch (InterruptedException interrupted) {
            throw new AssertionError("the test itself was interrupted", interrupted);
        }
    }

    static <R> JobResult<R> endingOf(JobHandle<R> handle) {
        return valueOf(handle.result());
    }

    /** Waits, without a gate, for something that other threads bring about. */
    static void until(BooleanSupplier done, String otherwise) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError(otherwise);
            Thread.yield();
        }
    }

    /** Runs something on a platform thread of its own. */
    static CompletableFuture<Void> inAnotherThread(Runnable task) {
        var end = new CompletableFuture<Void>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                task.run();
                end.complete(null);
            } catch (Throwable thrown) {
                end.completeExceptionally(thrown);
            }
        });
        return end;
    }
}
