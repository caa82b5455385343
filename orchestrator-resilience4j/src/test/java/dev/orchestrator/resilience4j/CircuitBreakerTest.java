package dev.orchestrator.resilience4j;

import static dev.orchestrator.resilience4j.GuardedWorld.bad;
import static dev.orchestrator.resilience4j.GuardedWorld.badAndWrapped;
import static dev.orchestrator.resilience4j.GuardedWorld.endingOf;
import static dev.orchestrator.resilience4j.GuardedWorld.good;
import static dev.orchestrator.resilience4j.GuardedWorld.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.resilience4j.GuardedWorld.AsyncCall;
import dev.orchestrator.resilience4j.GuardedWorld.Call;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A circuit breaker around jobs: it learns of every ending once, of failures as failures, and of stopped jobs nothing. */
class CircuitBreakerTest {
    private static final Duration COOLDOWN = Duration.ofSeconds(60);
    private static final IOException ERROR = new IOException("no network");

    private final GuardedWorld world = new GuardedWorld();
    private final CircuitBreaker breaker = breaker("calls");

    private CircuitBreaker breaker(String name) {
        return CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .clock(world.clock())
                        .slidingWindowSize(4)
                        .minimumNumberOfCalls(4)
                        .failureRateThreshold(50)
                        .waitDurationInOpenState(COOLDOWN)
                        .permittedNumberOfCallsInHalfOpenState(2)
                        .recordExceptions(IOException.class, TimeoutException.class)
                        .build());
    }

    @AfterEach
    void closeAll() {
        world.close();
    }

    /** Two of four fail, which opens the breaker. */
    private void open(Function<CompletionStage<String>, Job<String>> kind) {
        world.run(kind.apply(good()));
        world.run(kind.apply(good()));
        assertThat(world.errorOf(kind.apply(bad(ERROR)))).isSameAs(ERROR);
        assertThat(breaker.getState()).isEqualTo(State.CLOSED);
        assertThat(world.errorOf(kind.apply(badAndWrapped(ERROR)))).isInstanceOf(Exception.class);
        assertThat(breaker.getState()).isEqualTo(State.OPEN);
    }

    private void assertTheWholeCircle(Function<CompletionStage<String>, Job<String>> kind) {
        open(kind);
        int before = world.executed.get();
        assertThat(world.errorOf(kind.apply(good()))).isInstanceOf(CallNotPermittedException.class);
        world.time.advance(COOLDOWN);
        assertThat(world.errorOf(kind.apply(good()))).isInstanceOf(CallNotPermittedException.class);
        assertThat(world.executed).hasValue(before);
        world.time.advance(Duration.ofMillis(1));
        assertThat(world.run(kind.apply(good()))).isEqualTo(new JobResult.Success<>("good"));
        assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
        assertThat(world.run(kind.apply(good()))).isEqualTo(new JobResult.Success<>("good"));
        assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    }

    @Test
    void it_opens_when_too_many_fail_and_closes_when_trials_after_the_cooldown_succeed() {
        world.dispatcher.intercept(Call.class, Resilience.circuitBreaker(breaker));
        assertTheWholeCircle(Call::new);
    }

    @Test
    void it_does_the_same_for_asynchronous_jobs() {
        world.dispatcher.interceptAsync(AsyncCall.class, Resilience.circuitBreaker(breaker));
        assertTheWholeCircle(AsyncCall::new);
    }

    @Test
    void it_does_the_same_in_its_asynchronous_form_around_a_plain_executor() {
        JobGuard<Call, String> guard = Resilience.circuitBreaker(breaker);
        world.dispatcher.interceptAsync(Call.class, guard::interceptAsync);
        assertTheWholeCircle(Call::new);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void attempts_and_jobs_that_are_too_slow_count_as_failed(boolean inAll) {
        world.dispatcher.intercept(Call.class, Resilience.circuitBreaker(breaker));
        var second = Duration.ofSeconds(1);
        var options = inAll
                ? JobOptions.builder().timeout(second).build()
                : JobOptions.builder().attemptTimeout(second).build();
        for (int i = 1; breaker.getState() == State.CLOSED; i++) {
            int executed = i;
            var handle = world.dispatcher.dispatch(new Call(new CompletableFuture<>()), options);
            GuardedWorld.until(() -> world.executed.get() == executed, "it did not come to its executor");
            world.time.advance(second);
            GuardedWorld.endingOf(handle);
            assertThat(i).isLessThan(100);
        }
        assertThat(breaker.getState()).isEqualTo(State.OPEN);
    }

    @Test
    void it_opens_again_when_trials_fail() {
        world.dispatcher.intercept(Call.class, Resilience.circuitBreaker(breaker));
        open(Call::new);
        world.time.advance(COOLDOWN.plusMillis(1));
        world.run(new Call(bad(ERROR)));
        assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
        world.run(new Call(good()));
        assertThat(breaker.getState()).isEqualTo(State.OPEN);
    }

    @Test
    void one_that_is_shared_learns_from_all_and_holds_up_all() {
        world.dispatcher.intercept(Call.class, Resilience.circuitBreaker(breaker));
        world.dispatcher.intercept(AsyncCall.class, Resilience.circuitBreaker(breaker));
        for (int i = 0; i < 2; i++) {
            world.run(new Call(bad(ERROR)));
            world.run(new AsyncCall(bad(ERROR)));
        }
        assertThat(world.errorOf(new Call(good()))).isInstanceOf(CallNotPermittedException.class);
        assertThat(world.errorOf(new AsyncCall(good()))).isInstanceOf(CallNotPermittedException.class);
    }

    @Test
    void one_of_its_own_holds_up_nobody_else() {
        world.dispatcher.intercept(Call.class, Resilience.circuitBreaker(breaker));
        world.dispatcher.intercept(AsyncCall.class, Resilience.circuitBreaker(breaker("others")));
        open(Call::new);
        assertThat(world.run(new AsyncCall(good()))).isEqualTo(new JobResult.Success<>("good"));
    }

    @Test
    void it_may_stand_around_every_job() {
        world.dispatcher.interceptAll(Resilience.circuitBreaker(breaker));
        for (int i = 0; i < 2; i++) {
            world.run(new Call(bad(ERROR)));
            world.run(new AsyncCall(badAndWrapped(ERROR)));
        }
        assertThat(breaker.getState()).isEqualTo(State.OPEN);
    }

    private void assertStoppedJobsSayNothing(Function<CompletionStage<String>, Job<String>> kind) {
        open(kind);
        world.time.advance(COOLDOWN.plusMillis(1));
        for (int trial = 0; trial < 5; trial++) { // more than there are trials
            int before = world.executed.get();
            var handle = world.dispatcher.dispatch(kind.apply(new CompletableFuture<>()));
            until(() -> world.executed.get() > before, "it did not come to its executor");
            handle.cancel("not wanted");
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        }
        assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
        assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isZero();
        world.run(kind.apply(good()));
        world.run(kind.apply(good()));
        assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    }

    @Test
    void a_stopped_job_counts_for_nothing_and_gives_back_its_trial() {
        world.dispatcher.intercept(Call.class, Resilience.circuitBreaker(breaker));
        assertStoppedJobsSayNothing(Call::new);
    }

    @Test
    void a_stopped_asynchronous_job_counts_for_nothing_and_gives_back_its_trial() {
        world.dispatcher.interceptAsync(AsyncCall.class, Resilience.circuitBreaker(breaker));
        assertStoppedJobsSayNothing(AsyncCall::new);
    }
}
