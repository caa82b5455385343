package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P1, P7, P11: a user's code that is told of an ending and does not return holds up no other job. */
class HangingUsersTest {
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher =
            Dispatcher.builder().bus(bus).limit(RunLimit.of(1).orQueue(10)).build();
    private final Gate hanging = new Gate();

    @AfterEach
    void letGo() {
        hanging.open();
        valueOf(inAnotherThread(dispatcher::close));
        bus.close();
    }

    private <E extends TerminalEvent> void hangAt(Class<E> type) {
        bus.subscribe(type, event -> hanging.passUninterruptibly(""));
    }

    @Test
    void a_subscriber_that_hangs_on_an_ending_holds_no_slot() {
        dispatcher.register(Work.class, (job, context) -> "done " + job.number());
        hangAt(JobSuccessEvent.class);
        dispatcher.dispatch(new Work(1));
        hanging.awaitArrival();
        assertThat(endingOf(dispatcher.dispatch(new Work(2)))).isEqualTo(new JobResult.Success<>("done 2"));
    }

    @Test
    void what_is_attached_to_a_result_may_dispatch_and_wait_at_a_limit_of_one() {
        dispatcher.register(Work.class, (job, context) -> "done " + job.number());
        var second = new CompletableFuture<String>();
        dispatcher.dispatch(new Work(1)).result().thenAccept(first -> {
            try {
                second.complete(dispatcher.run(new Work(2)));
            } catch (Exception thrown) {
                second.completeExceptionally(thrown);
            }
        });
        assertThat(valueOf(second)).isEqualTo("done 2");
    }

    @Test
    void a_subscriber_that_hangs_on_a_childs_ending_does_not_stop_the_retry_of_its_parent() {
        var attempts = new AtomicInteger();
        var inside = new Gate();
        dispatcher.register(Part.class, (job, context) -> inside.pass("never"));
        dispatcher.register(Work.class, (job, context) -> {
            if (attempts.incrementAndGet() == 2) return "done";
            context.dispatch(new Part(1));
            inside.awaitArrival();
            throw new IOException("first");
        });
        hangAt(JobCancelledEvent.class);
        var handle = dispatcher.dispatch(
                new Work(1),
                JobOptions.builder()
                        .retry(RetryPolicy.fixed(2, Duration.ofNanos(1)))
                        .build());
        hanging.awaitArrival();
        TestWork.until(
                () -> {
                    time.advance(Duration.ofNanos(1));
                    return attempts.get() == 2;
                },
                "there was no second attempt");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void a_subscriber_that_hangs_on_the_ending_of_one_that_waited_does_not_stop_the_closing() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var handles = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < 3; i++) handles.add(dispatcher.dispatch(new Work(i)));
        inside.awaitArrival();
        hangAt(JobCancelledEvent.class);
        var closing = inAnotherThread(dispatcher::close);
        hanging.awaitArrival();
        assertThat(endingOf(handles.get(1))).isInstanceOf(JobResult.Cancelled.class);
        assertThat(endingOf(handles.get(2))).isInstanceOf(JobResult.Cancelled.class);
        TestWork.until(() -> time.pending() > 0, "the closing waits for nothing");
        time.advance(JobRun.GRACE);
        assertThat(endingOf(handles.get(0))).isInstanceOf(JobResult.Cancelled.class);
        valueOf(closing);
    }

    @Test
    void a_token_cancels_all_its_running_jobs_although_one_that_is_told_first_hangs() {
        var unlimited = Dispatcher.create(bus);
        var queue = new ManualLane();
        var inside = new AtomicInteger();
        unlimited.register(
                Part.class,
                (job, context) -> "never",
                JobOptions.builder().worker(queue).build());
        unlimited.register(Work.class, (job, context) -> {
            inside.incrementAndGet();
            return new Gate().pass("never");
        });
        var token = new CancellationToken();
        var options = JobOptions.builder().token(token).build();
        unlimited.dispatch(new Part(1), options);
        var running = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < 20; i++) running.add(unlimited.dispatch(new Work(i), options));
        TestWork.until(() -> inside.get() == 20, "not all are running");
        bus.subscribe(JobCancelledEvent.class, event -> {
            if (event.job() instanceof Part) hanging.passUninterruptibly("");
        });
        var cancelling = inAnotherThread(() -> token.cancel("enough"));
        for (var handle : running) assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        assertThat(cancelling).isNotDone();
        hanging.open();
        valueOf(cancelling);
        assertThat(token.size()).isZero();
    }

    @Test
    void a_tree_of_children_is_cancelled_however_deep_it_is() {
        int depth = 3_000;
        var unlimited = Dispatcher.create(bus);
        var handles = new ConcurrentLinkedQueue<JobHandle<String>>();
        var reached = new AtomicReference<JobHandle<String>>();
        unlimited.register(Work.class, (job, context) -> {
            if (job.number() == depth) return new Gate().pass("never");
            JobHandle<String> child = context.dispatch(new Work(job.number() + 1));
            handles.add(child);
            if (job.number() == depth - 1) reached.set(child);
            return child.await(TestWork.LIMIT).orThrow();
        });
        var root = unlimited.dispatch(new Work(0));
        TestWork.until(() -> reached.get() != null, "the tree did not grow");
        root.cancel("enough");
        assertThat(endingOf(root)).isEqualTo(new JobResult.Cancelled<>("enough"));
        for (var handle : handles) assertThat(endingOf(handle)).isInstanceOf(JobResult.Cancelled.class);
        TestWork.until(() -> time.pending() == 0, "a grace is left");
    }
}
