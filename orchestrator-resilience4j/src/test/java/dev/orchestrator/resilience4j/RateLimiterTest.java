package dev.orchestrator.resilience4j;

import static dev.orchestrator.resilience4j.GuardedWorld.bad;
import static dev.orchestrator.resilience4j.GuardedWorld.endingOf;
import static dev.orchestrator.resilience4j.GuardedWorld.good;
import static dev.orchestrator.resilience4j.GuardedWorld.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobResult;
import dev.orchestrator.resilience4j.GuardedWorld.AsyncCall;
import dev.orchestrator.resilience4j.GuardedWorld.Call;
import dev.orchestrator.spi.Threads;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A rate limiter around jobs: who is too early waits, can be stopped meanwhile, and holds no thread that it need not. */
class RateLimiterTest {
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final GuardedWorld world = new GuardedWorld();

    /** One per period, and nobody waits for longer than the next one. */
    private final RateLimiter limiter = RateLimiter.of(
            "calls",
            RateLimiterConfig.custom()
                    .limitForPeriod(1)
                    .limitRefreshPeriod(PERIOD)
                    .timeoutDuration(PERIOD)
                    .build(),
            world.time::nanos);

    private JobGuard<Job<?>, Object> guard() {
        return Resilience.rateLimiter(limiter, world.time, Threads.standard());
    }

    @AfterEach
    void closeAll() {
        world.close();
    }

    private void assertWaits(IntFunction<Job<String>> kind) {
        assertThat(world.run(kind.apply(1))).isEqualTo(new JobResult.Success<>("good"));
        var second = world.dispatcher.dispatch(kind.apply(2));
        until(() -> world.time.pending() == 1, "it does not wait");
        assertThat(world.errorOf(kind.apply(3))).isInstanceOf(RequestNotPermitted.class);
        world.time.advance(PERIOD.minusNanos(1));
        assertThat(world.executed).hasValue(1);
        world.time.advance(Duration.ofNanos(1));
        assertThat(endingOf(second)).isEqualTo(new JobResult.Success<>("good"));
        assertThat(world.executed).hasValue(2);
        assertThat(world.time.pending()).isZero();
    }

    @Test
    void who_is_too_early_waits_and_who_would_wait_too_long_is_refused() {
        world.dispatcher.interceptAll(guard());
        assertWaits(number -> new Call(good()));
    }

    @Test
    void an_asynchronous_job_does_the_same() {
        world.dispatcher.interceptAllAsync(guard());
        assertWaits(number -> new AsyncCall(good()));
    }

    @Test
    void an_asynchronous_job_waits_without_a_thread() {
        var worker = new ArrayDeque<Runnable>();
        var manual = Dispatcher.builder().bus(world.bus).worker(worker::add).build();
        var executors = new CopyOnWriteArrayList<Thread>();
        manual.registerAsync(AsyncCall.class, (job, context) -> {
            executors.add(Thread.currentThread());
            return job.ending();
        });
        manual.interceptAllAsync(guard());
        manual.dispatch(new AsyncCall(good()));
        var second = manual.dispatch(new AsyncCall(good()));
        for (Runnable task; (task = worker.poll()) != null; ) task.run(); // returns: nothing waits on this thread
        assertThat(second.result().toCompletableFuture()).isNotDone();
        world.time.advance(PERIOD);
        assertThat(endingOf(second)).isEqualTo(new JobResult.Success<>("good"));
        assertThat(executors.getLast())
                .as("not the one of all timers, which here is the test's")
                .isNotSameAs(Thread.currentThread());
    }

    private void assertCanBeStopped(Job<String> job) {
        world.run(job);
        var handle = world.dispatcher.dispatch(job);
        until(() -> world.time.pending() == 1, "it does not wait");
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(world.executed).hasValue(1);
        until(() -> world.time.pending() == 0, "its timer is left behind");
    }

    @Test
    void a_job_that_waits_can_be_stopped() {
        world.dispatcher.interceptAll(guard());
        assertCanBeStopped(new Call(good()));
    }

    @Test
    void an_asynchronous_job_that_waits_can_be_stopped() {
        world.dispatcher.interceptAll(guard());
        assertCanBeStopped(new AsyncCall(good()));
    }

    @Test
    void permissions_are_drained_by_results_that_the_limiter_is_told_to_look_for() {
        var strict = RateLimiter.of(
                "strict",
                RateLimiterConfig.custom()
                        .limitForPeriod(10)
                        .limitRefreshPeriod(PERIOD)
                        .timeoutDuration(Duration.ZERO)
                        .drainPermissionsOnResult(result -> result.isLeft() || "good".equals(result.get()))
                        .build(),
                world.time::nanos);
        world.dispatcher.interceptAll(Resilience.rateLimiter(strict));
        var error = new IllegalStateException("overloaded");
        List<Job<String>> jobs =
                List.of(new Call(good()), new AsyncCall(good()), new Call(bad(error)), new AsyncCall(bad(error)));
        for (Job<String> job : jobs) {
            world.run(job);
            assertThat(world.errorOf(job)).isInstanceOf(RequestNotPermitted.class);
            world.time.advance(PERIOD);
        }
    }
}
