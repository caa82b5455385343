package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A declared saga that is under way, or has ended. All methods may be called from any thread.
 *
 * @param <O> what the saga gives
 */
public final class SagaRun<O extends @Nullable Object> {
    private final SagaScope scope;
    private final CompletableFuture<SagaReport<O>> report = new CompletableFuture<>();

    SagaRun(SagaScope scope) {
        this.scope = scope;
    }

    Threads threads() {
        return scope.threads();
    }

    /** Does everything, on this thread, and then undoes it if that did not come to its end. */
    <I extends @Nullable Object> SagaReport<O> go(SagaFlow<I, O> flow, I input) {
        SagaSteps steps = scope.steps();
        SagaReport<O> how;
        try {
            O value = flow.run(input, scope, "");
            scope.finish();
            how = new SagaReport.Completed<>(steps.saga(), steps.id(), value);
        } catch (Throwable because) {
            how = steps.report(steps.undoAll(), because);
        }
        if (scope.wasInterrupted()) Thread.currentThread().interrupt();
        steps.tell(new SagaEvent.Ended(steps.saga(), steps.id(), how));
        report.complete(how);
        return how;
    }

    /** The saga's id, which all its events have. */
    public String id() {
        return scope.steps().id();
    }

    /**
     * How the saga ended; completes when all is done, or all that was done is undone, and never with an error.
     *
     * <p>What is attached without an executor of its own runs on the saga's thread.
     */
    public CompletionStage<SagaReport<O>> report() {
        return report.minimalCompletionStage();
    }

    /**
     * Waits for the report.
     *
     * @param limit how long to wait at most; the saga goes on
     * @throws TimeoutException if the wait is over first
     * @throws InterruptedException if the waiting thread is interrupted; the saga goes on
     */
    public SagaReport<O> await(Duration limit) throws TimeoutException, InterruptedException {
        Objects.requireNonNull(limit, "limit");
        if (scope.threads().await(report, limit)) return report.join();
        throw new TimeoutException("saga " + scope.steps().saga() + " (" + id() + ") had not ended after " + limit);
    }

    /**
     * Stops the saga: the jobs that are under way are cancelled, no further one begins, and what was done is undone.
     *
     * @param reason why, in words for people
     * @return whether this call stopped it; false if it had come to its end, or was stopped before
     * @throws IllegalArgumentException if {@code reason} is blank
     */
    public boolean cancel(String reason) {
        return scope.stop(Ids.checked(reason, "the reason of a cancellation"));
    }
}
