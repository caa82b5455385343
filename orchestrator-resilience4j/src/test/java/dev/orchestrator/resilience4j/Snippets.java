package dev.orchestrator.resilience4j;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;

/** The examples in the Javadoc and in docs/resilience4j.md, which draw them from here. */
final class Snippets {
    private Snippets() {}

    record User(String name) {}

    record FetchUser(long userId) implements Job<User> {}

    record SaveUser(User user) implements Job<User> {}

    static void declare(Dispatcher dispatcher) {
        // @start region="guards"
        var server = CircuitBreaker.of( // shared by the two types of jobs that talk to that server
                "user-server",
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(50) // the last 50 attempts
                        .failureRateThreshold(50) // half of them failed: it opens
                        .waitDurationInOpenState(Duration.ofSeconds(30)) // the cooldown, then it is half-open
                        .permittedNumberOfCallsInHalfOpenState(5) // which decide how it goes on
                        .build());
        dispatcher.intercept(FetchUser.class, Resilience.circuitBreaker(server));
        dispatcher.intercept(SaveUser.class, Resilience.circuitBreaker(server));

        var tenPerSecond = RateLimiter.of(
                "fetches",
                RateLimiterConfig.custom()
                        .limitForPeriod(10)
                        .limitRefreshPeriod(Duration.ofSeconds(1))
                        .timeoutDuration(Duration.ofSeconds(5)) // who would wait for longer is refused at once
                        .build());
        dispatcher.intercept(FetchUser.class, Resilience.rateLimiter(tenPerSecond));

        var fourAtATime = Bulkhead.of(
                "server", BulkheadConfig.custom().maxConcurrentCalls(4).build());
        dispatcher.interceptAll(Resilience.bulkhead(fourAtATime)); // around every job, whatever its type
        // @end
    }
}
