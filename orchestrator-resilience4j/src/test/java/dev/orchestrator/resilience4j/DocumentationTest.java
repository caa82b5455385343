package dev.orchestrator.resilience4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.AsyncJobInterceptor;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobInterceptor;
import dev.orchestrator.SignalBus;
import dev.orchestrator.resilience4j.Snippets.FetchUser;
import dev.orchestrator.resilience4j.Snippets.SaveUser;
import dev.orchestrator.resilience4j.Snippets.User;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The page about this module shows the compiled example, which runs; and the guards fit wherever an interceptor does. */
class DocumentationTest {
    @Test
    void the_page_shows_the_compiled_example() throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/orchestrator/resilience4j/Snippets.java"));
        String region = source.substring(
                source.indexOf('\n', source.indexOf("@start region=\"guards\"")) + 1,
                source.indexOf("        // @end"));
        assertThat(Files.readString(Path.of("../docs/resilience4j.md")))
                .contains(region.stripTrailing().stripIndent());
    }

    @Test
    void the_example_runs() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            Snippets.declare(dispatcher);
            dispatcher.register(FetchUser.class, (job, context) -> new User("user " + job.userId()));
            dispatcher.registerAsync(SaveUser.class, (job, context) -> CompletableFuture.completedFuture(job.user()));
            assertThat(dispatcher.run(new FetchUser(42))).isEqualTo(new User("user 42"));
            assertThat(dispatcher.run(new SaveUser(new User("new")))).isEqualTo(new User("new"));
        }
    }

    @Test
    void a_guard_fits_into_every_method_of_a_dispatcher_and_into_a_variable() throws Exception {
        CircuitBreaker breaker = CircuitBreaker.ofDefaults("breaker");
        RateLimiter limiter = RateLimiter.ofDefaults("limiter");
        Bulkhead bulkhead = Bulkhead.ofDefaults("bulkhead");
        JobGuard<FetchUser, User> ofOneType = Resilience.circuitBreaker(breaker);
        JobGuard<Job<?>, @Nullable Object> ofAny = Resilience.bulkhead(bulkhead);
        JobInterceptor<FetchUser, User> plain = Resilience.rateLimiter(limiter);
        AsyncJobInterceptor<FetchUser, User> async = Resilience.rateLimiter(limiter);
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(FetchUser.class, (job, context) -> new User("user " + job.userId()));
            dispatcher.intercept(FetchUser.class, ofOneType);
            dispatcher.interceptAsync(FetchUser.class, ofOneType);
            dispatcher.intercept(FetchUser.class, plain);
            dispatcher.interceptAsync(FetchUser.class, async);
            dispatcher.interceptAsync(FetchUser.class, Resilience.bulkhead(bulkhead));
            dispatcher.interceptFamily(FetchUser.class, ofAny);
            dispatcher.interceptAll(ofAny);
            dispatcher.interceptAllAsync(Resilience.circuitBreaker(breaker));
            dispatcher.interceptDispatch(job -> Resilience.rateLimiter(limiter));
            assertThat(dispatcher.run(new FetchUser(1))).isEqualTo(new User("user 1"));
        }
        assertThat(bulkhead.getMetrics().getAvailableConcurrentCalls()).isEqualTo(25);
        assertThat(breaker.getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(3);
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_is_refused() {
        assertThatThrownBy(() -> Resilience.circuitBreaker(null)).hasMessage("breaker");
        assertThatThrownBy(() -> Resilience.rateLimiter(null)).hasMessage("limiter");
        assertThatThrownBy(() -> Resilience.bulkhead(null)).hasMessage("bulkhead");
    }
}
