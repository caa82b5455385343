package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P3: the handlers of one orchestrator never overlap, and each sees what the one before it wrote. */
class OneAtATimeTest {
    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    /** Counts in a plain field; whoever overlaps, or does not see the last write, shows in the count. */
    private static final class Counting extends BaseOrchestrator<Integer> {
        private final AtomicBoolean busy = new AtomicBoolean();
        final AtomicInteger overlaps = new AtomicInteger();
        private int plain; // neither volatile nor locked: the lane orders the handlers

        Counting(Dispatcher dispatcher, SignalBus bus, Executor lane) {
            super(0, dispatcher, bus, lane);
            observe(Happened.class, event -> count());
            on(Work.class).started(job -> count()).ended((job, result) -> count());
            onState(state -> enterAndLeave());
        }

        private void count() {
            if (!busy.compareAndSet(false, true)) overlaps.incrementAndGet();
            plain++;
            update(before -> before + 1);
            busy.set(false);
        }

        private void enterAndLeave() {
            if (!busy.compareAndSet(false, true)) overlaps.incrementAndGet();
            busy.set(false);
        }

        void later() {
            onLane(this::count);
        }

        int countOnLane() {
            var count = new CompletableFuture<Integer>();
            onLane(() -> count.complete(plain));
            return TestWork.valueOf(count);
        }
    }

