package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** P7, P8: the children of a failed attempt are cancelled, and the next attempt begins when they are down. */
class RetriedChildrenTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** Standard threads, of which those for timers start when the test says so. */
    private static final class Threading implements Threads {
        final ConcurrentLinkedQueue<Runnable> held = new ConcurrentLinkedQueue<>();
        volatile boolean holdTellers;

        @Override
        public void start(Role role, String name, Runnable task) {
            if (role == Role.TELLER && holdTellers) held.add(task);
            else Threads.standard().start(role, name, task);
        }

        @Override
        public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
            return Threads.standard().await(stage, limit);
        }
    }

    /** Counts the delays before the next attempt: the only timers of a second. */
    private final class Watched extends ClockAround {
        Watched(VirtualTime time) {
            super(time);
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            Timer timer = super.schedule(delay, task);
            if (delay.equals(SECOND)) delays.incrementAndGet();
            return timer;
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger delays = new AtomicInteger();
    private final Threading threads = new Threading();
    private final SignalBus bus =
            SignalBus.builder().time(new Watched(time)).threads(threads).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();
    private final AtomicInteger attempts = new AtomicInteger();
    private final List<JobHandle<String>> children = new CopyOnWriteArrayList<>();
    private final IOException first = new IOException("first");

    RetriedChildrenTest() {
        bus.subscribe(JobEvent.class, events);
    }

    private static JobOptions retrying() {
        return JobOptions.builder().retry(RetryPolicy.fixed(2, SECOND)).build();
    }

    /** Waits for the delay alone: a child that has left may still have the timer of its grace for a moment. */
    private void awaitDelay() {
        TestWork.until(() -> delays.get() == 1 && time.pending() == 1, "there is no delay");
    }

    private void awaitTimers(int count) {
        TestWork.until(() -> time.pending() == count, "there are not " + count + " timers");
    }

    /** A parent whose first attempt dispatches a child, awaits its arrival and fails; the second one succeeds. */
    private JobHandle<String> parentOfChildIn(Gate gate, JobOptions options) {
        dispatcher.register(Work.class, (job, context) -> {
            attempts.incrementAndGet();
            if (context.attempt() > 1) return "second";
            children.add(context.dispatch(
                    new Part(1), JobOptions.builder().grace(HOUR).build()));
            gate.awaitArrival();
            throw first;
        });
        return dispatcher.dispatch(new Work(1), options);
    }

    private String cancelledWith(JobHandle<?> parent) {
        return "an attempt of its parent job " + parent.id() + " failed";
    }

    @Test
    void the_next_attempt_waits_for_a_child_that_does_not_leave_although_its_delay_is_over() {
        var deaf = new Gate();
        dispatcher.register(Part.class, (job, context) -> deaf.passUninterruptibly("late"));
        var parent = parentOfChildIn(deaf, retrying());
        awaitTimers(2); // the delay, and the child's grace
        time.advance(SECOND.multipliedBy(10));
        assertThat(attempts).hasValue(1);
        assertThat(parent.result().toCompletableFuture()).isNotDone();
        deaf.open();
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Success<>("second"));
        assertThat(endingOf(children.getFirst())).isEqualTo(new JobResult.Cancelled<>(cancelledWith(parent)));
        events.awaitTerminalOf(children.getFirst().id());
        assertThat(time.pending()).isZero();
    }

    @Test
    void the_next_attempt_waits_for_its_delay_although_the_child_has_left() {
        var polite = new Gate();
        dispatcher.register(Part.class, (job, context) -> polite.pass("never"));
        var parent = parentOfChildIn(polite, retrying());
        events.await(JobCancelledEvent.class::isInstance);
        awaitDelay();
        time.advance(SECOND.minusNanos(1));
        assertThat(attempts).hasValue(1);
        time.advance(Duration.ofNanos(1));
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Success<>("second"));
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_cancel_ends_the_wait_for_a_child_at_once() {
        var deaf = new Gate();
        dispatcher.register(Part.class, (job, context) -> deaf.passUninterruptibly("late"));
        var parent = parentOfChildIn(deaf, retrying());
        awaitTimers(2);
        time.advance(SECOND);
        awaitTimers(1); // the child's grace
        assertThat(parent.cancel("enough")).isTrue();
        assertThat(parent.result()).isCompletedWithValue(new JobResult.Cancelled<>("enough"));
        deaf.open();
        endingOf(children.getFirst());
        events.awaitTerminalOf(children.getFirst().id());
        assertThat(attempts).hasValue(1);
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_child_that_does_not_leave_keeps_nothing_of_a_parent_that_ended_meanwhile() {
        var deaf = new Gate();
        dispatcher.register(Part.class, (job, context) -> deaf.passUninterruptibly("late"));
        var parent = parentOfChildIn(deaf, retrying());
        awaitTimers(2);
        var run = runOf(parent);
        parent.cancel("enough");
        MemoryTest.assertCollected(run, "the run of the parent");
        deaf.open();
        endingOf(children.getFirst());
    }

    private WeakReference<JobRun<?>> runOf(JobHandle<?> handle) {
        return bus.runs().all().stream()
                .filter(run -> run.id().equals(handle.id()))
                .map(run -> new WeakReference<JobRun<?>>(run))
                .findAny()
                .orElseThrow();
    }

    @Test
    void a_refused_result_cancels_the_children_too() {
        var polite = new Gate();
        dispatcher.register(Part.class, (job, context) -> polite.pass("never"));
        dispatcher.register(Work.class, (job, context) -> {
            if (context.attempt() > 1) return "second";
            children.add(context.dispatch(new Part(1)));
            polite.awaitArrival();
            return "refused";
        });
        var policy = RetryPolicy.fixed(2, SECOND).retryOnResult("refused"::equals);
        var parent = dispatcher.dispatch(
                new Work(1), JobOptions.builder().retry(policy).build());
        events.await(JobCancelledEvent.class::isInstance);
        assertThat(endingOf(children.getFirst())).isEqualTo(new JobResult.Cancelled<>(cancelledWith(parent)));
        awaitDelay();
        time.advance(SECOND);
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Success<>("second"));
    }

    @Test
    void the_children_of_a_parent_whose_last_attempt_succeeded_go_on() {
        var inside = new Gate();
        dispatcher.register(Part.class, (job, context) -> inside.pass("done"));
        dispatcher.register(Work.class, (job, context) -> {
            if (context.attempt() == 1) throw first;
            children.add(context.dispatch(new Part(1)));
            inside.awaitArrival();
            return "second";
        });
        var parent = dispatcher.dispatch(new Work(1), retrying());
        awaitTimers(1);
        time.advance(SECOND);
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Success<>("second"));
        inside.open();
        assertThat(endingOf(children.getFirst())).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void the_children_of_an_attempt_whose_time_is_up_are_cancelled_before_its_code_leaves() {
        var deafParent = new Gate();
        var polite = new Gate();
        dispatcher.register(Part.class, (job, context) -> polite.pass("never"));
        dispatcher.register(Work.class, (job, context) -> {
            if (context.attempt() > 1) return "second";
            children.add(context.dispatch(new Part(1)));
            return deafParent.passUninterruptibly("too late");
        });
        var options = JobOptions.builder()
                .attemptTimeout(SECOND)
                .retry(RetryPolicy.fixed(2, SECOND))
                .build();
        var parent = dispatcher.dispatch(new Work(1), options);
        deafParent.awaitArrival();
        polite.awaitArrival();
        time.advance(SECOND);
        assertThat(endingOf(children.getFirst()))
                .isEqualTo(new JobResult.Cancelled<>(
                        "the time of an attempt of its parent job " + parent.id() + " is up"));
        events.awaitTerminalOf(children.getFirst().id());
        deafParent.open();
        awaitTimers(1);
        time.advance(SECOND);
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Success<>("second"));
        assertThat(time.pending()).isZero();
    }

    @Test
    void the_children_of_the_next_attempt_are_not_those_of_the_one_whose_time_was_up() {
        var inside = new Gate();
        var ofSecond = new Gate();
        dispatcher.register(Part.class, (job, context) -> job.number() == 1 ? "done" : ofSecond.pass("done"));
        dispatcher.register(Work.class, (job, context) -> {
            children.add(context.dispatch(new Part(context.attempt())));
            if (context.attempt() == 1) return inside.pass("never");
            ofSecond.awaitArrival();
            return TestWork.valueOf(children.getLast().result()).orThrow();
        });
        var options = JobOptions.builder()
                .attemptTimeout(SECOND)
                .retry(RetryPolicy.fixed(2, Duration.ZERO))
                .build();
        var parent = dispatcher.dispatch(new Work(1), options);
        inside.awaitArrival();
        endingOf(children.getFirst());
        threads.holdTellers = true;
        time.advance(SECOND);
        awaitTimers(1);
        time.advance(Duration.ZERO);
        ofSecond.awaitArrival();
        threads.holdTellers = false;
        threads.held.forEach(Runnable::run); // so late comes the thread that the timer asked for
        ofSecond.open();
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void a_child_that_waits_for_its_own_retry_holds_nobody_up() {
        dispatcher.register(Part.class, (job, context) -> {
            throw first;
        });
        dispatcher.register(Work.class, (job, context) -> {
            if (context.attempt() > 1) return "second";
            var child = context.dispatch(
                    new Part(1),
                    JobOptions.builder().retry(RetryPolicy.fixed(2, HOUR)).build());
            children.add(child);
            awaitTimers(1);
            throw first;
        });
        var parent = dispatcher.dispatch(new Work(1), retrying());
        assertThat(TestWork.valueOf(awaitChild().result())).isInstanceOf(JobResult.Cancelled.class);
        awaitTimers(1);
        time.advance(SECOND);
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Success<>("second"));
        assertThat(time.pending()).isZero();
    }

    private JobHandle<String> awaitChild() {
        TestWork.until(() -> !children.isEmpty(), "no child was dispatched");
        return children.getFirst();
    }

    @Test
    void a_child_dispatched_as_the_attempt_fails_is_refused_or_down_before_the_next_attempt() {
        var running = new AtomicInteger();
        var overlaps = new AtomicInteger();
        dispatcher.register(Part.class, (job, context) -> {
            running.incrementAndGet();
            try {
                return new Gate().pass("never");
            } finally {
                running.decrementAndGet();
            }
        });
        int rounds = 300;
        var helpers = new CopyOnWriteArrayList<CompletionStage<Void>>();
        dispatcher.register(Work.class, (job, context) -> {
            if (context.attempt() > 1) {
                overlaps.addAndGet(running.get());
                return "second";
            }
            var ready = new Gate();
            helpers.add(TestWork.inAnotherThread(() -> {
                ready.open();
                for (int i = 0; i < job.number() % 50; i++) Thread.onSpinWait();
                try {
                    context.dispatch(new Part(1));
                } catch (IllegalStateException refused) {
                    // it came too late
                }
            }));
            ready.pass("");
            throw first;
        });
        for (int round = 0; round < rounds; round++) {
            var parent = dispatcher.dispatch(
                    new Work(round),
                    JobOptions.builder()
                            .retry(RetryPolicy.fixed(2, Duration.ZERO))
                            .build());
            TestWork.until(
                    () -> {
                        time.advance(Duration.ZERO);
                        return parent.result().toCompletableFuture().isDone();
                    },
                    "the second attempt never came");
        }
        helpers.forEach(TestWork::valueOf);
        assertThat(overlaps).hasValue(0);
        TestWork.until(() -> bus.runs().kept() == 0 && time.pending() == 0, "something is left");
    }
}
