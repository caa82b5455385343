package dev.orchestrator.resilience4j;

import dev.orchestrator.AsyncJobCall;
import dev.orchestrator.Job;
import dev.orchestrator.JobCall;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.spi.Threads.Role;
import io.github.resilience4j.bulkhead.Bulkhead;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** A bulkhead around jobs. Who got in goes out once: when the inside has left, or its stage is complete. */
final class BulkheadGuard<J extends Job<?>, R extends @Nullable Object> implements JobGuard<J, R> {
    private final Bulkhead bulkhead;
    private final Threads threads;

    BulkheadGuard(Bulkhead bulkhead, Threads threads) {
        this.bulkhead = Objects.requireNonNull(bulkhead, "bulkhead");
        this.threads = threads;
    }

    @Override
    public R intercept(JobCall<J, R> call) throws Exception {
        bulkhead.acquirePermission();
        try {
            return call.proceed();
        } finally {
            bulkhead.onComplete();
        }
    }

    @Override
    public CompletionStage<R> interceptAsync(AsyncJobCall<J, R> call) {
        if (!bulkhead.getBulkheadConfig().getMaxWaitDuration().isZero()) return waitAndProceed(call);
        bulkhead.acquirePermission();
        return proceed(call);
    }

    private CompletionStage<R> proceed(AsyncJobCall<J, R> call) {
        return call.proceed().whenComplete((value, error) -> bulkhead.onComplete());
    }

    /** A bulkhead can only be waited for by a thread, so it gets one. */
    private CompletionStage<R> waitAndProceed(AsyncJobCall<J, R> call) {
        var permitted = new CompletableFuture<@Nullable Void>();
        var waiting = new FutureTask<@Nullable Void>(() -> acquireFor(permitted), null);
        CompletionStage<R> result = permitted.thenCompose(in -> proceed(call));
        result.whenComplete((value, error) -> {
            if (permitted.cancel(false)) waiting.cancel(true); // the job was stopped while it waited
        });
        threads.start(Role.WORKER, call.context().jobId(), waiting);
        return result;
    }

    /** Either the one who waits takes the permission, or it is given back. */
    private void acquireFor(CompletableFuture<@Nullable Void> permitted) {
        try {
            bulkhead.acquirePermission();
        } catch (RuntimeException refused) {
            permitted.completeExceptionally(refused);
            return;
        }
        if (!permitted.complete(null)) bulkhead.releasePermission();
    }
}
