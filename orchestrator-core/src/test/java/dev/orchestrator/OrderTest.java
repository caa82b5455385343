package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.About;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Named;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P4: each subscriber sees the events of a job in their order, started first, terminal last, causes before effects. */
class OrderTest {
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    /** A subscriber that keeps the events of each job, and notices when it is called twice at once for one job. */
    private static final class PerJob implements Consumer<Event> {
        final ConcurrentHashMap<String, ConcurrentLinkedQueue<Event>> events = new ConcurrentHashMap<>();
        final ConcurrentHashMap<String, AtomicBoolean> busy = new ConcurrentHashMap<>();
        final AtomicInteger overlaps = new AtomicInteger();

        @Override
        public void accept(Event event) {
            String id = ((BaseEvent) event).correlationId();
            var mine = busy.computeIfAbsent(id, fresh -> new AtomicBoolean());
            if (!mine.compareAndSet(false, true)) overlaps.incrementAndGet();
            events.computeIfAbsent(id, fresh -> new ConcurrentLinkedQueue<>()).add(event);
            mine.set(false);
        }

        List<Event> of(String id) {
            return List.copyOf(events.getOrDefault(id, new ConcurrentLinkedQueue<>()));
        }

        boolean hasEnded(String id) {
            return of(id).stream().anyMatch(TerminalEvent.class::isInstance);
        }
    }

    // ---- the events of one job ----

