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
import java.util.concurrent.atomic.AtomicBoolean;
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

    /**
     * A bulkhead can only be waited for by a thread, so it gets one.
     *
     * <p>Who waits and who stops the job decide by one compareAndSet which of them was first. So a permission that came
     * together with the stop is given back, and one that is used is not taken away.
     */
    private CompletionStage<R> waitAndProceed(AsyncJobCall<J, R> call) {
        var result = new CompletableFuture<R>();
        var decided = new AtomicBoolean();
        var waiting = new FutureTask<@Nullable Void>(() -> acquireFor(call, result, decided), null);
        CompletionStage<R> answer = result;
        answer.whenComplete((value, error) -> {
            if (decided.compareAndSet(false, true)) waiting.cancel(true); // the job was stopped while it waited
        });
        threads.start(Role.WORKER, call.context().jobId(), waiting);
        return answer;
    }

    private void acquireFor(AsyncJobCall<J, R> call, CompletableFuture<R> result, AtomicBoolean decided) {
        try {
            bulkhead.acquirePermission();
        } catch (RuntimeException refused) {
            decided.set(true);
            result.completeExceptionally(refused);
            return;
        }
        if (!decided.compareAndSet(false, true)) {
            bulkhead.releasePermission();
            return;
        }
        proceed(call).whenComplete((value, error) -> {
            if (error == null) result.complete(value);
            else result.completeExceptionally(error);
        });
    }
}
