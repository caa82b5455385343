package dev.orchestrator.resilience4j;

import dev.orchestrator.AsyncJobCall;
import dev.orchestrator.Job;
import dev.orchestrator.JobCall;
import dev.orchestrator.JobCancelledException;
import dev.orchestrator.JobContext;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A circuit breaker around jobs. Every permission is answered once: by a result, by an error, or by giving it back. */
final class BreakerGuard<J extends Job<?>, R extends @Nullable Object> implements JobGuard<J, R> {
    private final CircuitBreaker breaker;

    BreakerGuard(CircuitBreaker breaker) {
        this.breaker = Objects.requireNonNull(breaker, "breaker");
    }

    @Override
    public R intercept(JobCall<J, R> call) throws Exception {
        long start = enter();
        R value;
        try {
            value = call.proceed();
        } catch (Throwable error) {
            failed(call.context(), start, error);
            throw error;
        }
        succeeded(start, value);
        return value;
    }

    @Override
    public CompletionStage<R> interceptAsync(AsyncJobCall<J, R> call) {
        long start = enter();
        return call.proceed().whenComplete((value, error) -> {
            if (error == null) succeeded(start, value);
            else failed(call.context(), start, error);
        });
    }

    private long enter() {
        breaker.acquirePermission();
        return breaker.getCurrentTimestamp();
    }

    private void succeeded(long start, @Nullable Object value) {
        breaker.onResult(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit(), value);
    }

    private void failed(JobContext context, long start, Throwable error) {
        if (context.isTimeUp()) count(start, tooSlow(context, error)); // whatever the code made of its interrupt
        else if (context.isCancelled() || isCancellation(error)) breaker.releasePermission();
        else count(start, error);
    }

    private void count(long start, Throwable error) {
        breaker.onError(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit(), error);
    }

    private static TimeoutException tooSlow(JobContext context, Throwable error) {
        var timeout = new TimeoutException("the time of job " + context.jobId() + " or of its attempt was up");
        timeout.initCause(error);
        return timeout;
    }

    /** Of this job, whose attempt is over, or of another one that its executor waited for. */
    private static boolean isCancellation(Throwable error) {
        Throwable own = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        return own instanceof JobCancelledException;
    }
}
