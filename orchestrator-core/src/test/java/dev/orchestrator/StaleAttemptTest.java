package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** P1, P8: what an attempt that is over still says, asks for or wants closed counts no more; one that ends early does. */
class StaleAttemptTest {
    private static final RetryPolicy AT_ONCE = RetryPolicy.fixed(3, Duration.ZERO);

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();
    private final IOException first = new IOException("first");

    StaleAttemptTest() {
        bus.subscribe(Event.class, events);
    }

    /** What a test lets an attempt do, through the context and the protected methods of its executor. */
    private interface Code {
        String run(Executor executor, JobContext context) throws Exception;
    }

    private static final class Executor extends BaseExecutor<Work, String> {
        final List<JobContext> contexts = new CopyOnWriteArrayList<>();
        private final Code[] attempts;

        Executor(Code... attempts) {
            this.attempts = attempts;
        }

        @Override
        protected String process(Work job, JobContext context) throws Exception {
            contexts.add(context);
            return attempts[context.attempt() - 1].run(this, context);
        }

        boolean result(JobContext context, String value) {
            return emitResult(context, value);
        }

        boolean failure(JobContext context, Throwable error) {
            return emitFailure(context, error);
        }
    }

    private JobHandle<String> dispatch(Executor executor, JobOptions.@Nullable Builder options) {
        dispatcher.register(Work.class, executor);
        return dispatcher.dispatch(
                new Work(1),
                (options == null ? JobOptions.builder() : options)
                        .retry(AT_ONCE)
                        .build());
    }

    private void nextAttempt(int timers) {
        TestWork.until(() -> time.pending() == timers, "no wait began");
        time.advance(Duration.ZERO);
    }

    private void assertEnded(JobHandle<String> handle, JobResult<String> result, int attempts) {
        assertThat(endingOf(handle)).isEqualTo(result);
        events.awaitTerminalOf(handle.id());
        assertThat(events.terminalOf(handle.id()))
                .singleElement()
                .satisfies(end -> assertThat(end.attempts()).isEqualTo(attempts));
    }

    // ---- the context of an earlier attempt ----