    private void assertHandlersNeverOverlapOn(Executor lane, int each) throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new Counting(dispatcher, bus, lane);
        orchestrator.start();
        Together.run(
                1,
                round -> repeat(each, () -> bus.emit(new Happened(1))),
                round -> repeat(each, () -> bus.emit(new Happened(2))),
                round -> repeat(each, () -> orchestrator.dispatch(new Work(1))),
                round -> repeat(each, () -> orchestrator.dispatch(new Work(2))),
                round -> repeat(each, orchestrator::later),
                round -> repeat(each, orchestrator::later));
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.overlaps).hasValue(0);
        assertThat(orchestrator.countOnLane()).isEqualTo(8 * each);
        assertThat(orchestrator.state()).isEqualTo(8 * each);
    }

    private static void repeat(int times, Runnable task) {
        for (int i = 0; i < times; i++) task.run();
    }

    @Test
    void handlers_never_overlap_on_a_lane_of_many_threads() throws Exception {
        try (ExecutorService many = Executors.newFixedThreadPool(8)) {
            assertHandlersNeverOverlapOn(many, 2_000);
        }
    }

    @Test
    void handlers_never_overlap_on_a_new_virtual_thread_for_each_turn() throws Exception {
        assertHandlersNeverOverlapOn(Thread::startVirtualThread, 2_000);
    }

    @Test
    void handlers_never_overlap_on_a_lane_that_runs_in_the_caller() throws Exception {
        assertHandlersNeverOverlapOn(Runnable::run, 2_000);
    }

    @Test
    void handlers_never_overlap_on_a_pool_that_runs_in_the_caller_when_it_is_full() throws Exception {
        var turn = new AtomicInteger();
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            assertHandlersNeverOverlapOn(
                    task -> {
                        if (turn.incrementAndGet() % 2 == 0) task.run();
                        else pool.execute(task);
                    },
                    2_000);
        }
    }

    @Test
    void a_lane_that_runs_in_the_caller_does_not_recurse() throws Exception {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus, Runnable::run);
        var depth = new ArrayList<Integer>();
        orchestrator.onPassive = event -> {
            int number = ((Happened) event).number();
            if (number % 10_000 == 0) depth.add(new Throwable().getStackTrace().length);
            if (number < 100_000) orchestrator.say(new Happened(number + 1));
        };
        orchestrator.start();
        bus.emit(new Happened(0));
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.passive()).hasSize(100_001);
        assertThat(depth).hasSize(11).allMatch(it -> it < 200);
    }

    @Test
    void tasks_that_put_tasks_on_a_lane_in_the_caller_do_not_recurse() throws Exception {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus, Runnable::run);
        var count = new AtomicInteger();
        var again = new Runnable() {
            @Override
            public void run() {
                if (count.incrementAndGet() < 100_000) orchestrator.later(this);
            }
        };
        orchestrator.later(again);
        assertThat(count).hasValue(100_000);
    }

    @Test
    void tasks_on_the_lane_run_in_the_order_in_which_one_thread_gave_them() throws Exception {
        try (ExecutorService many = Executors.newFixedThreadPool(4)) {
            var orchestrator = new RecordedOrchestrator(dispatcher, bus, many);
            var order = new ArrayList<Integer>(); // the lane only
            for (int i = 0; i < 10_000; i++) {
                int number = i;
                orchestrator.later(() -> order.add(number));
            }
            orchestrator.awaitIdle(LIMIT);
            assertThat(order).isEqualTo(IntStream.range(0, 10_000).boxed().toList());
        }
    }

    @Test
    void a_task_given_after_an_event_runs_after_its_handler() throws Exception {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var order = new ArrayList<String>(); // the lane only
        orchestrator.onPassive = event -> order.add("event");
        orchestrator.start();
        for (int i = 0; i < 1_000; i++) {
            bus.emit(new Happened(i));
            orchestrator.later(() -> order.add("task"));
        }
        orchestrator.awaitIdle(LIMIT);
        assertThat(order).hasSize(2_000);
        assertThat(IntStream.range(0, 2_000)).allMatch(i -> order.get(i).equals(i % 2 == 0 ? "event" : "task"));
    }

    @Test
    void a_task_given_when_the_result_is_there_runs_after_the_handler_of_the_ending() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var early = new AtomicInteger();
        for (int i = 0; i < 2_000; i++) {
            int endings = i + 1;
            endingOf(orchestrator.dispatch(new Work(i)));
            orchestrator.later(() -> {
                long handled = orchestrator.active().stream()
                        .filter(TerminalEvent.class::isInstance)
                        .count();
                if (endings % 100 == 0 && handled < endings) early.incrementAndGet();
            });
        }
        orchestrator.awaitIdle(LIMIT);
        assertThat(early).hasValue(0);
    }

    @Test
    void updates_from_eight_threads_lose_nothing() {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        Together.onThreads(8, thread -> {
            for (int i = 0; i < 10_000; i++) orchestrator.change(before -> before + 1);
        });
        assertThat(orchestrator.state()).isEqualTo(80_000);
    }

    @Test
    void dispatching_emitting_and_closing_from_inside_a_handler_are_fine() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var other = new RecordedOrchestrator(dispatcher, bus);
        other.start();
        orchestrator.onPassive = event -> {
            orchestrator.dispatch(new Work(1));
            orchestrator.say(new TestWork.About("nobody's"));
            orchestrator.close();
        };
        orchestrator.start();
        bus.emit(new Happened(1));
        orchestrator.awaitIdle(LIMIT);
        TestWork.until(() -> other.passive().size() == 4, "the events of the handler never came");
        assertThat(orchestrator.passive()).hasSize(1);
    }

    @Test
    void two_orchestrators_that_observe_each_other_go_on_and_on() throws Exception {
        var ping = new RecordedOrchestrator(dispatcher, bus);
        var pong = new RecordedOrchestrator(dispatcher, bus);
        ping.onPassive = event -> {
            if (((Happened) event).number() % 2 == 1) ping.say(new Happened(((Happened) event).number() + 1));
        };
        pong.onPassive = event -> {
            int number = ((Happened) event).number();
            if (number % 2 == 0 && number < 10_000) pong.say(new Happened(number + 1));
        };
        ping.start();
        pong.start();
        bus.emit(new Happened(0));
        TestWork.until(() -> ping.count() == 10_001 && pong.count() == 10_001, "the conversation stopped");
        assertThat(numbers(ping))
                .isEqualTo(IntStream.rangeClosed(0, 10_000).boxed().toList());
        assertThat(numbers(pong))
                .isEqualTo(IntStream.rangeClosed(0, 10_000).boxed().toList());
    }

    private static List<Integer> numbers(RecordedOrchestrator orchestrator) {
        return orchestrator.passive().stream()
                .map(event -> ((Happened) event).number())
                .toList();
    }

    // ---- waiting until nothing is under way ----

    @Test
    void awaiting_idle_ends_although_the_last_handler_took_longer_than_a_turn() {
        var time = new VirtualTime();
        var lane = new ManualLane();
        var timed = SignalBus.builder().time(time).build();
        var queue = new ManualLane();
        var late = Dispatcher.builder().bus(timed).worker(queue).build();
        late.register(Work.class, (job, context) -> "done");
        var slow = new RecordedOrchestrator(late, timed, lane);
        slow.onActive = event -> time.advance(Duration.ofMillis(9));
        slow.dispatch(new Work(1));
        var idle = slow.idle();
        lane.runAll(); // what idle() asks for is handled while the job is still under way
        queue.runAll();
        lane.runAll();
        assertThat(slow.hasActiveJobs()).isFalse();
        assertThat(idle).isCompleted();
    }

    @Test
    void awaiting_idle_ends_when_the_last_turn_was_exactly_full() {
        var lane = new ManualLane();
        var timed = SignalBus.builder().time(new VirtualTime()).build();
        var orchestrator = new RecordedOrchestrator(Dispatcher.create(timed), timed, lane);
        orchestrator.start();
        lane.runAll();
        for (int i = 0; i < 255; i++) orchestrator.later(() -> {});
        var idle = orchestrator.idle();
        lane.runAll();
        assertThat(idle).isCompleted();
    }

    @Test
    void idle_asked_for_while_others_are_told_of_an_idle_moment_waits_for_what_came_since() {
        var lane = new ManualLane();
        var orchestrator = new RecordedOrchestrator(dispatcher, bus, lane);
        var handled = new AtomicBoolean();
        var early = new AtomicInteger();
        var all = new ArrayList<CompletionStage<Void>>();
        orchestrator.idle().thenRun(() -> {
            orchestrator.later(() -> handled.set(true));
            for (int i = 0; i < 100; i++) {
                all.add(orchestrator.idle().thenRun(() -> {
                    if (!handled.get()) early.incrementAndGet();
                }));
            }
        });
        lane.runAll();
        assertThat(all).hasSize(100).allSatisfy(it -> assertThat(it).isCompleted());
        assertThat(early).hasValue(0);
    }

    @Test
    void idle_waits_for_an_event_behind_one_that_is_still_being_offered_to_others() {
        var lane = new ManualLane();
        var offering = new Gate();
        var orchestrator = new RecordedOrchestrator(dispatcher, bus, lane);
        orchestrator.start();
        lane.runAll();
        bus.interest().add(Happened.class, new QueuedListener() {
            @Override
            public boolean wantsInfo() {
                return false;
            }

            @Override
            public boolean offer(Envelope envelope) {
                if (((Happened) envelope.event).number() == 1) offering.passUninterruptibly("");
                return true;
            }

            @Override
            public void wake() {}

            @Override
            public void busClosed() {}
        });
        var first = TestWork.inAnotherThread(() -> bus.emit(new Happened(1)));
        offering.awaitArrival();
        bus.emit(new Happened(2));
        var idle = orchestrator.idle();
        lane.runAll();
        boolean early = idle.toCompletableFuture().isDone();
        offering.open();
        TestWork.valueOf(first);
        lane.runAll();
        assertThat(orchestrator.passive()).hasSize(2);
        assertThat(early).as("idle although the second event was not handled").isFalse();
        assertThat(idle).isCompleted();
    }
}
