package dev.orchestrator.resilience4j;

import dev.orchestrator.AsyncJobCall;
import dev.orchestrator.Job;
import dev.orchestrator.JobCall;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A rate limiter around jobs: it reserves a permission, and waits itself until that is due. */
final class LimiterGuard<J extends Job<?>, R extends @Nullable Object> implements JobGuard<J, R> {
    private static final Duration LONG = Duration.ofDays(1);

    private final RateLimiter limiter;
    private final Time time;
    private final Threads threads;

    LimiterGuard(RateLimiter limiter, Time time, Threads threads) {
        this.limiter = Objects.requireNonNull(limiter, "limiter");
        this.time = Objects.requireNonNull(time, "time");
        this.threads = Objects.requireNonNull(threads, "threads");
    }

    @Override
    public R intercept(JobCall<J, R> call) throws Exception {
        Duration wait = reserve();
        if (!wait.isZero()) await(wait);
        R value;
        try {
            value = call.proceed();
        } catch (Throwable error) {
            limiter.onError(error);
            throw error;
        }
        limiter.onResult(value);
        return value;
    }

    @Override
    public CompletionStage<R> interceptAsync(AsyncJobCall<J, R> call) {
        Duration wait = reserve();
        if (wait.isZero()) return proceed(call);
        var over = new CompletableFuture<@Nullable Void>();
        // The timer's thread is everybody's, so the job goes on on one of its own.
        Time.Timer timer = time.schedule(
                wait, () -> threads.start(Role.WORKER, call.context().jobId(), () -> over.complete(null)));
        CompletionStage<R> result = over.thenCompose(permitted -> proceed(call));
        result.whenComplete((value, error) -> timer.cancel()); // cancelled while it waited
        return result;
    }

    private CompletionStage<R> proceed(AsyncJobCall<J, R> call) {
        return call.proceed().whenComplete((value, error) -> {
            if (error == null) limiter.onResult(value);
            else limiter.onError(error);
        });
    }

    /** How long to wait for the permission that is reserved from now on. */
    private Duration reserve() {
        long nanos = limiter.reservePermission();
        if (nanos < 0) throw RequestNotPermitted.createRequestNotPermitted(limiter);
        return Duration.ofNanos(nanos);
    }

    private void await(Duration wait) throws InterruptedException {
        var over = new CompletableFuture<@Nullable Void>();
        Time.Timer timer = time.schedule(wait, () -> over.complete(null));
        try {
            while (!over.isDone()) threads.await(over, LONG);
        } finally {
            timer.cancel();
        }
    }
}
