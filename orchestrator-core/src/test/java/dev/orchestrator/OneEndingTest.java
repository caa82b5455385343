package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** P1: every accepted job ends exactly once, whatever is thrown and whoever is faster. */
class OneEndingTest {
    private final RecordedEvents events = new RecordedEvents();
    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    OneEndingTest() {
        bus.subscribe(JobEvent.class, events);
    }

    private Dispatcher withWorker(Executor worker) {
        return Dispatcher.builder().bus(bus).worker(worker).build();
    }

    private void assertEndsOnceWith(JobHandle<?> handle, Class<? extends TerminalEvent> ending) {
        events.awaitTerminalOf(handle.id());
        dispatcher.close();
        assertThat(events.terminalOf(handle.id())).singleElement().isInstanceOf(ending);
        assertThat(events.ofJob(handle.id())).last().isInstanceOf(ending);
    }

    // ---- many ----

    @Test
    void ten_thousand_concurrent_jobs_have_one_started_and_one_terminal_event_each() {
        var started = new ConcurrentHashMap<String, Integer>();
        var ended = new ConcurrentHashMap<String, Integer>();
        var handles = new ConcurrentHashMap<String, JobHandle<?>>();
        bus.subscribe(JobStartedEvent.class, event -> started.merge(event.correlationId(), 1, Integer::sum));
        bus.subscribe(TerminalEvent.class, event -> ended.merge(event.correlationId(), 1, Integer::sum));
        try (var quiet = SignalBus.scoped();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            quiet.subscribe(JobStartedEvent.class, event -> started.merge(event.correlationId(), 1, Integer::sum));
            quiet.subscribe(TerminalEvent.class, event -> ended.merge(event.correlationId(), 1, Integer::sum));
            var many = Dispatcher.builder().bus(quiet).worker(threads).build();
            many.register(Work.class, (job, context) -> switch (job.number() % 4) {
                case 0 -> "done";
                case 1 -> throw new IOException("no");
                case 2 -> throw new AssertionError("no");
                default -> {
                    context.progress(0.5);
                    Thread.yield();
                    yield null;
                }
            });
            Together.onThreads(4, thread -> {
                for (int i = 0; i < 2_500; i++) {
                    var handle = many.dispatch(new Work(i));
                    handles.put(handle.id(), handle);
                }
            });
        } // the worker's threads have ended
        assertThat(handles).hasSize(10_000);
        assertThat(ended.keySet()).isEqualTo(handles.keySet());
        assertThat(ended.values()).containsOnly(1);
        assertThat(started).isEqualTo(ended);
        assertThat(handles.values())
                .allSatisfy(handle -> assertThat(handle.result()).isCompleted());
    }

    // ---- whatever is thrown ----

    static final class Sneaky extends Throwable {
        private static final long serialVersionUID = 1;
    }

    static Stream<Throwable> whateverCanBeThrown() {
        return Stream.of(
                new IllegalStateException("unchecked"),
                new IOException("checked"),
                new InterruptedException("not by us"),
                new StackOverflowError(),
                new OutOfMemoryError("made by hand"),
                new AssertionError("wrong"),
                new LinkageError("missing"),
                new ExceptionInInitializerError("static"),
                new CompletionException("with no cause", null),
                new JobCancelledException("thrown by the code itself"),
                new Sneaky());
    }

    @ParameterizedTest
    @MethodSource("whateverCanBeThrown")
    void whatever_an_executor_throws_is_its_one_ending(Throwable thrown) {
        dispatcher.register(Work.class, (job, context) -> {
            throw Thrown.asIs(thrown);
        });
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<String>(thrown));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @ParameterizedTest
    @MethodSource("whateverCanBeThrown")
    void whatever_an_asynchronous_executor_throws_is_its_one_ending(Throwable thrown) {
        dispatcher.registerAsync(Work.class, (Work job, JobContext context) -> {
            throw Thrown.asIs(thrown);
        });
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<String>(thrown));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void a_real_stack_overflow_is_a_failure() {
        dispatcher.register(Work.class, (job, context) -> deeper(0));
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class, it -> assertThat(it.error()).isInstanceOf(StackOverflowError.class));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    private static String deeper(int depth) {
        return depth < 0 ? "" : deeper(depth + 1) + depth;
    }

    // ---- workers ----

