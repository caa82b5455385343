package dev.orchestrator.resilience4j;

import dev.orchestrator.Job;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.spi.Time;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import org.jspecify.annotations.Nullable;

/**
 * Makes guards around jobs out of the parts of Resilience4j, which are configured and observed as ever.
 *
 * <p>A guard stands around each attempt: what it refuses is an error of that attempt, which a retry policy may try again.
 * One part may be in several guards: then they share its state.
 *
 * {@snippet class="dev.orchestrator.resilience4j.Snippets" region="guards"}
 */
public final class Resilience {
    private Resilience() {}

    /**
     * Lets nothing through while the breaker is open, and tells it how attempts ended.
     *
     * <p>An attempt that is not let through has a
     * {@link io.github.resilience4j.circuitbreaker.CallNotPermittedException} as its error. A job that is stopped says
     * nothing about the other side, so it counts neither as a failure nor as a success, and gives back its place among
     * the trials of a half-open breaker.
     *
     * @param breaker for one type of jobs, or shared by several
     */
    public static <J extends Job<?>, R extends @Nullable Object> JobGuard<J, R> circuitBreaker(CircuitBreaker breaker) {
        return new BreakerGuard<>(breaker);
    }

    /**
     * Lets through as many attempts per period as the limiter allows, and makes others wait as long as it says.
     *
     * <p>An attempt that would have to wait for longer has a {@link io.github.resilience4j.ratelimiter.RequestNotPermitted}
     * as its error. An asynchronous job waits without a thread. Stopping the job ends the wait; its permission was
     * reserved and is spent.
     *
     * @param limiter for one type of jobs, or shared by several
     */
    public static <J extends Job<?>, R extends @Nullable Object> JobGuard<J, R> rateLimiter(RateLimiter limiter) {
        return rateLimiter(limiter, Time.system(), Threads.standard());
    }

    /**
     * As {@link #rateLimiter(RateLimiter)}, for jobs on a bus that was given a clock or threads of its own.
     *
     * @param limiter for one type of jobs, or shared by several; it should read the same clock ({@code time::nanos})
     * @param time what the waits are timed by
     * @param threads what the waits wait on
     */
    public static <J extends Job<?>, R extends @Nullable Object> JobGuard<J, R> rateLimiter(
            RateLimiter limiter, Time time, Threads threads) {
        return new LimiterGuard<>(limiter, time, threads);
    }

    /**
     * Lets as many attempts in at the same time as the bulkhead has room for, and makes others wait as long as it says.
     *
     * <p>An attempt that finds no room has a {@link io.github.resilience4j.bulkhead.BulkheadFullException} as its error.
     * The room is free again when the executor has left or its stage is complete, a stopped one's too. Only a bulkhead
     * with a longest wait makes an asynchronous job wait, on a virtual thread.
     *
     * @param bulkhead for one type of jobs, or shared by several
     */
    public static <J extends Job<?>, R extends @Nullable Object> JobGuard<J, R> bulkhead(Bulkhead bulkhead) {
        return new BulkheadGuard<>(bulkhead, Threads.standard());
    }
}
