package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P6, fine print: idle is no active job, an empty mailbox, and the last state offered to its subscribers. */
class IdleTest {
    private record Work(Gate gate) implements Job<String> {}

    private record Quick() implements Job<String> {}

    private record Noticed(int number) implements Event {}

    private static final Duration LONG = Duration.ofSeconds(30); // how a broken test ends

    private static final class Worker extends BaseOrchestrator<Integer> {
        volatile Runnable onEvent = () -> {};

        Worker(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            declare();
        }

        Worker(Dispatcher dispatcher, SignalBus bus, Executor lane) {
            super(0, dispatcher, bus, lane);
            declare();
        }

        private void declare() {
            observe(Noticed.class, event -> handle());
            on(Work.class).ended((job, result) -> handle());
            on(Quick.class).ended((job, result) -> handle());
        }

        private void handle() {
            onEvent.run();
            update(count -> count + 1);
        }

        void later(Runnable task) {
            onLane(task);
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    {
        dispatcher.register(Work.class, (job, context) -> job.gate().pass("done"));
        dispatcher.register(Quick.class, (job, context) -> "done");
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private static boolean isDone(CompletionStage<?> stage) {
        return stage.toCompletableFuture().isDone();
    }

    @Test
    void one_that_has_nothing_to_do_is_idle() throws Exception {
        try (var worker = new Worker(dispatcher, bus)) {
            worker.awaitIdle(LONG);
            assertThat(worker.state()).isZero();
        }
    }

    @Test
    void it_is_not_idle_while_a_job_is_active() {
        var gate = new Gate();
        var lane = new ManualLane();
        var worker = new Worker(dispatcher, bus, lane);
        JobHandle<String> handle = worker.dispatch(new Work(gate));
        gate.awaitArrival();
        CompletionStage<Void> idle = worker.idle();
        lane.runAll();
        assertThat(isDone(idle)).isFalse();
        gate.open();
        handle.result().toCompletableFuture().join();
        assertThat(isDone(idle)).as("the ending waits in the mailbox").isFalse();
        lane.runAll();
        assertThat(isDone(idle)).isTrue();
        assertThat(worker.state()).isEqualTo(1);
    }

    @Test
    void a_child_counts() throws Exception {
        record Parent(Gate gateOfChild) implements Job<Void> {}
        dispatcher.register(Parent.class, (job, context) -> {
            context.dispatch(new Work(job.gateOfChild()));
            return null;
        });
        var gate = new Gate();
        try (var worker = new Worker(dispatcher, bus)) {
            worker.dispatch(new Parent(gate)).await(LONG);
            gate.awaitArrival();
            CompletionStage<Void> idle = worker.idle();
            assertThat(worker.hasActiveJobs()).isTrue();
            assertThat(isDone(idle)).isFalse();
            gate.open();
            worker.awaitIdle(LONG);
            assertThat(worker.state()).as("the child's ending was handled").isEqualTo(1);
        }
    }

    @Test
    void it_is_not_idle_while_an_event_waits() {
        var lane = new ManualLane();
        var worker = new Worker(dispatcher, bus, lane);
        worker.start();
        lane.runAll();
        bus.emit(new Noticed(1));
        CompletionStage<Void> idle = worker.idle();
        assertThat(isDone(idle)).isFalse();
        lane.runAll();
        assertThat(isDone(idle)).isTrue();
        assertThat(worker.state()).isEqualTo(1);
    }

    @Test
    void the_last_state_was_offered_when_it_is_idle() {
        var lane = new ManualLane();
        var worker = new Worker(dispatcher, bus, lane);
        var seen = new ArrayList<Integer>();
        worker.onState(seen::add);
        bus.emit(new Noticed(1));
        var seenWhenIdle = new AtomicReference<List<Integer>>();
        worker.idle().thenRun(() -> seenWhenIdle.set(List.copyOf(seen)));
        lane.runAll();
        assertThat(seenWhenIdle.get()).endsWith(1);
    }

    @Test
    void it_is_idle_after_a_handler_that_took_a_whole_turn() {
        var lane = new ManualLane();
        var gate = new Gate();
        var worker = new Worker(dispatcher, bus, lane);
        worker.onEvent = () -> time.advance(Duration.ofMillis(20)); // longer than a turn may last
        JobHandle<String> handle = worker.dispatch(new Work(gate));
        CompletionStage<Void> idle = worker.idle();
        gate.open();
        handle.result().toCompletableFuture().join();
        lane.runAll();
        assertThat(worker.state()).isEqualTo(1);
        assertThat(isDone(idle)).isTrue();
    }

    @Test
    void it_is_idle_after_a_turn_that_handled_as_much_as_a_turn_may() {
        for (int events = 250; events < 260; events++) {
            var lane = new ManualLane();
            var gate = new Gate();
            try (var worker = new Worker(dispatcher, bus, lane)) {
                JobHandle<String> handle = worker.dispatch(new Work(gate));
                CompletionStage<Void> idle = worker.idle();
                for (int i = 0; i < events; i++) bus.emit(new Noticed(i));
                gate.open();
                handle.result().toCompletableFuture().join();
                lane.runAll();
                assertThat(isDone(idle)).as("after %d events", events).isTrue();
            }
        }
    }

    @Test
    void it_is_not_idle_while_an_event_in_its_mailbox_is_still_being_offered_to_others() {
        var offering = new Gate();
        try (var own = SignalBus.scoped();
                var ownDispatcher = Dispatcher.create(own)) {
            var lane = new ManualLane();
            var first = new Worker(ownDispatcher, own, lane);
            first.start();
            lane.runAll();
            own.interest().add(Noticed.class, new SlowListener(offering));
            var emitting = Thread.ofVirtual().start(() -> own.emit(new Noticed(1)));
            offering.awaitArrival(); // the event is in the first mailbox, and just on its way into the second
            CompletionStage<Void> idle = first.idle();
            lane.runAll();
            assertThat(isDone(idle)).isFalse();
            offering.open();
            joined(emitting);
            lane.runAll();
            assertThat(isDone(idle)).isTrue();
            assertThat(first.state()).isEqualTo(1);
        }
    }

    @Test
    void whoever_waits_after_a_dispatch_finds_the_job_handled_though_a_turn_is_just_ending() throws Exception {
        try (var worker = new Worker(dispatcher, bus)) {
            for (int round = 1; round <= 20_000; round++) {
                worker.later(() -> {}); // its turn may just find nothing left to do
                worker.dispatch(new Quick());
                worker.awaitIdle(LONG);
                assertThat(worker.hasActiveJobs()).isFalse();
                assertThat(worker.state()).isEqualTo(round);
            }
        }
    }

    @Test
    void a_wait_that_is_over_first_names_what_is_under_way() {
        var gate = new Gate();
        try (var worker = new Worker(dispatcher, bus)) {
            JobHandle<String> handle = worker.dispatch(new Work(gate));
            gate.awaitArrival();
            assertThatThrownBy(() -> worker.awaitIdle(Duration.ZERO))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("Worker")
                    .hasMessageContaining("1 job")
                    .hasMessageContaining("Work " + handle.id());
            gate.open();
        }
    }

    @Test
    void waiting_on_its_own_lane_is_refused() {
        var lane = new ManualLane();
        var worker = new Worker(dispatcher, bus, lane);
        var refusal = new AtomicReference<Throwable>();
        worker.later(() -> {
            try {
                worker.awaitIdle(LONG);
            } catch (Throwable thrown) {
                refusal.set(thrown);
            }
        });
        lane.runAll();
        assertThat(refusal.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Worker")
                .hasMessageContaining("idle()");
    }

    @Test
    void a_state_subscriber_that_waits_on_the_lane_is_refused_too() {
        var lane = new ManualLane();
        var worker = new Worker(dispatcher, bus, lane);
        var refusal = new AtomicReference<Throwable>();
        worker.onState(state -> {
            try {
                worker.awaitIdle(LONG);
            } catch (Throwable thrown) {
                refusal.set(thrown);
            }
        });
        lane.runAll();
        assertThat(refusal.get()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void waiting_for_another_orchestrator_inside_a_handler_is_fine() {
        var gate = new Gate();
        var ended = new CompletableFuture<Integer>();
        var other = new Worker(dispatcher, bus);
        var worker = new Worker(dispatcher, bus);
        other.dispatch(new Work(gate));
        worker.later(() -> {
            try {
                other.awaitIdle(LONG);
                ended.complete(other.state());
            } catch (Exception thrown) {
                ended.completeExceptionally(thrown);
            }
        });
        gate.open();
        assertThat(ended.join()).isEqualTo(1);
    }

    @Test
    void a_closed_one_is_idle_whatever_its_jobs_do() throws Exception {
        var gate = new Gate();
        var worker = new Worker(dispatcher, bus);
        worker.dispatch(new Work(gate));
        gate.awaitArrival();
        CompletionStage<Void> before = worker.idle();
        worker.close();
        Gate.await(latchOf(before), "closing did not end the wait");
        worker.awaitIdle(LONG);
        gate.open();
    }

    @Test
    void the_stage_cannot_be_completed_by_its_users() {
        var lane = new ManualLane();
        var worker = new Worker(dispatcher, bus, lane);
        CompletionStage<Void> idle = worker.idle();
        idle.toCompletableFuture().complete(null);
        assertThat(isDone(idle)).isFalse();
        lane.runAll();
        assertThat(isDone(idle)).isTrue();
    }

    @Test
    void an_interrupt_ends_the_wait() {
        var gate = new Gate();
        try (var worker = new Worker(dispatcher, bus)) {
            worker.dispatch(new Work(gate));
            gate.awaitArrival();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> worker.awaitIdle(LONG)).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
            gate.open();
        }
    }

    private static CountDownLatch latchOf(CompletionStage<?> stage) {
        var latch = new CountDownLatch(1);
        stage.thenRun(latch::countDown);
        return latch;
    }

    private static void joined(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** A listener that takes its time before it lets an event into its mailbox. */
    private record SlowListener(Gate gate) implements QueuedListener {
        @Override
        public boolean offer(Envelope envelope) {
            return gate.passUninterruptibly(true);
        }

        @Override
        public boolean wantsInfo() {
            return false;
        }

        @Override
        public void wake() {}

        @Override
        public void busClosed() {}
    }
}
