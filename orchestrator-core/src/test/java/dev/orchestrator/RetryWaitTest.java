package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P7, P8: the wait for the next attempt holds no thread, and is over at once when the job is stopped. */
class RetryWaitTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final RetryPolicy HOURLY = RetryPolicy.fixed(3, HOUR);

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();
    private final AtomicInteger attempts = new AtomicInteger();
    private final IOException first = new IOException("first");

    RetryWaitTest() {
        bus.subscribe(JobEvent.class, events);
        dispatcher.register(Work.class, (job, context) -> {
            attempts.incrementAndGet();
            return new FailingWork(first).execute(job, context);
        });
    }

    private static JobOptions.Builder hourly() {
        return JobOptions.builder().retry(HOURLY);
    }

    private void awaitWait(int timers) {
        TestWork.until(() -> time.pending() == timers, "no wait began");
    }

    @AfterEach
    void nothing_is_left_that_would_make_another_attempt() {
        assertThat(time.pending()).as("timers left").isZero();
    }

    /** The wait has ended with the given result, in this thread, and no further attempt comes. */
    private void assertEnded(JobHandle<String> handle, JobResult<String> result) {
        assertThat(endingOf(handle)).isEqualTo(result);
        events.awaitTerminalOf(handle.id());
        assertThat(events.ofJob(handle.id()))
                .extracting(Object::getClass)
                .startsWith(JobStartedEvent.class, JobRetryingEvent.class)
                .hasSize(3);
        assertThat(events.terminalOf(handle.id()))
                .singleElement()
                .satisfies(end -> assertThat(end.attempts()).isOne());
        TestWork.until(() -> time.pending() == 0, "a timer is left"); // a parent's grace ends when its code has left
        time.advance(HOUR.multipliedBy(3));
        assertThat(attempts).hasValue(1);
    }

    // ---- it holds no thread ----

    @Test
    void another_job_runs_meanwhile_on_the_only_thread_of_the_worker() throws Exception {
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            var narrow = Dispatcher.builder().bus(bus).worker(pool).build();
            narrow.register(Work.class, new FailingWork(first));
            narrow.register(Part.class, (job, context) -> "part " + job.number());
            var handle = narrow.dispatch(new Work(1), hourly().build());
            awaitWait(1);
            assertThat(narrow.run(new Part(1))).isEqualTo("part 1");
            assertThat(handle.result().toCompletableFuture()).isNotDone();
            time.advance(HOUR);
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
        }
    }

    @Test
    void the_thread_of_the_failed_attempt_is_over_while_the_job_waits() {
        var thread = new AtomicReference<Thread>();
        dispatcher.register(Part.class, (job, context) -> {
            thread.set(Thread.currentThread());
            throw first;
        });
        var handle = dispatcher.dispatch(new Part(1), hourly().build());
        awaitWait(1);
        TestWork.until(() -> !thread.get().isAlive(), "the thread of the first attempt is held");
        handle.cancel("enough");
    }

    @Test
    void the_job_is_under_way_for_its_owner_while_it_waits() throws Exception {
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var handle = owner.dispatch(new Work(1), hourly().build());
        awaitWait(1);
        assertThat(owner.isRunning(handle.id())).isTrue();
        assertThat(owner.hasActiveJobs()).isTrue();
        time.advance(HOUR);
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
        owner.awaitIdle(LIMIT);
    }

    // ---- it ends at once ----

    @Test
    void a_cancel_ends_the_wait_at_once() {
        var handle = dispatcher.dispatch(new Work(1), hourly().build());
        awaitWait(1);
        assertThat(handle.cancel("enough")).isTrue();
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Cancelled<>("enough"));
        assertEnded(handle, new JobResult.Cancelled<>("enough"));
        assertThat(handle.cancel("again")).isFalse();
    }

    @Test
    void a_cancelled_token_ends_the_wait_at_once() {
        var token = new CancellationToken();
        var handle = dispatcher.dispatch(new Work(1), hourly().token(token).build());
        awaitWait(1);
        token.cancel("the window was closed");
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Cancelled<>("the window was closed"));
        assertEnded(handle, new JobResult.Cancelled<>("the window was closed"));
        assertThat(token.size()).isZero();
    }

    @Test
    void the_owners_cancelAll_ends_the_wait_at_once() throws Exception {
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var handle = owner.dispatch(new Work(1), hourly().build());
        awaitWait(1);
        assertThat(owner.cancelAll("enough")).isOne();
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Cancelled<>("enough"));
        assertEnded(handle, new JobResult.Cancelled<>("enough"));
        owner.awaitIdle(LIMIT);
        assertThat(owner.hasActiveJobs()).isFalse();
    }

    @Test
    void the_total_limit_ends_the_wait_at_once() {
        var total = Duration.ofMinutes(1);
        var handle = dispatcher.dispatch(new Work(1), hourly().timeout(total).build());
        awaitWait(2);
        time.advance(total);
        assertEnded(handle, new JobResult.TimedOut<>(total));
    }

    @Test
    void the_end_of_the_parent_ends_the_wait_of_its_child_at_once() {
        var child = new AtomicReference<JobHandle<String>>();
        var inside = new Gate();
        dispatcher.register(Part.class, (job, context) -> {
            child.set(context.dispatch(new Work(1), hourly().build()));
            return inside.pass("done");
        });
        var parent = dispatcher.dispatch(new Part(1));
        inside.awaitArrival();
        awaitWait(1);
        parent.cancel("enough");
        assertEnded(child.get(), new JobResult.Cancelled<>("its parent job " + parent.id() + " did not succeed"));
        endingOf(parent);
    }

    @Test
    void the_closing_of_the_dispatcher_ends_the_wait_at_once() {
        var handle = dispatcher.dispatch(new Work(1), hourly().build());
        awaitWait(1);
        dispatcher.close();
        assertEnded(handle, new JobResult.Cancelled<>("its dispatcher was closed"));
    }

    @Test
    void a_job_that_fails_while_its_dispatcher_closes_does_not_wait_for_another_attempt() {
        var inside = new Gate();
        dispatcher.register(Part.class, (job, context) -> {
            attempts.incrementAndGet();
            inside.pass("");
            throw first;
        });
        var handle = dispatcher.dispatch(new Part(1), hourly().build());
        inside.awaitArrival();
        var closing = TestWork.inAnotherThread(dispatcher::close);
        awaitWait(1); // the grace of the closing
        inside.open();
        TestWork.valueOf(closing);
        assertEnded(handle, new JobResult.Cancelled<>("its dispatcher was closed"));
    }

    /** A clock that says that it has scheduled a delay of zero when the attempt after it is running. */
    private static final class Hasty extends ClockAround {
        private final Gate running;

        Hasty(VirtualTime time, Gate running) {
            super(time);
            this.running = running;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            if (!delay.isZero()) return super.schedule(delay, task);
            task.run();
            running.passUninterruptibly("");
            return () -> {};
        }
    }

    @Test
    void an_attempt_that_runs_when_its_dispatcher_closes_has_the_grace_of_the_closing() {
        var scheduled = new Gate();
        var inside = new Gate();
        var hasty = SignalBus.builder().time(new Hasty(time, scheduled)).build();
        var closed = Dispatcher.create(hasty);
        var firstThread = new AtomicReference<Thread>();
        closed.register(Part.class, (job, context) -> {
            if (context.attempt() == 2) return inside.pass("in its grace");
            firstThread.set(Thread.currentThread());
            throw first;
        });
        var handle = closed.dispatch(
                new Part(1),
                JobOptions.builder().retry(RetryPolicy.fixed(2, Duration.ZERO)).build());
        inside.awaitArrival();
        scheduled.awaitArrival();
        var closing = TestWork.inAnotherThread(closed::close);
        awaitWait(1); // the grace of the closing
        scheduled.open();
        TestWork.until(() -> !firstThread.get().isAlive(), "the thread of the first attempt is held");
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("in its grace"));
        TestWork.valueOf(closing);
    }

    @Test
    void the_wait_that_is_taken_back_is_the_last_one_although_an_earlier_one_was_over_at_once() {
        var scheduled = new Gate();
        var hasty = SignalBus.builder().time(new Hasty(time, scheduled)).build();
        var mine = Dispatcher.create(hasty);
        var firstThread = new AtomicReference<Thread>();
        mine.register(Part.class, (job, context) -> {
            if (context.attempt() == 1) firstThread.set(Thread.currentThread());
            throw context.attempt() == 1 ? first : new IOException("second");
        });
        var policy = RetryPolicy.fixed(3, HOUR)
                .delayFrom(error -> Optional.ofNullable(first.equals(error) ? Duration.ZERO : null));
        var handle =
                mine.dispatch(new Part(1), JobOptions.builder().retry(policy).build());
        scheduled.awaitArrival();
        awaitWait(1); // that of the second attempt, while the first one's thread has not come back from scheduling
        scheduled.open();
        TestWork.until(() -> !firstThread.get().isAlive(), "the thread of the first attempt is held");
        assertThat(handle.cancel("enough")).isTrue();
        assertThat(time.pending()).isZero();
    }

    // ---- the worker refuses ----

    @Test
    void a_worker_that_refuses_the_second_attempt_makes_the_job_fail_with_the_first_error_suppressed() {
        var calls = new AtomicInteger();
        var refusal = new RejectedExecutionException("full");
        Executor once = task -> {
            if (calls.incrementAndGet() > 1) throw refusal;
            Thread.ofVirtual().start(task);
        };
        var handle = dispatcher.dispatch(new Work(1), hourly().worker(once).build());
        awaitWait(1);
        time.advance(HOUR);
        assertEnded(handle, new JobResult.Failure<>(refusal));
        assertThat(refusal).hasSuppressedException(first);
    }

    @Test
    void the_last_report_is_told_before_the_failure_when_the_worker_refuses_the_second_attempt() {
        var calls = new AtomicInteger();
        Executor once = task -> {
            if (calls.incrementAndGet() > 1) throw new RejectedExecutionException("full");
            Thread.ofVirtual().start(task);
        };
        dispatcher.register(Part.class, (job, context) -> {
            context.progress(0.25);
            context.progress(0.5);
            throw first;
        });
        var handle = dispatcher.dispatch(
                new Part(1),
                hourly().worker(once).progressInterval(HOUR.multipliedBy(2)).build());
        awaitWait(2);
        time.advance(HOUR);
        assertThat(endingOf(handle)).isInstanceOf(JobResult.Failure.class);
        events.awaitTerminalOf(handle.id());
        assertThat(events.of(JobProgressEvent.class))
                .extracting(JobProgressEvent::fraction)
                .containsExactly(0.25, 0.5);
        assertThat(events.all()).last().isInstanceOf(JobFailureEvent.class);
    }
}