    @Test
    void everybody_sees_the_events_that_several_threads_emit_for_a_job_in_one_order_and_never_two_at_once()
            throws Exception {
        var first = new PerJob();
        var second = new PerJob();
        bus.subscribe(BaseEvent.class, first);
        bus.subscribe(BaseEvent.class, second);
        dispatcher.register(Work.class, (job, context) -> {
            Together.onThreads(3, thread -> {
                for (int i = 0; i < 300; i++) context.emit(new About(context.jobId()));
            });
            return "done";
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var handles = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < 20; i++) handles.add(owner.dispatch(new Work(i)));
        owner.awaitIdle(LIMIT);
        for (var handle : handles) {
            String id = handle.id();
            TestWork.until(() -> second.hasEnded(id), "the ending was never told");
            assertThat(first.of(id)).hasSize(902);
            assertThat(first.of(id).getFirst()).isInstanceOf(JobStartedEvent.class);
            assertThat(first.of(id).getLast()).isInstanceOf(JobSuccessEvent.class);
            assertThat(second.of(id)).isEqualTo(first.of(id));
            assertThat(owner.active().stream()
                            .filter(event -> ((BaseEvent) event).correlationId().equals(id))
                            .toList())
                    .isEqualTo(first.of(id));
        }
        assertThat(first.overlaps).hasValue(0);
        assertThat(second.overlaps).hasValue(0);
    }

    @Test
    void nothing_follows_the_ending_and_nobody_sees_two_events_at_once_when_a_timer_ends_a_job_inside_a_subscriber() {
        var inside = new Gate();
        var leaving = new Gate();
        var first = new RecordedEvents();
        var third = new PerJob();
        bus.subscribe(JobEvent.class, first);
        bus.subscribe(JobEvent.class, event -> {
            if (event instanceof JobProgressEvent) inside.passUninterruptibly("");
        });
        bus.subscribe(JobEvent.class, third);
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            context.progress(0.7);
            return leaving.passUninterruptibly("late");
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        time.advance(JobRun.GRACE); // the ending is told now, and the worker is inside the second subscriber
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertThat(first.terminalOf(handle.id())).isEmpty();
        assertThat(third.of(handle.id())).hasSize(1);
        inside.open();
        first.awaitTerminalOf(handle.id());
        leaving.open();
        dispatcher.close();
        TestWork.until(() -> third.hasEnded(handle.id()), "the third subscriber never saw the ending");
        assertThat(third.of(handle.id()))
                .hasExactlyElementsOfTypes(JobStartedEvent.class, JobProgressEvent.class, JobCancelledEvent.class);
        assertThat(first.ofJob(handle.id()))
                .hasExactlyElementsOfTypes(JobStartedEvent.class, JobProgressEvent.class, JobCancelledEvent.class);
        assertThat(third.overlaps).hasValue(0);
    }

    @Test
    void a_subscriber_that_does_not_return_delays_neither_the_owner_nor_the_result() throws Exception {
        var stuck = new Gate();
        bus.subscribe(JobStartedEvent.class, event -> {
            if (event.job() instanceof Named) stuck.passUninterruptibly("");
        });
        dispatcher.register(Named.class, (job, context) -> "never");
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var handle = owner.dispatch(new Named("stuck"));
        stuck.awaitArrival();
        bus.emit(new About("stuck"));
        handle.cancel("not wanted");
        time.advance(JobRun.GRACE);
        assertThat(endingOf(handle)).isInstanceOf(JobResult.Cancelled.class);
        owner.awaitIdle(LIMIT);
        assertThat(owner.active())
                .hasExactlyElementsOfTypes(JobStartedEvent.class, About.class, JobCancelledEvent.class);
        stuck.open();
    }

    @Test
    void a_job_that_ends_before_it_starts_has_its_terminal_event_alone() {
        var queue = new ManualLane();
        var events = new RecordedEvents();
        bus.subscribe(JobEvent.class, events);
        var stuck = Dispatcher.builder().bus(bus).worker(queue).build();
        stuck.register(Work.class, (job, context) -> "never");
        var handle = stuck.dispatch(new Work(1));
        handle.cancel("not wanted");
        queue.runAll();
        assertThat(events.all()).hasExactlyElementsOfTypes(JobCancelledEvent.class);
    }

    // ---- causes before effects ----

    @Test
    void what_a_subscriber_emits_comes_after_its_cause_for_all_subscribers() {
        var before = new ArrayList<Integer>();
        var after = new ArrayList<Integer>();
        bus.subscribe(Happened.class, event -> before.add(event.number()));
        bus.subscribe(Happened.class, event -> {
            if (event.number() < 2) bus.emit(new Happened(event.number() + 1));
        });
        bus.subscribe(Happened.class, event -> after.add(event.number()));
        bus.emit(new Happened(0));
        assertThat(before).containsExactly(0, 1, 2);
        assertThat(after).containsExactly(0, 1, 2);
    }

    @Test
    void what_several_subscribers_emit_keeps_the_order_of_emission() {
        var seen = new ArrayList<Integer>();
        bus.subscribe(Happened.class, event -> {
            if (event.number() == 0) {
                bus.emit(new Happened(1));
                bus.emit(new Happened(2));
            }
        });
        bus.subscribe(Happened.class, event -> {
            if (event.number() < 2) bus.emit(new Happened(event.number() * 10 + 10));
        });
        bus.subscribe(Happened.class, event -> seen.add(event.number()));
        bus.emit(new Happened(0));
        assertThat(seen).containsExactly(0, 1, 2, 10, 20);
    }

    @Test
    void a_chain_of_a_hundred_thousand_emissions_uses_no_stack() {
        var depths = new ArrayList<Integer>();
        bus.subscribe(Happened.class, event -> {
            if (event.number() % 10_000 == 0) depths.add(new Throwable().getStackTrace().length);
            if (event.number() < 100_000) bus.emit(new Happened(event.number() + 1));
        });
        bus.emit(new Happened(0));
        assertThat(depths).hasSize(11).containsOnly(depths.get(1), depths.getFirst());
    }

    @Test
    void two_subscribers_that_answer_each_other_use_no_stack() {
        record Ping(int number) implements Event {}
        record Pong(int number) implements Event {}
        var last = new AtomicInteger();
        bus.subscribe(Ping.class, event -> bus.emit(new Pong(event.number() + 1)));
        bus.subscribe(Pong.class, event -> {
            last.set(event.number());
            if (event.number() < 100_000) bus.emit(new Ping(event.number() + 1));
        });
        bus.emit(new Ping(0));
        assertThat(last).hasValue(100_001);
    }

    @Test
    void jobs_that_subscribers_dispatch_one_after_the_other_on_a_direct_worker_use_no_stack() {
        var direct = Dispatcher.builder().bus(bus).worker(Runnable::run).build();
        direct.register(Work.class, (job, context) -> "done");
        var ended = new AtomicInteger();
        bus.subscribe(JobSuccessEvent.class, event -> {
            ended.incrementAndGet();
            int number = ((Work) event.job()).number();
            if (number < 20_000) direct.dispatch(new Work(number + 1));
        });
        direct.dispatch(new Work(0));
        assertThat(ended).hasValue(20_001);
    }

    @Test
    void an_emission_on_another_bus_is_delivered_at_once() {
        var order = new ArrayList<String>();
        try (var other = SignalBus.scoped()) {
            other.subscribe(Happened.class, event -> order.add("other " + event.number()));
            bus.subscribe(Happened.class, event -> {
                order.add("before");
                other.emit(new Happened(7));
                order.add("after");
            });
            bus.emit(new Happened(0));
            assertThat(order).containsExactly("before", "other 7", "after");
        }
    }

    @Test
    void an_emission_that_comes_back_over_another_bus_waits_for_the_delivery_that_caused_it() {
        var seen = new ArrayList<Integer>();
        try (var other = SignalBus.scoped()) {
            bus.subscribe(Happened.class, event -> {
                if (event.number() == 0) other.emit(new Happened(0));
            });
            other.subscribe(Happened.class, event -> bus.emit(new Happened(1)));
            bus.subscribe(Happened.class, event -> seen.add(event.number()));
            bus.emit(new Happened(0));
            assertThat(seen).containsExactly(0, 1);
        }
    }

    @Test
    void what_a_lane_in_the_caller_emits_waits_for_the_delivery_that_caused_it_although_another_bus_is_between() {
        var seen = new ArrayList<Integer>();
        try (var other = SignalBus.scoped()) {
            var orchestrator = new RecordedOrchestrator(dispatcher, bus, Runnable::run);
            bus.subscribe(Happened.class, event -> {
                if (event.number() == 0) other.emit(new Happened(0));
            });
            other.subscribe(Happened.class, event -> orchestrator.later(() -> orchestrator.say(new Happened(1))));
            bus.subscribe(Happened.class, event -> seen.add(event.number()));
            bus.emit(new Happened(0));
            assertThat(seen).containsExactly(0, 1);
        }
    }

    @Test
    void what_an_orchestrator_emits_comes_after_its_cause_for_every_other_orchestrator() throws Exception {
        var answering = new ArrayList<RecordedOrchestrator>();
        for (int i = 0; i < 4; i++) {
            var orchestrator = new RecordedOrchestrator(dispatcher, bus);
            orchestrator.start();
            answering.add(orchestrator);
        }
        answering.get(0).onPassive = event -> {
            int number = ((Happened) event).number();
            if (number % 2 == 0) answering.get(0).say(new Happened(number + 1));
        };
        for (int i = 0; i < 2_000; i++) bus.emit(new Happened(2 * i));
        for (var orchestrator : answering) {
            TestWork.until(() -> orchestrator.count() == 4_000, "an event is missing");
            var order = orchestrator.passive().stream()
                    .map(event -> ((Happened) event).number())
                    .toList();
            var places = new int[4_000];
            for (int place = 0; place < order.size(); place++) places[order.get(place)] = place;
            assertThat(IntStream.range(0, 2_000)).allMatch(i -> places[2 * i] < places[2 * i + 1]);
        }
    }

    @Test
    void emit_returns_before_delivery_inside_a_handler_and_after_it_outside() {
        var seen = new ArrayList<String>();
        bus.subscribe(Happened.class, event -> {
            if (event.number() == 0) {
                bus.emit(new Happened(1));
                seen.add("emitted");
            } else {
                seen.add("delivered");
            }
        });
        bus.emit(new Happened(0));
        seen.add("back");
        assertThat(seen).containsExactly("emitted", "delivered", "back");
    }

    // ---- progress ----

    private List<Double> fractionsOf(JobExecutor<Work, String> executor) throws Exception {
        var owner = new RecordedOrchestrator(dispatcher, bus);
        dispatcher.register(Work.class, executor);
        owner.dispatch(new Work(1));
        owner.awaitIdle(LIMIT);
        return owner.active().stream()
                .filter(JobProgressEvent.class::isInstance)
                .map(event -> ((JobProgressEvent) event).progress().fraction())
                .toList();
    }

    @Test
    void a_fraction_is_put_between_0_and_1_and_no_number_counts_as_0() throws Exception {
        assertThat(fractionsOf((job, context) -> {
                    context.progress(Double.NaN);
                    context.progress(Double.NEGATIVE_INFINITY);
                    context.progress(-3);
                    context.progress(0.5);
                    context.progress(17);
                    context.progress(Double.POSITIVE_INFINITY);
                    return "done";
                }))
                .containsExactly(0.0, 0.0, 0.0, 0.5, 1.0, 1.0);
    }

    @Test
    void a_fraction_lower_than_before_is_dropped() throws Exception {
        assertThat(fractionsOf((job, context) -> {
                    context.progress(0.5);
                    context.progress(0.4);
                    context.progress(Double.NaN);
                    context.progress(0.6);
                    return "done";
                }))
                .containsExactly(0.5, 0.6);
    }

    @Test
    void fractions_never_go_backwards_when_four_threads_report_and_the_highest_is_told() throws Exception {
        for (int round = 0; round < 30; round++) {
            try (var world = SignalBus.scoped()) {
                var mine = Dispatcher.create(world);
                mine.register(Work.class, (job, context) -> {
                    Together.onThreads(4, thread -> {
                        for (int i = 0; i <= 250; i++) context.progress((4 * i + thread) / 1_003.0);
                    });
                    return "done";
                });
                var owner = new RecordedOrchestrator(mine, world);
                owner.dispatch(new Work(1));
                owner.awaitIdle(LIMIT);
                var fractions = owner.active().stream()
                        .filter(JobProgressEvent.class::isInstance)
                        .map(event -> ((JobProgressEvent) event).progress().fraction())
                        .toList();
                assertThat(fractions).isSorted().endsWith(1.0);
            }
        }
    }

    @Test
    void a_report_is_told_before_the_ending_although_a_subscriber_still_has_an_earlier_one() throws Exception {
        var stuck = new Gate();
        bus.subscribe(JobProgressEvent.class, event -> {
            if (event.progress().fraction() == 0.5) stuck.passUninterruptibly("");
        });
        var helper = new AtomicReference<CompletableFuture<Void>>();
        dispatcher.register(Work.class, (job, context) -> {
            helper.set(TestWork.inAnotherThread(() -> context.progress(0.5)));
            stuck.awaitArrival();
            context.progress(1);
            return "done";
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        endingOf(owner.dispatch(new Work(1)));
        owner.awaitIdle(LIMIT);
        stuck.open();
        TestWork.valueOf(helper.get());
        assertThat(owner.active().stream()
                        .filter(JobProgressEvent.class::isInstance)
                        .map(event -> ((JobProgressEvent) event).progress().fraction()))
                .containsExactly(0.5, 1.0);
    }

    @Test
    void what_is_reported_and_emitted_after_the_ending_is_dropped() throws Exception {
        var kept = new AtomicReference<JobContext>();
        var events = new CopyOnWriteArrayList<Event>();
        bus.subscribe(Event.class, events::add);
        dispatcher.register(Work.class, (job, context) -> {
            kept.set(context);
            return "done";
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        endingOf(owner.dispatch(new Work(1)));
        owner.awaitIdle(LIMIT);
        TestWork.until(() -> events.size() == 2, "the ending was never told");
        kept.get().progress(1);
        kept.get().emit(new Happened(1));
        kept.get().emit(new About(kept.get().jobId()));
        owner.awaitIdle(LIMIT);
        assertThat(events).hasExactlyElementsOfTypes(JobStartedEvent.class, JobSuccessEvent.class);
        assertThat(owner.active()).hasSize(2);
        assertThat(owner.passive()).isEmpty();
    }
}