    @Test
    void what_an_earlier_attempt_reports_and_emits_is_dropped_and_it_dispatches_no_child() {
        var inside = new Gate();
        var executor = new Executor(
                (mine, context) -> {
                    throw first;
                },
                (mine, context) -> inside.pass("done"));
        var handle = dispatch(executor, null);
        nextAttempt(1);
        inside.awaitArrival();
        JobContext stale = executor.contexts.getFirst();
        dispatcher.register(Part.class, (job, context) -> "never");
        stale.progress(0.9);
        stale.progress(0.9, "late");
        stale.progress(JobProgress.step(9, 10));
        stale.emit(new Happened(1));
        stale.emit(new TestWork.About(handle.id()));
        assertThatThrownBy(() -> stale.dispatch(new Part(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(handle.id())
                .hasMessageContaining("its attempt is over");
        assertThat(stale.isCancelled()).isTrue();
        assertThatThrownBy(stale::throwIfCancelled).isInstanceOf(JobCancelledException.class);
        assertThat(executor.contexts.getLast().isCancelled()).isFalse();
        inside.open();
        assertEnded(handle, new JobResult.Success<>("done"), 2);
        assertThat(events.all())
                .hasExactlyElementsOfTypes(JobStartedEvent.class, JobRetryingEvent.class, JobSuccessEvent.class);
        assertThat(bus.runs().kept()).isZero();
    }

    @Test
    void an_earlier_attempt_can_no_longer_end_the_job() {
        var inside = new Gate();
        var executor = new Executor(
                (mine, context) -> {
                    throw first;
                },
                (mine, context) -> inside.pass("of the second"));
        var handle = dispatch(executor, null);
        TestWork.until(() -> time.pending() == 1, "no wait began");
        JobContext stale = executor.contexts.getFirst();
        assertThat(executor.result(stale, "of the first, while it waits")).isFalse();
        time.advance(Duration.ZERO);
        inside.awaitArrival();
        assertThat(executor.result(stale, "of the first")).isFalse();
        assertThat(executor.failure(stale, first)).isFalse();
        inside.open();
        assertEnded(handle, new JobResult.Success<>("of the second"), 2);
    }

    @Test
    void what_an_earlier_attempt_wanted_closed_is_not_closed_when_a_later_one_is_stopped() {
        var inside = new Gate();
        var closed = new CopyOnWriteArrayList<String>();
        var later = new Gate();
        var executor = new Executor(
                (mine, context) -> {
                    context.onCancel(() -> closed.add("of the first"));
                    throw first;
                },
                (mine, context) -> {
                    mine.contexts.getFirst().onCancel(() -> closed.add("of the first, too late"));
                    context.onCancel(() -> later.passUninterruptibly(closed.add("of the second")));
                    return inside.pass("never");
                });
        var handle = dispatch(executor, null);
        nextAttempt(1);
        inside.awaitArrival();
        handle.cancel("enough");
        later.awaitArrival();
        later.open();
        assertEnded(handle, new JobResult.Cancelled<>("enough"), 2);
        assertThat(closed).containsExactly("of the second");
        assertThat(time.pending()).isZero();
    }

    // ---- an attempt that ends the job before it returns ----

    @Test
    void an_attempt_that_ends_the_job_early_is_the_last_one_whatever_it_still_does() {
        var executor = new Executor((mine, context) -> {
            assertThat(mine.result(context, "early")).isTrue();
            assertThat(mine.result(context, "again")).isFalse();
            assertThat(mine.failure(context, first)).isFalse();
            context.progress(1);
            throw first;
        });
        assertEnded(dispatch(executor, null), new JobResult.Success<>("early"), 1);
        assertThat(events.all()).hasExactlyElementsOfTypes(JobStartedEvent.class, JobSuccessEvent.class);
        assertThat(time.pending()).isZero();
    }

    @Test
    void an_early_failure_is_not_retried_and_has_the_earlier_errors_suppressed() {
        var early = new IOException("early");
        var executor = new Executor(
                (mine, context) -> {
                    throw first;
                },
                (mine, context) -> {
                    assertThat(mine.failure(context, early)).isTrue();
                    return "dropped";
                });
        var handle = dispatch(executor, null);
        nextAttempt(1);
        assertEnded(handle, new JobResult.Failure<>(early), 2);
        assertThat(early).hasSuppressedException(first);
    }

    @Test
    void an_attempt_that_has_begun_to_end_the_job_decides_although_its_code_throws_meanwhile() {
        var beforeTheEnding = new Gate();
        bus.subscribe(JobProgressEvent.class, event -> {
            if (event.fraction() == 0.5) beforeTheEnding.passUninterruptibly("");
        });
        var decided = new AtomicReference<Boolean>();
        var helping = new AtomicReference<CompletableFuture<Void>>();
        var executor = new Executor(
                (mine, context) -> {
                    context.progress(0.25);
                    context.progress(0.5); // kept back, so it is told before the early ending
                    helping.set(TestWork.inAnotherThread(() -> decided.set(mine.result(context, "early"))));
                    beforeTheEnding.awaitArrival();
                    throw first;
                },
                (mine, context) -> "of an attempt that must not be");
        var handle = dispatch(executor, JobOptions.builder().progressInterval(Duration.ofHours(1)));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("early"));
        beforeTheEnding.open();
        TestWork.valueOf(helping.get());
        assertThat(decided.get()).isTrue();
        assertEnded(handle, new JobResult.Success<>("early"), 1);
        assertThat(events.of(JobRetryingEvent.class)).isEmpty();
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_job_that_has_ended_early_is_not_interrupted_when_the_limit_of_its_attempt_is_over() {
        var inside = new Gate();
        var left = new AtomicReference<String>();
        var executor = new Executor((mine, context) -> {
            mine.result(context, "early");
            left.set(inside.pass("uninterrupted"));
            return "dropped";
        });
        var limit = Duration.ofSeconds(1);
        var handle = dispatch(executor, JobOptions.builder().attemptTimeout(limit));
        assertEnded(handle, new JobResult.Success<>("early"), 1);
        inside.awaitArrival();
        assertThat(time.pending()).as("timers of a job that has ended").isZero();
        time.advance(limit);
        inside.open();
        TestWork.until(() -> left.get() != null, "its code was interrupted");
    }

    @Test
    void no_limit_of_an_attempt_is_left_when_a_deaf_job_was_told_as_cancelled() {
        var inside = new Gate();
        var grace = Duration.ofSeconds(1);
        var executor = new Executor((mine, context) -> inside.passUninterruptibly("late"));
        try (var log = new RecordedLog()) {
            var handle = dispatch(
                    executor,
                    JobOptions.builder().attemptTimeout(Duration.ofHours(1)).grace(grace));
            inside.awaitArrival();
            handle.cancel("enough");
            time.advance(grace);
            assertEnded(handle, new JobResult.Cancelled<>("enough"), 1);
            assertThat(time.pending()).isZero();
            inside.open();
            assertThat(log.lines()).isNotEmpty();
        }
    }

    @Test
    void an_early_ending_from_four_threads_is_told_once_and_one_of_them_decided() {
        for (int round = 0; round < 200; round++) {
            var decided = new AtomicInteger();
            var executor = new Executor((mine, context) -> {
                Together.onThreads(4, thread -> {
                    boolean won = thread % 2 == 0 ? mine.result(context, "early") : mine.failure(context, first);
                    if (won) decided.incrementAndGet();
                });
                throw first;
            });
            var registration = dispatcher.register(Work.class, executor);
            var handle = dispatcher.dispatch(
                    new Work(round), JobOptions.builder().retry(AT_ONCE).build());
            assertThat(endingOf(handle)).isIn(new JobResult.Success<>("early"), new JobResult.Failure<String>(first));
            events.awaitTerminalOf(handle.id());
            TestWork.until(() -> decided.get() == 1, "nobody decided");
            registration.close();
            assertThat(events.terminalOf(handle.id()))
                    .singleElement()
                    .satisfies(end -> assertThat(end.attempts()).isOne());
        }
        assertThat(time.pending()).isZero();
    }
}