    @Test
    void a_worker_that_rejects_makes_the_job_a_failure_and_dispatch_does_not_throw() {
        var rejected = new RejectedExecutionException("full");
        var rejecting = withWorker(task -> {
            throw rejected;
        });
        rejecting.register(Work.class, (job, context) -> "never");
        var handle = rejecting.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<String>(rejected));
        assertEndsOnceWith(handle, JobFailureEvent.class);
        assertThat(events.ofJob(handle.id())).hasSize(1);
        assertThat(events.terminalOf(handle.id()))
                .first()
                .extracting(TerminalEvent::attempts)
                .isEqualTo(0);
    }

    @Test
    void a_worker_that_throws_an_error_makes_the_job_a_failure() {
        var error = new OutOfMemoryError("unable to create native thread, made by hand");
        var failing = withWorker(task -> {
            throw error;
        });
        failing.register(Work.class, (job, context) -> "never");
        var handle = failing.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<String>(error));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void a_worker_that_runs_in_the_caller_has_ended_the_job_when_dispatch_returns() {
        var direct = withWorker(Runnable::run);
        direct.register(Work.class, (job, context) -> "done");
        var handle = direct.dispatch(new Work(1));
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Success<>("done"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }

    @Test
    void a_worker_that_throws_after_running_changes_nothing() {
        var late = withWorker(task -> {
            task.run();
            throw new RejectedExecutionException("too late");
        });
        late.register(Work.class, (job, context) -> "done");
        var handle = late.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }

    @Test
    void a_worker_that_throws_while_the_job_runs_ends_it_once() {
        var inside = new Gate();
        var confused = withWorker(task -> {
            Thread.ofVirtual().start(task);
            inside.awaitArrival();
            throw new RejectedExecutionException("although it was handed on");
        });
        confused.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = confused.dispatch(new Work(1));
        inside.open();
        confused.close();
        assertThat(endingOf(handle)).isInstanceOf(JobResult.Failure.class);
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void a_worker_that_runs_a_task_twice_runs_the_job_once() {
        var runs = new AtomicInteger();
        var twice = withWorker(task -> {
            task.run();
            task.run();
        });
        twice.register(Work.class, (job, context) -> "run " + runs.incrementAndGet());
        var handle = twice.dispatch(new Work(1));
        assertThat(runs).hasValue(1);
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }

    // ---- asynchronous executors ----

    @Test
    void an_asynchronous_executor_that_returns_null_failed_with_an_error_that_says_so() {
        dispatcher.registerAsync(Work.class, (Work job, JobContext context) -> null);
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        it -> assertThat(it.error())
                                .isInstanceOf(NullPointerException.class)
                                .hasMessageContaining(Work.class.getName())
                                .hasMessageContaining("instead of a CompletionStage"));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void the_error_of_a_stage_is_told_without_its_wrapper() {
        var error = new IOException("the server is gone");
        dispatcher.registerAsync(
                Work.class,
                (job, context) -> CompletableFuture.<String>failedFuture(error).thenApply(String::trim));
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<String>(error));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void a_stage_that_completes_on_another_thread_ends_its_job() {
        var answer = new CompletableFuture<String>();
        dispatcher.registerAsync(Work.class, (job, context) -> answer);
        var handle = dispatcher.dispatch(new Work(1));
        TestWork.inAnotherThread(() -> answer.complete("later"));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("later"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }

    @Test
    void a_stage_that_its_maker_cancelled_is_a_failure() {
        var answer = new CompletableFuture<String>();
        dispatcher.registerAsync(Work.class, (job, context) -> answer.thenApply(String::trim));
        var handle = dispatcher.dispatch(new Work(1));
        answer.cancel(true);
        assertThat(endingOf(handle))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        it -> assertThat(it.error()).isInstanceOf(CancellationException.class));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void a_stage_that_refuses_to_be_followed_is_a_failure() {
        var error = new UnsupportedOperationException("no callbacks here");
        var broken = new CompletableFuture<String>() {
            @Override
            public CompletableFuture<String> whenComplete(BiConsumer<? super String, ? super Throwable> action) {
                throw error;
            }
        };
        dispatcher.registerAsync(Work.class, (job, context) -> broken);
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<String>(error));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void a_cancelled_asynchronous_job_is_told_as_cancelled_and_its_stage_is_cancelled() {
        var begun = new Gate();
        var answer = new CompletableFuture<String>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            begun.pass("");
            return answer;
        });
        var handle = dispatcher.dispatch(new Work(1));
        begun.open();
        begun.awaitArrival();
        assertThat(handle.cancel("not wanted")).isTrue();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertEndsOnceWith(handle, JobCancelledEvent.class);
    }

    // ---- early endings ----

    /** An executor that ends its job as a test says, and then leaves as the test says. */
    private static final class Early extends BaseExecutor<Work, String> {
        interface Ending {
            boolean decide(Early executor, JobContext context);
        }

        private final Ending ending;
        private final Throwable thrown;
        final AtomicBoolean decided = new AtomicBoolean();

        Early(Ending ending, Throwable thrown) {
            this.ending = ending;
            this.thrown = thrown;
        }

        @Override
        protected String process(Work job, JobContext context) {
            decided.set(ending.decide(this, context));
            if (thrown != null) throw Thrown.asIs(thrown);
            return "returned";
        }

        boolean result(JobContext context, String value) {
            return emitResult(context, value);
        }

        boolean failure(JobContext context, Throwable error) {
            return emitFailure(context, error);
        }
    }

    @Test
    void an_emitted_result_is_the_ending_and_what_process_returns_is_dropped() {
        var executor = new Early((it, context) -> it.result(context, "early"), null);
        dispatcher.register(Work.class, executor);
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("early"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
        assertThat(executor.decided).isTrue();
    }

    @Test
    void an_emitted_result_is_the_ending_and_what_process_throws_is_dropped() {
        dispatcher.register(
                Work.class, new Early((it, context) -> it.result(context, "early"), new AssertionError("late")));
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("early"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }

    @Test
    void an_emitted_failure_is_the_ending_and_what_process_returns_is_dropped() {
        var error = new IOException("early");
        dispatcher.register(Work.class, new Early((it, context) -> it.failure(context, error), null));
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<String>(error));
        assertEndsOnceWith(handle, JobFailureEvent.class);
    }

    @Test
    void a_second_emitted_ending_says_that_it_came_too_late() {
        var executor = new Early(
                (it, context) -> {
                    it.result(context, "first");
                    return it.failure(context, new IOException("second"));
                },
                null);
        dispatcher.register(Work.class, executor);
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("first"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
        assertThat(executor.decided).isFalse();
    }

    @Test
    void what_is_emitted_and_reported_after_an_early_ending_is_dropped() {
        dispatcher.register(
                Work.class,
                new Early(
                        (it, context) -> {
                            boolean decided = it.result(context, "early");
                            context.progress(0.9);
                            context.emit(new TestWork.Happened(1));
                            return decided;
                        },
                        null));
        bus.subscribe(TestWork.Happened.class, events);
        var handle = dispatcher.dispatch(new Work(1));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
        assertThat(events.all()).hasSize(2);
    }

    @Test
    void an_ending_emitted_after_a_cancel_is_dropped() {
        var inside = new Gate();
        var executor = new Early(
                (it, context) -> {
                    inside.passUninterruptibly("");
                    return it.result(context, "too late");
                },
                null);
        dispatcher.register(Work.class, executor);
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertEndsOnceWith(handle, JobCancelledEvent.class);
        assertThat(executor.decided).isFalse();
    }

    @Test
    void endings_emitted_by_eight_threads_at_once_decide_once() {
        var wins = new AtomicInteger();
        for (int round = 0; round < 200; round++) {
            var executor = new Early(
                    (it, context) -> {
                        Together.onThreads(8, thread -> {
                            boolean won = thread % 2 == 0
                                    ? it.result(context, "by " + thread)
                                    : it.failure(context, new IOException("by " + thread));
                            if (won) wins.incrementAndGet();
                        });
                        return true;
                    },
                    null);
            try (var registration = dispatcher.register(Work.class, executor)) {
                var handle = dispatcher.dispatch(new Work(round));
                assertThat(registration).isNotNull();
                endingOf(handle);
                events.awaitTerminalOf(handle.id());
                assertThat(events.terminalOf(handle.id())).hasSize(1);
            }
        }
        dispatcher.close();
        assertThat(wins).hasValue(200);
    }

    // ---- races ----

    @Test
    void cancel_and_completion_race_and_the_answer_of_cancel_agrees_with_the_event() {
        int rounds = 4_000;
        var handles = new AtomicReferenceArray<JobHandle<String>>(rounds);
        var answers = new AtomicReferenceArray<Boolean>(rounds);
        Map<String, TerminalEvent> endings = new ConcurrentHashMap<>();
        var second = new AtomicInteger();
        Consumer<TerminalEvent> once = event -> {
            if (endings.put(event.correlationId(), event) != null) second.incrementAndGet();
        };
        try (var quiet = SignalBus.scoped();
                var threads = Executors.newCachedThreadPool()) {
            quiet.subscribe(TerminalEvent.class, once);
            var racing = Dispatcher.builder().bus(quiet).worker(threads).build();
            racing.register(Work.class, (job, context) -> {
                for (int i = job.number() % 50; i > 0; i--) Thread.onSpinWait();
                return "done";
            });
            Together.run(rounds, round -> handles.set(round, racing.dispatch(new Work(round))), round -> {
                TestWork.until(() -> handles.get(round) != null, "the job was never dispatched");
                for (int i = round % 37; i > 0; i--) Thread.onSpinWait();
                answers.set(round, handles.get(round).cancel("round " + round));
            });
        }
        assertThat(second).hasValue(0);
        assertThat(endings).hasSize(rounds);
        for (int round = 0; round < rounds; round++) {
            var handle = handles.get(round);
            var ending = endings.get(handle.id());
            assertThat(ending instanceof JobCancelledEvent).isEqualTo(answers.get(round));
            assertThat(handle.result().toCompletableFuture()).isCompletedWithValue(resultOf(ending));
        }
    }

    @SuppressWarnings("unchecked")
    private static JobResult<String> resultOf(TerminalEvent ending) {
        return (JobResult<String>) ending.result();
    }

    @Test
    void the_grace_and_the_leaving_code_race_and_tell_one_ending() {
        int rounds = 1_500;
        var time = new VirtualTime();
        var second = new AtomicInteger();
        Map<String, TerminalEvent> endings = new ConcurrentHashMap<>();
        var inside = new AtomicReferenceArray<Gate>(rounds);
        var handles = new AtomicReferenceArray<JobHandle<String>>(rounds);
        for (int round = 0; round < rounds; round++) inside.set(round, new Gate());
        try (var timed = SignalBus.builder().time(time).build();
                var log = new RecordedLog()) {
            timed.subscribe(TerminalEvent.class, event -> {
                if (endings.put(event.correlationId(), event) != null) second.incrementAndGet();
            });
            var racing = Dispatcher.create(timed);
            racing.register(
                    Work.class, (job, context) -> inside.get(job.number()).passUninterruptibly("late"));
            Together.run(
                    rounds,
                    round -> {
                        handles.set(round, racing.dispatch(new Work(round)));
                        inside.get(round).awaitArrival();
                        handles.get(round).cancel("round " + round);
                        inside.get(round).open();
                    },
                    round -> {
                        inside.get(round).awaitArrival();
                        TestWork.until(() -> time.pending() > 0 || isDone(handles.get(round)), "it was never stopped");
                        time.advance(JobRun.GRACE);
                    });
            for (int round = 0; round < rounds; round++) {
                assertThat(endingOf(handles.get(round))).isEqualTo(new JobResult.Cancelled<String>("round " + round));
            }
            racing.close();
            assertThat(log.texts("SEVERE")).isEmpty();
        }
        assertThat(second).hasValue(0);
    }

    private static boolean isDone(JobHandle<?> handle) {
        return handle != null && handle.result().toCompletableFuture().isDone();
    }

    // ---- the handle ----

    @Test
    void users_cannot_complete_the_result_of_a_job() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("the job's own"));
        var handle = dispatcher.dispatch(new Work(1));
        CompletionStage<JobResult<String>> stage = handle.result();
        stage.toCompletableFuture().complete(new JobResult.Success<>("forged"));
        stage.toCompletableFuture().cancel(true);
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("the job's own"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }

    @Test
    void what_a_user_attached_to_the_result_may_throw() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = dispatcher.dispatch(new Work(1));
        handle.result().thenRun(() -> {
            throw new AssertionError("in a callback");
        });
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }

    @Test
    void a_null_result_is_a_result() {
        dispatcher.register(Work.class, (job, context) -> null);
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<String>(null));
        assertEndsOnceWith(handle, JobSuccessEvent.class);
    }
}
