package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** P8: which attempts are made, after which delays, what is told of them, and that there is one ending. */
class RetryTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTime time = new VirtualTime();
    private final List<String> blamed = new CopyOnWriteArrayList<>();
    private final SignalBus bus = SignalBus.builder()
            .time(time)
            .errorHandler((error, handler, event) -> blamed.add(handler + ": " + error.getMessage()))
            .build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    private final IOException first = new IOException("first");
    private final IOException second = new IOException("second");
    private final IOException third = new IOException("third");

    RetryTest() {
        bus.subscribe(JobEvent.class, events);
    }

    private JobHandle<String> dispatch(RetryPolicy policy) {
        return dispatcher.dispatch(
                new Work(1), JobOptions.builder().retry(policy).build());
    }

    /** The job has failed and waits; its delay passes. */
    private void afterItsWait(Duration delay) {
        TestWork.until(() -> time.pending() == 1, "no wait began");
        time.advance(delay);
    }

    private TerminalEvent ended(JobHandle<?> handle) {
        events.awaitTerminalOf(handle.id());
        assertThat(time.pending()).as("timers left").isZero();
        assertThat(events.terminalOf(handle.id())).hasSize(1);
        assertThat(events.ofJob(handle.id())).last().isInstanceOf(TerminalEvent.class);
        return events.terminalOf(handle.id()).getFirst();
    }

    // ---- what is told ----

    @Test
    void each_retry_is_told_between_the_start_and_the_one_failure_at_the_end() {
        dispatcher.register(Work.class, new FailingWork(first, second, third));
        var handle = dispatch(RetryPolicy.fixed(3, SECOND));
        afterItsWait(SECOND);
        afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<>(third));
        assertThat(ended(handle).attempts()).isEqualTo(3);
        assertThat(events.all())
                .hasExactlyElementsOfTypes(
                        JobStartedEvent.class, JobRetryingEvent.class, JobRetryingEvent.class, JobFailureEvent.class);
        assertThat(events.of(JobRetryingEvent.class))
                .extracting(
                        JobRetryingEvent::attempt,
                        JobRetryingEvent::limit,
                        JobRetryingEvent::error,
                        JobRetryingEvent::delay)
                .containsExactly(tuple(1, 3, first, SECOND), tuple(2, 3, second, SECOND));
    }

    @Test
    void a_later_attempt_that_succeeds_ends_the_job() {
        dispatcher.register(Work.class, new FailingWork(first, second));
        var handle = dispatch(RetryPolicy.fixed(5, SECOND));
        afterItsWait(SECOND);
        afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 3"));
        assertThat(ended(handle).attempts()).isEqualTo(3);
    }

    @Test
    void without_a_policy_there_is_one_attempt_and_no_word_of_another() {
        dispatcher.register(Work.class, new FailingWork(first));
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<>(first));
        assertThat(ended(handle).attempts()).isOne();
        assertThat(events.of(JobRetryingEvent.class)).isEmpty();
    }

    @Test
    void the_owners_hook_and_its_typed_handler_are_told_of_a_retry_in_order() throws Exception {
        dispatcher.register(Work.class, new FailingWork(first));
        var told = new CopyOnWriteArrayList<String>();
        var owner = new BaseOrchestrator<Integer>(0, dispatcher, bus) {
            {
                on(Work.class)
                        .started(job -> told.add("started"))
                        .retrying((job, event) -> told.add("handler of " + job.number() + ", " + event.attempt()))
                        .success((job, value) -> told.add(value));
            }

            @Override
            protected void onActiveRetrying(JobRetryingEvent event) {
                told.add("hook " + event.attempt() + " of " + event.limit());
            }

            JobHandle<String> begin() {
                return dispatch(
                        new Work(7),
                        JobOptions.builder().retry(RetryPolicy.fixed(2, SECOND)).build());
            }
        };
        var handle = owner.begin();
        afterItsWait(SECOND);
        endingOf(handle);
        owner.awaitIdle(LIMIT);
        assertThat(told).containsExactly("started", "hook 1 of 2", "handler of 7, 1", "attempt 2");
    }

    // ---- delays ----

    @Test
    void the_next_attempt_begins_when_the_delay_is_over_and_not_before() {
        dispatcher.register(Work.class, new FailingWork(first));
        var handle = dispatch(RetryPolicy.fixed(2, SECOND));
        afterItsWait(SECOND.minusNanos(1));
        assertThat(time.pending()).isOne();
        assertThat(handle.result().toCompletableFuture()).isNotDone();
        time.advance(Duration.ofNanos(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
    }

    @Test
    void an_exponential_delay_that_is_told_is_the_one_that_is_waited() {
        dispatcher.register(Work.class, new FailingWork(first, second, third));
        var handle = dispatch(RetryPolicy.exponential(4, SECOND).cap(SECOND.multipliedBy(3)));
        for (int attempt = 1; attempt <= 3; attempt++) {
            int failed = attempt;
            events.await(event -> event instanceof JobRetryingEvent retrying && retrying.attempt() == failed);
            Duration delay = events.of(JobRetryingEvent.class).get(failed - 1).delay();
            assertThat(delay).isBetween(Duration.ZERO, SECOND.multipliedBy(Math.min(3, 1 << (failed - 1))));
            TestWork.until(() -> time.pending() == 1, "no wait began");
            if (delay.isPositive()) time.advance(delay.minusNanos(1));
            assertThat(time.pending()).isOne();
            time.advance(Duration.ofNanos(1));
        }
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 4"));
        ended(handle);
    }

    @Test
    void a_delay_that_would_pass_the_elapsed_cap_makes_the_job_fail_at_once_with_the_last_error() {
        dispatcher.register(Work.class, new FailingWork(first, second, third));
        var handle = dispatch(RetryPolicy.fixed(5, SECOND.multipliedBy(10)).maxElapsed(SECOND.multipliedBy(19)));
        afterItsWait(SECOND.multipliedBy(10));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<>(second));
        assertThat(ended(handle).attempts()).isEqualTo(2);
        assertThat(events.of(JobRetryingEvent.class)).hasSize(1);
        assertThat(second).hasSuppressedException(first);
    }

    @Test
    void a_delay_that_just_reaches_the_elapsed_cap_is_waited() {
        dispatcher.register(Work.class, new FailingWork(first, second));
        var handle = dispatch(RetryPolicy.fixed(5, SECOND.multipliedBy(10)).maxElapsed(SECOND.multipliedBy(20)));
        afterItsWait(SECOND.multipliedBy(10));
        afterItsWait(SECOND.multipliedBy(10));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 3"));
    }

    @Test
    void the_elapsed_cap_counts_from_the_first_attempts_start_not_from_the_dispatch() {
        var queue = new ManualLane();
        var late = Dispatcher.builder().bus(bus).worker(queue).build();
        late.register(Work.class, new FailingWork(first));
        var policy = RetryPolicy.fixed(2, SECOND).maxElapsed(SECOND.multipliedBy(2));
        var handle =
                late.dispatch(new Work(1), JobOptions.builder().retry(policy).build());
        time.advance(SECOND.multipliedBy(60));
        queue.runAll();
        time.advance(SECOND);
        TestWork.until(() -> queue.waiting() == 1, "the second attempt was not handed to the worker");
        queue.runAll();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
    }

    @Test
    void a_delay_that_the_failure_suggests_replaces_the_back_off_and_its_cap() {
        dispatcher.register(Work.class, new FailingWork(first));
        var handle = dispatch(RetryPolicy.exponential(2, SECOND)
                .cap(SECOND)
                .delayFrom(error -> Optional.of(SECOND.multipliedBy(100))));
        afterItsWait(SECOND.multipliedBy(99));
        assertThat(handle.result().toCompletableFuture()).isNotDone();
        time.advance(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
        assertThat(events.of(JobRetryingEvent.class))
                .singleElement()
                .extracting(JobRetryingEvent::delay)
                .isEqualTo(SECOND.multipliedBy(100));
    }

    // ---- which failures are retried ----

    private void assertFailsAtOnce(Throwable error, RetryPolicy policy) {
        dispatcher.register(Work.class, new FailingWork(error));
        var handle = dispatch(policy);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<>(error));
        assertThat(ended(handle).attempts()).isOne();
        assertThat(events.of(JobRetryingEvent.class)).isEmpty();
    }

    private static final class Final extends RuntimeException implements NonRetryable {
        private static final long serialVersionUID = 1;
    }

    @Test
    void an_error_that_is_marked_as_final_is_not_retried_even_if_the_policy_names_it() {
        assertFailsAtOnce(new Final(), RetryPolicy.fixed(3, SECOND).retryOn(Final.class));
    }

    @Test
    void an_Error_is_not_retried() {
        assertFailsAtOnce(new AssertionError("broken"), RetryPolicy.fixed(3, SECOND));
    }

    @Test
    void an_Error_that_the_policy_names_is_retried() {
        dispatcher.register(Work.class, new FailingWork(new AssertionError("broken")));
        var handle = dispatch(RetryPolicy.fixed(3, SECOND).retryOn(AssertionError.class));
        afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
    }

    @Test
    void the_cancellation_of_another_job_is_a_failure_that_is_not_retried() {
        assertFailsAtOnce(new JobCancelledException("another one"), RetryPolicy.fixed(3, SECOND));
    }

    @Test
    void a_predicate_that_throws_is_reported_and_the_job_fails_with_its_own_error() {
        assertFailsAtOnce(first, RetryPolicy.fixed(3, SECOND).retryIf(error -> {
            throw new IllegalStateException("predicate");
        }));
        assertThat(blamed).singleElement().asString().contains("predicate");
    }

    @Test
    void a_predicate_over_results_that_throws_is_reported_and_the_result_counts() {
        dispatcher.register(Work.class, new FailingWork());
        var handle = dispatch(RetryPolicy.fixed(3, SECOND).retryOnResult(result -> {
            throw new IllegalStateException("predicate");
        }));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 1"));
        assertThat(ended(handle).attempts()).isOne();
        assertThat(blamed).hasSize(1);
    }

    @Test
    void an_asynchronous_executor_is_retried_whether_it_throws_or_its_stage_fails() {
        dispatcher.registerAsync(Work.class, (job, context) -> switch (context.attempt()) {
            case 1 -> throw first;
            case 2 -> CompletableFuture.failedFuture(second);
            case 3 ->
                CompletableFuture.supplyAsync(() -> {
                    throw new IllegalStateException("wrapped by the stage");
                });
            default -> CompletableFuture.completedFuture("done");
        });
        var handle = dispatch(RetryPolicy.fixed(4, SECOND));
        for (int i = 0; i < 3; i++) afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(ended(handle).attempts()).isEqualTo(4);
        assertThat(events.of(JobRetryingEvent.class))
                .extracting(event -> event.error().getMessage())
                .containsExactly("first", "second", "wrapped by the stage");
    }

    // ---- results that are refused ----

    @Test
    void a_result_that_is_still_refused_at_the_last_attempt_is_the_jobs_result() {
        dispatcher.register(Work.class, new FailingWork());
        var handle = dispatch(RetryPolicy.fixed(3, SECOND).retryOnResult(result -> true));
        afterItsWait(SECOND);
        afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 3"));
        assertThat(ended(handle).attempts()).isEqualTo(3);
        assertThat(events.of(JobRetryingEvent.class))
                .extracting(event -> event.error().getMessage())
                .containsExactly(
                        "the retry policy refused the result of attempt 1 of job " + handle.id(),
                        "the retry policy refused the result of attempt 2 of job " + handle.id());
    }

    @Test
    void a_refused_result_suggests_no_delay() {
        dispatcher.register(Work.class, new FailingWork());
        var asked = new ArrayList<Throwable>();
        Function<Throwable, Optional<Duration>> suggestion = error -> {
            asked.add(error);
            return Optional.empty();
        };
        var handle = dispatch(
                RetryPolicy.fixed(2, SECOND).retryOnResult("attempt 1"::equals).delayFrom(suggestion));
        afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
        assertThat(asked).isEmpty();
    }

    @Test
    void a_refused_result_at_the_elapsed_cap_is_the_jobs_result() {
        dispatcher.register(Work.class, new FailingWork());
        var handle = dispatch(
                RetryPolicy.fixed(3, SECOND).retryOnResult(result -> true).maxElapsed(SECOND.dividedBy(2)));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 1"));
        assertThat(events.of(JobRetryingEvent.class)).isEmpty();
    }

    // ---- earlier errors ----

    @Test
    void the_first_eight_earlier_errors_are_suppressed_into_the_last_one_oldest_first() {
        var errors = new Throwable[12];
        for (int i = 0; i < errors.length; i++) errors[i] = new IOException("of attempt " + (i + 1));
        dispatcher.register(Work.class, new FailingWork(errors));
        var handle = dispatch(RetryPolicy.fixed(12, SECOND));
        for (int i = 1; i < errors.length; i++) afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<>(errors[11]));
        ended(handle);
        assertThat(errors[11].getSuppressed())
                .containsExactly(List.of(errors).subList(0, 8).toArray(Throwable[]::new));
    }

    @Test
    void an_error_that_every_attempt_throws_anew_is_not_suppressed_into_itself() {
        dispatcher.register(Work.class, new FailingWork(first, first, second, first));
        var handle = dispatch(RetryPolicy.fixed(4, SECOND));
        for (int i = 1; i < 4; i++) afterItsWait(SECOND);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<>(first));
        assertThat(first.getSuppressed()).containsExactly(second);
        ended(handle);
    }
}
