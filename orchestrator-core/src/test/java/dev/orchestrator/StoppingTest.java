package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
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
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** P7: a cancelled job's thread is interrupted, its late result is dropped, and the ending is told as what it was. */
class StoppingTest {
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    StoppingTest() {
        bus.subscribe(JobEvent.class, events);
    }

    // ---- before the start ----

    @Test
    void a_job_cancelled_before_it_starts_never_runs_and_is_told_once_without_an_attempt() {
        var queue = new ManualLane();
        var ran = new AtomicBoolean();
        var waiting = Dispatcher.builder().bus(bus).worker(queue).build();
        waiting.register(Work.class, (job, context) -> {
            ran.set(true);
            return "never";
        });
        var handle = waiting.dispatch(new Work(1));
        assertThat(handle.cancel("not wanted")).isTrue();
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Cancelled<>("not wanted"));
        queue.runAll();
        assertThat(ran).isFalse();
        assertThat(events.ofJob(handle.id())).singleElement().isInstanceOfSatisfying(JobCancelledEvent.class, event -> {
            assertThat(event.attempts()).isZero();
            assertThat(event.reason()).isEqualTo("not wanted");
        });
    }

    @Test
    void only_the_first_cancel_decides() {
        var queue = new ManualLane();
        var waiting = Dispatcher.builder().bus(bus).worker(queue).build();
        waiting.register(Work.class, (job, context) -> "never");
        var handle = waiting.dispatch(new Work(1));
        assertThat(handle.cancel("first")).isTrue();
        assertThat(handle.cancel("second")).isFalse();
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Cancelled<>("first"));
    }

    @Test
    void a_cancel_after_the_ending_says_that_it_came_too_late() {
        dispatcher.register(Work.class, (job, context) -> "done");
        var handle = dispatcher.dispatch(new Work(1));
        endingOf(handle);
        assertThat(handle.cancel("too late")).isFalse();
    }

    @Test
    void a_cancellation_without_a_reason_is_refused() {
        dispatcher.register(Work.class, (job, context) -> "done");
        var handle = dispatcher.dispatch(new Work(1));
        assertThatThrownBy(() -> handle.cancel(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be blank");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    // ---- while it runs ----

    @Test
    void a_cancelled_job_is_interrupted_and_told_as_cancelled_when_its_code_has_left() {
        var inside = new Gate();
        var cleaningUp = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            try {
                return inside.pass("never");
            } catch (InterruptedException stopped) {
                cleaningUp.pass("");
                throw new IOException("while it cleaned up", stopped);
            }
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        assertThat(handle.cancel("not wanted")).isTrue();
        cleaningUp.awaitArrival();
        assertThat(handle.result().toCompletableFuture()).isNotDone();
        assertThat(handle.cancel("again")).isFalse();
        cleaningUp.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        events.awaitTerminalOf(handle.id());
        dispatcher.close();
        assertThat(events.terminalOf(handle.id()))
                .singleElement()
                .satisfies(end -> assertThat(end.attempts()).isOne());
        assertThat(time.pending()).as("the timer of the grace").isZero();
    }

    @Test
    void a_deaf_job_is_told_as_cancelled_when_its_grace_is_over_and_what_it_still_gives_is_dropped() throws Exception {
        var inside = new Gate();
        var leaving = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            inside.passUninterruptibly("");
            context.progress(0.9);
            context.emit(new Happened(1));
            return leaving.passUninterruptibly("late");
        });
        bus.subscribe(Happened.class, events);
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var handle = owner.dispatch(new Work(1));
        inside.awaitArrival();
        try (var log = new RecordedLog()) {
            handle.cancel("not wanted");
            time.advance(JobRun.GRACE.minusNanos(1));
            assertThat(handle.result().toCompletableFuture()).isNotDone();
            assertThat(owner.isRunning(handle.id())).isTrue();
            time.advance(Duration.ofNanos(1));
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
            events.awaitTerminalOf(handle.id());
            assertThat(log.texts("WARNING"))
                    .singleElement()
                    .asString()
                    .contains(handle.id(), Work.class.getName(), "goes on", "passUninterruptibly");
        }
        owner.awaitIdle(LIMIT);
        inside.open();
        leaving.awaitArrival();
        leaving.open();
        dispatcher.close();
        assertThat(events.all()).hasExactlyElementsOfTypes(JobStartedEvent.class, JobCancelledEvent.class);
        assertThat(owner.active()).hasExactlyElementsOfTypes(JobStartedEvent.class, JobCancelledEvent.class);
    }

    @Test
    void a_log_that_throws_costs_no_ending() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.passUninterruptibly("late"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        var warned = new CountDownLatch(1);
        try (var log = new RecordedLog(line -> {
            warned.countDown();
            throw new IllegalStateException("the disk is full");
        })) {
            handle.cancel("not wanted");
            time.advance(JobRun.GRACE);
            Gate.await(warned, "nothing was logged");
            inside.open();
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
            assertThat(log.lines()).isNotEmpty();
        }
    }

    @Test
    void a_cancelled_job_sees_that_it_was_stopped() {
        var inside = new Gate();
        var seen = new AtomicReference<Throwable>();
        var stopped = new AtomicBoolean();
        dispatcher.register(Work.class, (job, context) -> {
            inside.passUninterruptibly("");
            stopped.set(context.isCancelled());
            try {
                context.throwIfCancelled();
            } catch (JobCancelledException thrown) {
                seen.set(thrown);
                throw thrown;
            }
            return "late";
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertThat(stopped).isTrue();
        assertThat(seen.get()).hasMessageContaining(handle.id());
    }

    @Test
    void the_ending_of_a_deaf_job_is_told_although_subscribers_of_other_endings_do_not_return() {
        int stuckOnes = 8;
        var inside = new Gate();
        var arrived = new CountDownLatch(stuckOnes + 1);
        var stuck = new Gate();
        bus.subscribe(JobCancelledEvent.class, event -> {
            if (((Work) event.job()).number() < stuckOnes) stuck.passUninterruptibly("");
        });
        dispatcher.register(Work.class, (job, context) -> {
            arrived.countDown();
            return inside.passUninterruptibly("late");
        });
        var handles = new ArrayList<JobHandle<String>>();
        for (int i = 0; i <= stuckOnes; i++) handles.add(dispatcher.dispatch(new Work(i)));
        Gate.await(arrived, "not all jobs began");
        try (var log = new RecordedLog()) {
            handles.forEach(handle -> handle.cancel("not wanted"));
            time.advance(JobRun.GRACE);
            try {
                for (var handle : handles) handle.await(Duration.ofSeconds(10));
            } catch (TimeoutException | InterruptedException never) {
                throw new AssertionError("an ending was not told while subscribers of others are stuck", never);
            } finally {
                stuck.open();
                inside.open();
            }
            assertThat(log.lines()).hasSizeGreaterThanOrEqualTo(stuckOnes);
        }
    }

    // ---- interrupts reach only whom they are meant for ----

    /** Cancels the job while its thread is inside a subscriber that the given executor reaches. */
    private void assertNoInterruptIn(Gate subscriber, JobHandle<?> handle) {
        subscriber.awaitArrival();
        assertThat(handle.cancel("not wanted")).isTrue();
        subscriber.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
    }

    @Test
    void an_interrupt_does_not_close_the_channel_of_an_audit_subscriber(@TempDir Path folder) throws Exception {
        var inSubscriber = new Gate();
        var blocked = new Gate();
        try (var channel =
                FileChannel.open(folder.resolve("audit.log"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var thrown = new AtomicReference<Throwable>();
            bus.subscribe(JobProgressEvent.class, event -> {
                inSubscriber.passUninterruptibly("");
                try {
                    channel.write(ByteBuffer.wrap(new byte[] {1}));
                } catch (IOException hit) {
                    thrown.set(hit);
                }
            });
            var interrupted = new AtomicBoolean();
            dispatcher.register(Work.class, (job, context) -> {
                context.progress(0.5);
                try {
                    return blocked.pass("never");
                } catch (InterruptedException kept) {
                    interrupted.set(true);
                    throw kept;
                }
            });
            assertNoInterruptIn(inSubscriber, dispatcher.dispatch(new Work(1)));
            assertThat(thrown.get()).isNull();
            assertThat(channel.isOpen()).isTrue();
            assertThat(interrupted).as("the interrupt was kept for the attempt").isTrue();
        }
    }

    /** A subscriber that is interrupted if an interrupt hits it: it waits until the test opens it. */
    private static final class Innocent {
        final Gate gate = new Gate();
        final AtomicBoolean hit = new AtomicBoolean();

        void handle() {
            try {
                gate.pass("");
                if (Thread.currentThread().isInterrupted()) hit.set(true);
            } catch (InterruptedException interrupted) {
                hit.set(true);
            }
        }
    }

    @Test
    void an_interrupt_does_not_hit_a_subscriber_of_an_event_that_the_job_emits_on_the_bus_itself() {
        var subscriber = new Innocent();
        bus.subscribe(Happened.class, event -> subscriber.handle());
        dispatcher.register(Work.class, (job, context) -> {
            bus.emit(new Happened(1));
            return new Gate().pass("never");
        });
        assertNoInterruptIn(subscriber.gate, dispatcher.dispatch(new Work(1)));
        assertThat(subscriber.hit).isFalse();
    }

    @Test
    void an_interrupt_does_not_hit_a_subscriber_of_an_event_that_the_job_emits_through_its_context() {
        var subscriber = new Innocent();
        bus.subscribe(Happened.class, event -> subscriber.handle());
        dispatcher.register(Work.class, (job, context) -> {
            context.emit(new Happened(1));
            return new Gate().pass("never");
        });
        assertNoInterruptIn(subscriber.gate, dispatcher.dispatch(new Work(1)));
        assertThat(subscriber.hit).isFalse();
    }

    @Test
    void an_interrupt_does_not_hit_a_subscriber_of_another_jobs_event_that_the_job_emits() {
        var subscriber = new Innocent();
        var other = new Gate();
        bus.subscribe(TestWork.About.class, event -> subscriber.handle());
        dispatcher.register(Part.class, (job, context) -> other.pass("done"));
        var running = dispatcher.dispatch(new Part(1));
        dispatcher.register(Work.class, (job, context) -> {
            context.emit(new TestWork.About(running.id()));
            return new Gate().pass("never");
        });
        assertNoInterruptIn(subscriber.gate, dispatcher.dispatch(new Work(1)));
        assertThat(subscriber.hit).isFalse();
        other.open();
    }

    @Test
    void an_interrupt_does_not_hit_a_subscriber_of_the_ending_of_a_job_that_the_job_cancels() {
        var queue = new ManualLane();
        var subscriber = new Innocent();
        bus.subscribe(JobCancelledEvent.class, event -> {
            if (event.job() instanceof Part) subscriber.handle();
        });
        var waiting = Dispatcher.builder().bus(bus).worker(queue).build();
        waiting.register(Part.class, (job, context) -> "never");
        var victim = waiting.dispatch(new Part(1));
        dispatcher.register(Work.class, (job, context) -> {
            victim.cancel("by the other job");
            return new Gate().pass("never");
        });
        assertNoInterruptIn(subscriber.gate, dispatcher.dispatch(new Work(1)));
        assertThat(subscriber.hit).isFalse();
    }

    @Test
    void an_interrupt_does_not_hit_the_owners_handler_on_a_lane_that_runs_in_the_caller() {
        var handler = new Innocent();
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            return new Gate().pass("never");
        });
        var owner = new RecordedOrchestrator(dispatcher, bus, Runnable::run);
        owner.onActive = event -> {
            if (event instanceof JobProgressEvent) handler.handle();
        };
        var handle = owner.dispatch(new Work(1));
        assertNoInterruptIn(handler.gate, handle);
        assertThat(handler.hit).isFalse();
    }

    @Test
    void an_interrupt_does_not_hit_a_state_subscriber_on_a_lane_that_runs_in_the_caller() {
        var subscriber = new Innocent();
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            return new Gate().pass("never");
        });
        var owner = new RecordedOrchestrator(dispatcher, bus, Runnable::run);
        owner.onActive = event -> {
            if (event instanceof JobProgressEvent) owner.change(before -> 1);
        };
        owner.onState(state -> {
            if (state == 1) subscriber.handle();
        });
        var handle = owner.dispatch(new Work(1));
        assertNoInterruptIn(subscriber.gate, handle);
        assertThat(subscriber.hit).isFalse();
    }

    @Test
    void an_interrupt_does_not_hit_a_subscriber_of_a_job_that_runs_on_the_thread_of_the_job() {
        var subscriber = new Innocent();
        bus.subscribe(JobProgressEvent.class, event -> subscriber.handle());
        var direct = Dispatcher.builder().bus(bus).worker(Runnable::run).build();
        direct.register(Part.class, (job, context) -> {
            context.progress(0.5);
            return "part";
        });
        dispatcher.register(Work.class, (job, context) -> {
            direct.dispatch(new Part(1));
            return new Gate().pass("never");
        });
        assertNoInterruptIn(subscriber.gate, dispatcher.dispatch(new Work(1)));
        assertThat(subscriber.hit).isFalse();
    }

    @Test
    void the_interrupt_of_a_job_outlives_a_deaf_job_that_ran_on_its_thread() {
        var inPart = new Gate();
        var inWork = new Gate();
        var first = new AtomicBoolean(true);
        var mixed = Dispatcher.builder()
                .bus(bus)
                .worker(task -> {
                    if (first.getAndSet(false)) TestWork.inAnotherThread(task);
                    else task.run();
                })
                .build();
        mixed.register(Part.class, (job, context) -> inPart.passUninterruptibly("late"));
        mixed.register(Work.class, (job, context) -> {
            context.dispatch(new Part(1)); // runs here
            return inWork.pass("never");
        });
        var handle = mixed.dispatch(new Work(1));
        inPart.awaitArrival();
        handle.cancel("not wanted");
        inPart.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertThat(time.pending()).isZero();
    }

    @Test
    void an_interrupt_does_not_hit_a_subscriber_of_the_started_event() {
        var subscriber = new Innocent();
        var ran = new AtomicBoolean();
        bus.subscribe(JobStartedEvent.class, event -> subscriber.handle());
        dispatcher.register(Work.class, (job, context) -> {
            ran.set(true);
            return "never";
        });
        assertNoInterruptIn(subscriber.gate, dispatcher.dispatch(new Work(1)));
        assertThat(subscriber.hit).isFalse();
        assertThat(ran).isFalse();
    }

    @Test
    void an_interrupt_does_not_hit_a_subscriber_of_the_ending() {
        var inside = new Gate();
        var atTheEnd = new AtomicBoolean();
        bus.subscribe(
                TerminalEvent.class,
                event -> atTheEnd.set(Thread.currentThread().isInterrupted()));
        dispatcher.register(Work.class, (job, context) -> inside.passUninterruptibly("late"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        inside.open();
        endingOf(handle);
        dispatcher.close();
        events.awaitTerminalOf(handle.id());
        assertThat(atTheEnd).isFalse();
    }

    @Test
    void the_next_task_of_a_pooled_thread_is_not_interrupted() throws Exception {
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            var pooled = Dispatcher.builder().bus(bus).worker(pool).build();
            var inside = new Gate();
            pooled.register(Work.class, (job, context) -> inside.passUninterruptibly("late"));
            var handle = pooled.dispatch(new Work(1));
            inside.awaitArrival();
            handle.cancel("not wanted");
            inside.open();
            endingOf(handle);
            assertThat(pool.submit(Thread::interrupted).get(30, TimeUnit.SECONDS))
                    .isFalse();
        }
    }

    @Test
    void the_next_tasks_of_pooled_threads_are_never_interrupted_when_cancel_and_completion_race() {
        var hits = new AtomicInteger();
        int rounds = 5_000;
        var handles = new AtomicReferenceArray<JobHandle<String>>(rounds);
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            try (var quiet = SignalBus.scoped()) {
                var racing = Dispatcher.builder()
                        .bus(quiet)
                        .worker(task -> pool.execute(() -> {
                            if (Thread.interrupted()) hits.incrementAndGet();
                            task.run();
                            if (Thread.interrupted()) hits.incrementAndGet();
                        }))
                        .build();
                quiet.subscribe(JobEvent.class, event -> {
                    if (Thread.currentThread().isInterrupted()) hits.incrementAndGet();
                });
                racing.register(Work.class, (job, context) -> {
                    for (int i = job.number() % 60; i > 0; i--) {
                        if (i % 7 == 0) context.progress(0.5);
                        Thread.onSpinWait();
                    }
                    return "done";
                });
                Together.run(rounds, round -> handles.set(round, racing.dispatch(new Work(round))), round -> {
                    TestWork.until(() -> handles.get(round) != null, "it was never dispatched");
                    for (int i = round % 41; i > 0; i--) Thread.onSpinWait();
                    handles.get(round).cancel("round " + round);
                    endingOf(handles.get(round));
                });
            }
        }
        assertThat(hits).hasValue(0);
    }

    @Test
    void an_interrupt_that_somebody_else_sent_stays() throws Exception {
        var afterwards = new CompletableFuture<Boolean>();
        var inSubscriber = new AtomicBoolean();
        var direct = Dispatcher.builder()
                .bus(bus)
                .worker(task -> TestWork.inAnotherThread(() -> {
                    task.run();
                    afterwards.complete(Thread.currentThread().isInterrupted());
                }))
                .build();
        bus.subscribe(
                JobProgressEvent.class,
                event -> inSubscriber.set(Thread.currentThread().isInterrupted()));
        direct.register(Work.class, (job, context) -> {
            Thread.currentThread().interrupt();
            context.progress(0.5);
            return "done";
        });
        var handle = direct.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(TestWork.valueOf(afterwards)).isTrue();
        assertThat(inSubscriber).isTrue();
    }

    // ---- waiting ----

    @Test
    void a_wait_that_is_over_is_not_the_ending() throws Exception {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = dispatcher.dispatch(new Work(1));
        assertThatThrownBy(() -> handle.await(Duration.ofMillis(1)))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining(handle.id())
                .hasMessageContaining("goes on");
        assertThatThrownBy(() -> handle.await(Duration.ZERO)).isInstanceOf(TimeoutException.class);
        inside.open();
        assertThat(handle.await(LIMIT)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(handle.await(Duration.ZERO)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void an_interrupt_of_a_thread_that_awaits_leaves_the_job_alone() throws Exception {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = dispatcher.dispatch(new Work(1));
        var waiting = new CompletableFuture<Throwable>();
        var waiter = Thread.ofPlatform().start(() -> {
            try {
                handle.await(LIMIT);
                waiting.complete(null);
            } catch (Throwable thrown) {
                waiting.complete(thrown);
            }
        });
        waiter.interrupt();
        assertThat(TestWork.valueOf(waiting)).isInstanceOf(InterruptedException.class);
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void run_gives_the_value() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        assertThat(dispatcher.run(new Work(1))).isEqualTo("done");
    }

    @Test
    void run_throws_the_jobs_own_error() {
        var error = new IOException("the job's own");
        dispatcher.register(Work.class, (job, context) -> {
            throw error;
        });
        assertThatThrownBy(() -> dispatcher.run(new Work(1))).isSameAs(error);
    }

    @Test
    void run_says_that_the_job_was_cancelled() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var cancelling = TestWork.inAnotherThread(() -> {
            inside.awaitArrival();
            bus.runs().all().forEach(run -> run.cancel("not wanted"));
        });
        assertThatThrownBy(() -> dispatcher.run(new Work(1)))
                .isInstanceOfSatisfying(
                        JobCancelledException.class,
                        it -> assertThat(it.reason()).isEqualTo("not wanted"));
        TestWork.valueOf(cancelling);
    }

    @Test
    void an_interrupt_of_the_thread_that_runs_a_job_cancels_it() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var thrown = new CompletableFuture<Throwable>();
        var runner = Thread.ofPlatform().start(() -> {
            try {
                dispatcher.run(new Work(1));
                thrown.complete(null);
            } catch (Throwable it) {
                thrown.complete(it);
            }
        });
        inside.awaitArrival();
        runner.interrupt();
        assertThat(TestWork.valueOf(thrown)).isInstanceOf(InterruptedException.class);
        events.await(JobCancelledEvent.class::isInstance);
        assertThat(events.of(JobCancelledEvent.class))
                .singleElement()
                .satisfies(it -> assertThat(it.reason()).contains("interrupted"));
    }
}
