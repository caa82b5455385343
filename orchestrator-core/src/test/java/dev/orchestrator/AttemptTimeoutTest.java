package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** P7, P8: an attempt whose time is up has failed with a TimeoutException as soon as its code has left. */
class AttemptTimeoutTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    AttemptTimeoutTest() {
        bus.subscribe(Event.class, events);
    }

    private static JobOptions.Builder limited(RetryPolicy policy) {
        return JobOptions.builder().attemptTimeout(SECOND).retry(policy);
    }

    private JobHandle<String> dispatch(JobOptions.Builder options) {
        return dispatcher.dispatch(new Work(1), options.build());
    }

    private void awaitTimers(int count) {
        TestWork.until(() -> time.pending() == count, "there are not " + count + " timers");
    }

    private void assertNoTimerIsLeft(JobHandle<?> handle) {
        events.awaitTerminalOf(handle.id());
        assertThat(events.terminalOf(handle.id())).hasSize(1);
        assertThat(time.pending()).as("timers left").isZero();
    }

    private static String messageOf(JobHandle<?> handle, int attempt) {
        return "attempt " + attempt + " of job " + handle.id() + " was not over after PT1S";
    }

    @Test
    void an_attempt_whose_time_is_up_is_interrupted_and_another_one_is_made() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> context.attempt() == 1 ? inside.pass("never") : "second");
        var handle = dispatch(limited(RetryPolicy.fixed(2, MINUTE)));
        inside.awaitArrival();
        time.advance(SECOND);
        awaitTimers(1);
        assertThat(events.of(JobRetryingEvent.class))
                .singleElement()
                .satisfies(event -> assertThat(event.error())
                        .isInstanceOf(TimeoutException.class)
                        .hasMessage(messageOf(handle, 1)));
        time.advance(MINUTE);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("second"));
        assertNoTimerIsLeft(handle);
    }

    @Test
    void a_job_whose_last_attempt_was_not_in_time_has_failed_with_that_and_not_timed_out() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            if (context.attempt() == 1) throw new IOException("first");
            return inside.pass("never");
        });
        var handle = dispatch(limited(RetryPolicy.fixed(2, MINUTE)));
        TestWork.until(() -> events.of(JobRetryingEvent.class).size() == 1, "the first attempt did not fail");
        awaitTimers(1);
        time.advance(MINUTE);
        inside.awaitArrival();
        time.advance(SECOND);
        assertThat(endingOf(handle))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        failure -> assertThat(failure.error())
                                .isInstanceOf(TimeoutException.class)
                                .hasMessage(messageOf(handle, 2))
                                .satisfies(error ->
                                        assertThat(error.getSuppressed()).hasSize(1)));
        assertNoTimerIsLeft(handle);
        assertThat(events.terminalOf(handle.id()).getFirst()).isInstanceOf(JobFailureEvent.class);
    }

    @Test
    void it_is_not_retried_where_the_policy_does_not_admit_it() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var handle = dispatch(limited(RetryPolicy.fixed(3, MINUTE).retryOn(IOException.class)));
        inside.awaitArrival();
        time.advance(SECOND);
        assertThat(endingOf(handle)).isInstanceOf(JobResult.Failure.class);
        assertNoTimerIsLeft(handle);
        assertThat(events.of(JobRetryingEvent.class)).isEmpty();
    }

    @Test
    void an_attempt_that_was_in_time_leaves_no_timer_for_the_next_one() {
        dispatcher.register(Work.class, new FailingWork(new IOException("first")));
        var handle = dispatch(limited(RetryPolicy.fixed(2, MINUTE)));
        TestWork.until(() -> events.of(JobRetryingEvent.class).size() == 1, "the first attempt did not fail");
        awaitTimers(1);
        time.advance(MINUTE);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
        assertNoTimerIsLeft(handle);
    }

    @Test
    void until_the_code_has_left_no_retry_begins_and_what_it_says_is_dropped() {
        var inside = new Gate();
        var leaving = new Gate();
        var attempts = new AtomicInteger();
        var noticed = new AtomicReference<Boolean>();
        dispatcher.register(Work.class, (job, context) -> {
            if (attempts.incrementAndGet() > 1) return "second";
            inside.passUninterruptibly("");
            context.progress(0.9);
            context.emit(new Happened(1));
            noticed.set(context.isCancelled());
            return leaving.passUninterruptibly("a success that comes too late");
        });
        var handle = dispatch(limited(RetryPolicy.fixed(2, Duration.ZERO)));
        inside.awaitArrival();
        time.advance(MINUTE);
        inside.open();
        leaving.awaitArrival();
        assertThat(noticed.get()).isTrue();
        time.advance(MINUTE);
        assertThat(attempts).hasValue(1);
        assertThat(handle.result().toCompletableFuture()).isNotDone();
        leaving.open();
        awaitTimers(1);
        time.advance(Duration.ZERO);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("second"));
        assertNoTimerIsLeft(handle);
        assertThat(events.all())
                .hasExactlyElementsOfTypes(JobStartedEvent.class, JobRetryingEvent.class, JobSuccessEvent.class);
    }

    @Test
    void a_cancel_ends_an_attempt_that_does_not_leave_although_its_time_is_up() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.passUninterruptibly("late"));
        try (var log = new RecordedLog()) {
            var handle = dispatch(limited(RetryPolicy.fixed(2, MINUTE)).grace(SECOND));
            inside.awaitArrival();
            time.advance(MINUTE);
            assertThat(handle.cancel("enough")).isTrue();
            time.advance(SECOND);
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("enough"));
            assertNoTimerIsLeft(handle);
            inside.open();
            assertThat(log.texts("WARNING")).hasSize(1);
        }
    }

    @Test
    void the_total_limit_ends_an_attempt_that_does_not_leave_although_its_time_is_up() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.passUninterruptibly("late"));
        try (var log = new RecordedLog()) {
            var handle = dispatch(
                    limited(RetryPolicy.fixed(2, MINUTE)).timeout(MINUTE).grace(SECOND));
            inside.awaitArrival();
            time.advance(MINUTE.plus(SECOND));
            assertThat(endingOf(handle)).isEqualTo(new JobResult.TimedOut<String>(MINUTE));
            assertNoTimerIsLeft(handle);
            inside.open();
            assertThat(log.texts("WARNING")).hasSize(1);
        }
    }

    @Test
    void what_the_attempt_wanted_closed_is_closed_once_when_its_time_is_up() {
        var inside = new Gate();
        var closed = new CopyOnWriteArrayList<Integer>();
        var lastOne = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            int attempt = context.attempt();
            context.onCancel(() -> {
                closed.add(attempt);
                lastOne.passUninterruptibly("");
            });
            return attempt == 1 ? inside.passUninterruptibly("never") : "second";
        });
        var handle = dispatch(limited(RetryPolicy.fixed(2, Duration.ZERO)));
        inside.awaitArrival();
        time.advance(SECOND);
        lastOne.awaitArrival();
        lastOne.open();
        inside.open();
        awaitTimers(1);
        time.advance(Duration.ZERO);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("second"));
        assertThat(closed).containsExactly(1);
        assertNoTimerIsLeft(handle);
    }

    @Test
    void the_stage_of_an_asynchronous_attempt_is_cancelled_when_its_time_is_up_and_the_job_retried() {
        var never = new CompletableFuture<String>();
        dispatcher.registerAsync(
                Work.class,
                (job, context) -> context.attempt() == 1 ? never : CompletableFuture.completedFuture("second"));
        var handle = dispatch(limited(RetryPolicy.fixed(2, MINUTE)));
        awaitTimers(1);
        time.advance(SECOND);
        TestWork.until(never::isCancelled, "the stage was not cancelled");
        awaitTimers(1);
        assertThat(events.of(JobRetryingEvent.class))
                .singleElement()
                .satisfies(event -> assertThat(event.error()).isInstanceOf(TimeoutException.class));
        time.advance(MINUTE);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("second"));
        assertNoTimerIsLeft(handle);
    }

    @Test
    void an_attempt_that_returns_as_its_time_is_up_either_succeeds_or_is_retried_and_is_told_so() {
        int rounds = 300;
        for (int round = 0; round < rounds; round++) {
            var myTime = new VirtualTime();
            var myBus = SignalBus.builder().time(myTime).build();
            var mine = Dispatcher.create(myBus);
            var heard = new RecordedEvents();
            myBus.subscribe(JobEvent.class, heard);
            var inside = new Gate();
            mine.register(Work.class, (job, context) -> context.attempt() == 1 ? inside.pass("first") : "second");
            var handle = mine.dispatch(
                    new Work(1), limited(RetryPolicy.fixed(2, MINUTE)).build());
            inside.awaitArrival();
            int spins = round;
            Together.run(1, none -> myTime.advance(SECOND), none -> {
                for (int i = 0; i < spins; i++) Thread.onSpinWait();
                inside.open();
            });
            TestWork.until(
                    () -> !heard.terminalOf(handle.id()).isEmpty() || myTime.pending() == 1,
                    "it neither ended nor waits");
            boolean inTime = heard.of(JobRetryingEvent.class).isEmpty();
            myTime.advance(MINUTE);
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>(inTime ? "first" : "second"));
            heard.awaitTerminalOf(handle.id());
            assertThat(heard.terminalOf(handle.id()))
                    .singleElement()
                    .satisfies(end -> assertThat(end.attempts()).isEqualTo(inTime ? 1 : 2));
            assertThat(myTime.pending()).isZero();
        }
    }
}
