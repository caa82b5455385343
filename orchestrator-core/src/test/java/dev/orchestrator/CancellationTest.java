package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P7: tokens, closeables and orchestrators cancel what is theirs and nothing else, and keep nothing of it (P10). */
class CancellationTest {
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    CancellationTest() {
        bus.subscribe(JobEvent.class, events);
    }

    private static JobOptions with(CancellationToken token) {
        return JobOptions.builder().token(token).build();
    }

    // ---- tokens ----

    @Test
    void a_job_that_ends_does_not_deafen_the_others_of_its_token() {
        var inside = new Gate();
        dispatcher.register(Part.class, (job, context) -> "done");
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var token = new CancellationToken();
        var running = dispatcher.dispatch(new Work(1), with(token));
        inside.awaitArrival();
        for (int i = 0; i < 10; i++) endingOf(dispatcher.dispatch(new Part(i), with(token)));
        assertThat(token.size()).isOne();
        assertThat(token.cancel("enough")).isTrue();
        assertThat(endingOf(running)).isEqualTo(new JobResult.Cancelled<>("enough"));
        assertThat(token.size()).isZero();
    }

    @Test
    void a_job_dispatched_with_a_cancelled_token_never_starts_and_is_told_once() {
        var ran = new AtomicBoolean();
        dispatcher.register(Work.class, (job, context) -> {
            ran.set(true);
            return "never";
        });
        var token = new CancellationToken();
        token.cancel("too late");
        var handle = dispatcher.dispatch(new Work(1), with(token));
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Cancelled<>("too late"));
        dispatcher.close();
        assertThat(ran).isFalse();
        assertThat(events.ofJob(handle.id()))
                .singleElement()
                .isInstanceOfSatisfying(
                        JobCancelledEvent.class,
                        event -> assertThat(event.attempts()).isZero());
        assertThat(token.size()).isZero();
        assertThat(token.cancel("again")).isFalse();
        assertThat(token.reason()).contains("too late");
        assertThatThrownBy(token::throwIfCancelled)
                .isInstanceOf(JobCancelledException.class)
                .hasMessageContaining("too late");
    }

    @Test
    void a_token_keeps_nothing_and_loses_nobody_when_jobs_end_while_it_is_cancelled() {
        int rounds = 2_000;
        dispatcher.register(Work.class, (job, context) -> "done");
        var tokens = IntStream.range(0, rounds)
                .mapToObj(i -> new CancellationToken())
                .toList();
        var handles = new CopyOnWriteArrayList<JobHandle<String>>();
        Together.run(
                rounds,
                round -> handles.add(dispatcher.dispatch(new Work(round), with(tokens.get(round)))),
                round -> tokens.get(round).cancel("raced"));
        for (var handle : handles) endingOf(handle);
        assertThat(handles).hasSize(rounds);
        for (var handle : handles) events.awaitTerminalOf(handle.id());
        for (var handle : handles) assertThat(events.terminalOf(handle.id())).hasSize(1);
        TestWork.until(() -> tokens.stream().allMatch(token -> token.size() == 0), "a token keeps a job");
        assertThat(time.pending()).isZero();
    }

    // ---- closeables ----

    @Test
    void what_the_code_wants_closed_is_closed_once_on_a_thread_of_ours_and_ends_a_wait_that_knows_no_interrupt() {
        var inside = new Gate();
        var closers = new CopyOnWriteArrayList<String>();
        dispatcher.register(Work.class, (job, context) -> {
            var socket = new CompletableFuture<String>();
            context.onCancel(() -> {
                closers.add(Thread.currentThread().getName());
                socket.complete("closed");
            });
            inside.open();
            return socket.join(); // deaf to the interrupt: only what is closed ends it
        });
        var handle = dispatcher.dispatch(
                new Work(1),
                JobOptions.builder()
                        .worker(task -> Thread.ofPlatform().daemon().start(task))
                        .build());
        inside.passUninterruptibly("");
        handle.cancel("enough");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        assertThat(closers).singleElement().asString().startsWith("orchestrator-teller");
    }

    @Test
    void what_was_taken_back_or_belongs_to_a_job_that_ended_well_is_not_closed() {
        var closed = new AtomicInteger();
        dispatcher.register(Work.class, (job, context) -> {
            context.onCancel(closed::incrementAndGet);
            context.onCancel(closed::incrementAndGet).close();
            return "done";
        });
        var handle = dispatcher.dispatch(new Work(1));
        endingOf(handle);
        assertThat(handle.cancel("too late")).isFalse();
        dispatcher.close();
        assertThat(closed).hasValue(0);
    }

    @Test
    void what_is_given_after_the_stop_is_closed_at_once_and_one_that_throws_or_hangs_holds_up_nobody() {
        var inside = new Gate();
        var hanging = new Gate();
        var late = new CompletableFuture<String>();
        dispatcher.register(Work.class, (job, context) -> {
            context.onCancel(() -> {
                throw new IOException("on purpose");
            });
            context.onCancel(() -> hanging.passUninterruptibly(""));
            inside.passUninterruptibly("");
            context.onCancel(() -> late.complete("closed at once"));
            return "late";
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("enough");
        hanging.awaitArrival();
        inside.open();
        assertThat(valueOf(late)).isEqualTo("closed at once");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        hanging.open();
    }

    @Test
    void the_code_sees_that_it_was_stopped() {
        var inside = new Gate();
        var seen = new CompletableFuture<Boolean>();
        dispatcher.register(Work.class, (job, context) -> {
            context.throwIfCancelled();
            inside.passUninterruptibly("");
            seen.complete(context.isCancelled());
            context.throwIfCancelled();
            return "late";
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("enough");
        inside.open();
        assertThat(valueOf(seen)).isTrue();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
    }

    // ---- orchestrators ----

    @Test
    void an_orchestrator_cancels_one_of_its_jobs_by_id_or_all_of_them_children_included() {
        dispatcher.register(Part.class, (job, context) -> new Gate().pass("never"));
        var child = new CompletableFuture<JobHandle<String>>();
        dispatcher.register(Work.class, (job, context) -> {
            if (job.number() == 1) child.complete(context.dispatch(new Part(1)));
            return new Gate().pass("never");
        });
        var lane = new ManualLane();
        var owner = new RecordedOrchestrator(dispatcher, bus, lane);
        var first = owner.dispatch(new Work(1));
        var second = owner.dispatch(new Work(2));
        var childOfFirst = valueOf(child);
        assertThat(owner.cancel("nobody")).isFalse();
        assertThat(owner.cancel(second.id(), "this one")).isTrue();
        assertThat(endingOf(second)).isEqualTo(new JobResult.Cancelled<>("this one"));
        assertThat(owner.cancelAll("all")).isBetween(1, 2); // the child is cancelled with its parent, or before
        assertThat(endingOf(first)).isEqualTo(new JobResult.Cancelled<>("all"));
        assertThat(endingOf(childOfFirst)).isInstanceOf(JobResult.Cancelled.class);
        assertThatThrownBy(() -> owner.cancelAll(" ")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closing_with_cancellation_stops_the_jobs_and_handles_none_of_their_endings() {
        var queue = new ManualLane();
        dispatcher.register(
                Part.class,
                (job, context) -> "never",
                JobOptions.builder().worker(queue).build());
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var lane = new ManualLane();
        var owner = new RecordedOrchestrator(dispatcher, bus, lane);
        var running = owner.dispatch(new Work(1));
        var waiting = owner.dispatch(new Part(1));
        inside.awaitArrival();
        lane.runAll();
        owner.close(CancelRunning.YES);
        for (var handle : List.of(running, waiting))
            assertThat(endingOf(handle))
                    .isInstanceOfSatisfying(
                            JobResult.Cancelled.class,
                            ending -> assertThat(ending.reason()).contains("was closed"));
        lane.runAll();
        assertThat(owner.active()).noneMatch(TerminalEvent.class::isInstance);
    }

    @Test
    void closing_without_cancellation_lets_the_jobs_go_on() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var owner = new RecordedOrchestrator(dispatcher, bus, new ManualLane());
        var running = owner.dispatch(new Work(1));
        inside.awaitArrival();
        owner.close(CancelRunning.NO);
        inside.open();
        assertThat(endingOf(running)).isEqualTo(new JobResult.Success<>("done"));
    }

    // ---- the total time ----

    @Test
    void timeout_cancel_completion_and_closing_race_and_one_ending_is_told() {
        int rounds = 1_000;
        dispatcher.register(
                Work.class,
                (job, context) -> "done",
                JobOptions.builder()
                        .timeout(Duration.ofNanos(1))
                        .grace(Duration.ofNanos(1))
                        .build());
        var handles = IntStream.range(0, rounds)
                .mapToObj(i -> new CompletableFuture<JobHandle<String>>())
                .toList();
        Together.run(
                rounds,
                round -> handles.get(round).complete(dispatcher.dispatch(new Work(round))),
                round -> time.advance(Duration.ofNanos(1)),
                round -> valueOf(handles.get(round)).cancel("raced"));
        for (var each : handles) {
            var handle = valueOf(each);
            endingOf(handle);
            events.awaitTerminalOf(handle.id());
            assertThat(events.terminalOf(handle.id())).hasSize(1);
        }
        TestWork.until(() -> time.pending() == 0, "a timer is left");
    }

    @Test
    void a_hundred_thousand_pending_timeouts_need_one_thread_and_go_at_once() {
        try (var real = SignalBus.scoped();
                var many = Dispatcher.create(real)) {
            many.registerAsync(
                    Work.class,
                    (job, context) -> new CompletableFuture<>(),
                    JobOptions.builder().timeout(Duration.ofHours(1)).build());
            var handles = IntStream.range(0, 100_000)
                    .mapToObj(i -> many.dispatch(new Work(i)))
                    .toList();
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("orchestrator-timer"))
                    .hasSize(1);
            for (var handle : handles) handle.cancel("enough");
            for (var handle : handles) assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        }
    }
}
