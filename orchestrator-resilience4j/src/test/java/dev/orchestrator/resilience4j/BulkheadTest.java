package dev.orchestrator.resilience4j;

import static dev.orchestrator.resilience4j.GuardedWorld.bad;
import static dev.orchestrator.resilience4j.GuardedWorld.endingOf;
import static dev.orchestrator.resilience4j.GuardedWorld.good;
import static dev.orchestrator.resilience4j.GuardedWorld.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobResult;
import dev.orchestrator.resilience4j.GuardedWorld.AsyncCall;
import dev.orchestrator.resilience4j.GuardedWorld.Call;
import dev.orchestrator.resilience4j.GuardedWorld.DeafCall;
import dev.orchestrator.spi.Threads;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A bulkhead around jobs: its room is taken once and given back once, however a job ends. */
class BulkheadTest {
    private final GuardedWorld world = new GuardedWorld();
    private final Bulkhead impatient = bulkhead(Duration.ZERO);
    private final Bulkhead patient = bulkhead(Duration.ofHours(1));

    private static Bulkhead bulkhead(Duration longestWait) {
        return Bulkhead.of(
                "calls",
                BulkheadConfig.custom()
                        .maxConcurrentCalls(1)
                        .maxWaitDuration(longestWait)
                        .build());
    }

    @AfterEach
    void closeAll() {
        world.close();
    }

    private JobHandle<String> dispatchAndAwaitItsExecutor(Job<String> job) {
        int before = world.executed.get();
        var handle = world.dispatcher.dispatch(job);
        until(() -> world.executed.get() > before, "it did not come to its executor");
        return handle;
    }

    private static void assertFree(Bulkhead bulkhead) {
        until(() -> bulkhead.getMetrics().getAvailableConcurrentCalls() == 1, "the room was not given back");
    }

    private void assertTakesRoomWhileItRuns(Function<CompletionStage<String>, Job<String>> kind) {
        var ending = new CompletableFuture<String>();
        var inside = dispatchAndAwaitItsExecutor(kind.apply(ending));
        assertThat(world.errorOf(kind.apply(good()))).isInstanceOf(BulkheadFullException.class);
        assertThat(world.executed).hasValue(1);
        ending.complete("good");
        endingOf(inside);
        assertThat(world.run(kind.apply(bad(new IOException("no network"))))).isInstanceOf(JobResult.Failure.class);
        assertFree(impatient);

        var stopped = dispatchAndAwaitItsExecutor(kind.apply(new CompletableFuture<>()));
        stopped.cancel("not wanted");
        endingOf(stopped);
        assertFree(impatient);
        assertThat(world.run(kind.apply(good()))).isEqualTo(new JobResult.Success<>("good"));
        assertFree(impatient);
    }

    @Test
    void a_job_takes_room_while_it_runs_however_it_ends() {
        world.dispatcher.intercept(Call.class, Resilience.bulkhead(impatient));
        assertTakesRoomWhileItRuns(Call::new);
    }

    @Test
    void an_asynchronous_job_takes_room_until_its_stage_is_complete_or_cancelled() {
        world.dispatcher.interceptAsync(AsyncCall.class, Resilience.bulkhead(impatient));
        assertTakesRoomWhileItRuns(AsyncCall::new);
    }

    @Test
    void a_deaf_job_takes_room_until_its_code_has_left() {
        world.dispatcher.intercept(DeafCall.class, Resilience.bulkhead(impatient));
        var leaving = new CountDownLatch(1);
        var handle = dispatchAndAwaitItsExecutor(new DeafCall(leaving));
        handle.cancel("not wanted");
        world.time.advance(Duration.ofMinutes(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(world.errorOf(new DeafCall(leaving))).isInstanceOf(BulkheadFullException.class);
        leaving.countDown();
        assertFree(impatient);
    }

    private void assertWaitsForRoom(Function<CompletionStage<String>, Job<String>> kind) {
        var ending = new CompletableFuture<String>();
        var first = dispatchAndAwaitItsExecutor(kind.apply(ending));
        var second = world.dispatcher.dispatch(kind.apply(good()));
        var stopped = world.dispatcher.dispatch(kind.apply(good()));
        stopped.cancel("not wanted");
        assertThat(endingOf(stopped)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(second.result().toCompletableFuture()).isNotDone();
        assertThat(world.executed).hasValue(1);
        ending.complete("good");
        endingOf(first);
        assertThat(endingOf(second)).isEqualTo(new JobResult.Success<>("good"));
        assertThat(world.executed).hasValue(2);
        assertFree(patient);
    }

    @Test
    void a_job_waits_for_room_where_the_bulkhead_lets_it_and_can_be_stopped_meanwhile() {
        world.dispatcher.intercept(Call.class, Resilience.bulkhead(patient));
        assertWaitsForRoom(Call::new);
    }

    @Test
    void an_asynchronous_job_waits_for_room_too() {
        world.dispatcher.interceptAsync(AsyncCall.class, Resilience.bulkhead(patient));
        assertWaitsForRoom(AsyncCall::new);
    }

    @Test
    void stopping_an_asynchronous_job_ends_the_wait_of_its_thread() {
        var waiting = new CompletableFuture<Future<?>>();
        Threads threads = new Threads() {
            @Override
            public void start(Role role, String name, Runnable task) {
                waiting.complete((Future<?>) task);
            }

            @Override
            public boolean await(CompletionStage<?> stage, Duration limit) {
                throw new AssertionError("nobody waits");
            }
        };
        world.dispatcher.interceptAsync(AsyncCall.class, new BulkheadGuard<>(patient, threads));
        var handle = world.dispatcher.dispatch(new AsyncCall(good()));
        until(waiting::isDone, "it does not wait");
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        until(() -> waiting.join().isCancelled(), "its thread goes on waiting");
        assertFree(patient);
    }

    @Test
    void room_that_is_found_just_when_the_job_is_stopped_is_given_back() {
        var dispatched = new CompletableFuture<JobHandle<String>>();
        var told = new CompletableFuture<Boolean>();
        patient.getEventPublisher()
                .onCallPermitted(
                        event -> { // on the thread that waited, before anybody knows
                            var handle = dispatched.join();
                            handle.cancel("not wanted");
                            until(() -> handle.result().toCompletableFuture().isDone(), "it was not told");
                            told.complete(true);
                        });
        world.dispatcher.interceptAsync(AsyncCall.class, Resilience.bulkhead(patient));
        dispatched.complete(world.dispatcher.dispatch(new AsyncCall(good())));
        until(told::isDone, "it found no room");
        assertFree(patient);
        assertThat(world.executed).hasValue(0);
    }

    @Test
    void room_is_never_lost_when_jobs_are_stopped_at_any_moment() {
        world.dispatcher.interceptAll(Resilience.bulkhead(patient));
        for (int round = 0; round < 300; round++) {
            var first = world.dispatcher.dispatch(new AsyncCall(good()));
            var second = world.dispatcher.dispatch(new AsyncCall(good()));
            second.cancel("raced");
            endingOf(first);
            endingOf(second);
            assertFree(patient);
        }
    }
}
