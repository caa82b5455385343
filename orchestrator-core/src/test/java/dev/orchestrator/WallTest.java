package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** P5: a handler that throws harms nobody else, stays subscribed, and its error is logged and told. */
class WallTest {
    /** What the error handler was told. */
    private record Told(Throwable error, String handler, Event event) {}

    private final List<Told> told = new CopyOnWriteArrayList<>();
    private final SignalBus bus = SignalBus.builder()
            .errorHandler((error, handler, event) -> told.add(new Told(error, handler, event)))
            .build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private RecordedLog log;

    @BeforeEach
    void listen() {
        log = new RecordedLog();
    }

    @AfterEach
    void stopListening() {
        log.close();
    }

    static Stream<Throwable> whateverCanBeThrown() {
        return Stream.of(
                new IllegalStateException("unchecked"),
                new Exception("checked"),
                new AssertionError("wrong"),
                new StackOverflowError(),
                new OutOfMemoryError("made by hand"),
                new NoClassDefFoundError("missing"),
                new Throwable("neither"));
    }

    // ---- subscribers ----

    @ParameterizedTest
    @MethodSource("whateverCanBeThrown")
    void a_subscriber_that_throws_harms_neither_the_emitter_nor_the_others_and_stays_subscribed(Throwable thrown) {
        var before = new ArrayList<Event>();
        var calls = new AtomicInteger();
        var after = new ArrayList<Event>();
        bus.subscribe(Happened.class, before::add);
        bus.subscribe(Happened.class, event -> {
            calls.incrementAndGet();
            throw Thrown.asIs(thrown);
        });
        bus.subscribe(Happened.class, after::add);
        bus.emit(new Happened(1));
        bus.emit(new Happened(2));
        assertThat(before).containsExactly(new Happened(1), new Happened(2));
        assertThat(after).containsExactly(new Happened(1), new Happened(2));
        assertThat(calls).hasValue(2);
        assertThat(told).hasSize(2).allSatisfy(it -> {
            assertThat(it.error()).isSameAs(thrown);
            assertThat(it.handler()).contains("subscriber", WallTest.class.getName(), "Happened");
        });
        assertThat(told).extracting(Told::event).containsExactly(new Happened(1), new Happened(2));
        assertThat(log.lines()).hasSize(2).allSatisfy(line -> {
            assertThat(line.level()).isEqualTo("SEVERE");
            assertThat(line.error()).isSameAs(thrown);
            assertThat(line.text()).contains("Happened", thrown.getClass().getName());
        });
    }

    @Test
    void a_subscriber_with_info_that_throws_harms_nobody() {
        var after = new ArrayList<Event>();
        bus.subscribeWithInfo(Happened.class, (event, info) -> {
            throw new AssertionError("wrong");
        });
        bus.subscribe(Happened.class, after::add);
        bus.emit(new Happened(1));
        assertThat(after).hasSize(1);
        assertThat(told).singleElement().extracting(Told::event).isEqualTo(new Happened(1));
    }

    @Test
    void what_a_subscriber_emitted_before_it_threw_is_delivered() {
        var seen = new ArrayList<Integer>();
        bus.subscribe(Happened.class, event -> {
            if (event.number() == 0) {
                bus.emit(new Happened(1));
                throw new AssertionError("after the emission");
            }
        });
        bus.subscribe(Happened.class, event -> seen.add(event.number()));
        bus.emit(new Happened(0));
        assertThat(seen).containsExactly(0, 1);
    }

    @Test
    void a_subscriber_that_overflows_the_stack_harms_nobody() {
        var after = new ArrayList<Event>();
        bus.subscribe(Happened.class, event -> endless(1));
        bus.subscribe(Happened.class, after::add);
        bus.emit(new Happened(1));
        assertThat(after).hasSize(1);
        assertThat(told).singleElement().extracting(Told::error).isInstanceOf(StackOverflowError.class);
    }

    private static int endless(int depth) {
        return depth == 0 ? 0 : endless(depth + 1) + 1;
    }

    @Test
    void a_subscriber_that_throws_at_every_event_of_a_job_changes_nothing_for_the_job() throws Exception {
        bus.subscribe(JobEvent.class, event -> {
            throw new AssertionError("at " + event);
        });
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            context.emit(new Happened(1));
            return "done";
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var handle = owner.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        owner.awaitIdle(LIMIT);
        assertThat(owner.active()).hasSize(4);
    }

    @Test
    void an_error_that_cannot_be_printed_harms_nobody() {
        var after = new ArrayList<Event>();
        var unprintable = new RuntimeException() {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new AssertionError("no message for you");
            }
        };
        bus.subscribe(Happened.class, event -> {
            throw unprintable;
        });
        bus.subscribe(Happened.class, after::add);
        bus.emit(new Happened(1));
        assertThat(after).hasSize(1);
        assertThat(told).singleElement().extracting(Told::error).isSameAs(unprintable);
    }

    @Test
    void a_log_that_throws_harms_neither_the_emitter_nor_the_others() {
        var after = new ArrayList<Event>();
        bus.subscribe(Happened.class, event -> {
            throw new AssertionError("wrong");
        });
        bus.subscribe(Happened.class, after::add);
        try (var broken = new RecordedLog(line -> {
            throw new IllegalStateException("the disk is full");
        })) {
            bus.emit(new Happened(1));
            assertThat(broken.lines()).hasSize(1);
        }
        assertThat(after).hasSize(1);
        assertThat(told).hasSize(1);
    }

    // ---- the error handler ----

    @Test
    void an_error_handler_that_throws_harms_nobody() {
        var after = new ArrayList<Event>();
        try (var world = SignalBus.builder()
                .errorHandler((error, handler, event) -> {
                    throw new AssertionError("in the error handler");
                })
                .build()) {
            world.subscribe(Happened.class, event -> {
                throw new IllegalStateException("in the subscriber");
            });
            world.subscribe(Happened.class, after::add);
            world.emit(new Happened(1));
            world.emit(new Happened(2));
        }
        assertThat(after).hasSize(2);
        assertThat(log.lines()).hasSize(4);
        assertThat(log.lines().get(1).error()).hasMessage("in the error handler");
    }

    @Test
    void an_error_handler_may_emit() {
        var seen = new ArrayList<Integer>();
        try (var world = SignalBus.scoped()) {
            var emitting = SignalBus.builder()
                    .errorHandler((error, handler, event) -> world.emit(new Happened(7)))
                    .build();
            world.subscribe(Happened.class, event -> seen.add(event.number()));
            emitting.subscribe(Happened.class, event -> {
                throw new IllegalStateException("in the subscriber");
            });
            emitting.emit(new Happened(1));
            emitting.close();
        }
        assertThat(seen).containsExactly(7);
    }

    // ---- orchestrators ----

    /** Throws in a hook and in its handlers where it is told to, and counts. */
    private static final class Throwing extends BaseOrchestrator<Integer> {
        private final Throwable thrown;
        final List<String> calls = new CopyOnWriteArrayList<>();

        Throwing(Dispatcher dispatcher, SignalBus bus, Throwable thrown) {
            super(0, dispatcher, bus);
            this.thrown = thrown;
            on(Work.class)
                    .started(job -> called("started"))
                    .ended((job, result) -> called("ended"))
                    .success((job, text) -> called("success"));
            observe(Happened.class, event -> called("first"));
            observeWithInfo(Happened.class, (event, info) -> called("second"));
        }

        private void called(String what) {
            calls.add(what);
            throw Thrown.asIs(thrown);
        }

        @Override
        public String name() {
            return "the throwing one";
        }

        @Override
        protected void onActiveStarted(JobStartedEvent event) {
            called("hook started");
        }

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            called("hook success");
        }

        @Override
        protected void onPassiveEvent(Event event) {
            called("hook passive");
        }
    }

    @ParameterizedTest
    @MethodSource("whateverCanBeThrown")
    void hooks_and_typed_handlers_that_throw_harm_neither_each_other_nor_the_lane(Throwable thrown) throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new Throwing(dispatcher, bus, thrown);
        orchestrator.dispatch(new Work(1));
        orchestrator.awaitIdle(LIMIT);
        bus.emit(new Happened(1));
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.calls)
                .containsExactly(
                        "hook started",
                        "started",
                        "hook success",
                        "ended",
                        "success",
                        "hook passive",
                        "first",
                        "second");
        assertThat(told).hasSize(8).allSatisfy(it -> {
            assertThat(it.error()).isSameAs(thrown);
            assertThat(it.handler()).contains("the throwing one");
            assertThat(it.event()).isNotNull();
        });
        assertThat(told.get(3).handler()).contains("on(").contains("Work").contains("ended");
        assertThat(orchestrator.hasActiveJobs()).isFalse();
    }

    @Test
    void a_task_on_the_lane_that_throws_harms_nobody() throws Exception {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var next = new AtomicBoolean();
        orchestrator.later(() -> {
            throw new AssertionError("in a task");
        });
        orchestrator.later(() -> next.set(true));
        orchestrator.awaitIdle(LIMIT);
        assertThat(next).isTrue();
        assertThat(told)
                .singleElement()
                .satisfies(it -> assertThat(it.handler()).contains("task", "RecordedOrchestrator"));
    }

    @Test
    void a_state_subscriber_that_throws_harms_nobody_and_stays_subscribed() throws Exception {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var calls = new AtomicInteger();
        var others = new CopyOnWriteArrayList<Integer>();
        orchestrator.onState(state -> {
            calls.incrementAndGet();
            throw new AssertionError("at state " + state);
        });
        orchestrator.onState(others::add);
        orchestrator.awaitIdle(LIMIT);
        orchestrator.change(before -> 1);
        orchestrator.awaitIdle(LIMIT);
        assertThat(others).containsExactly(0, 1);
        assertThat(calls).hasValue(2);
        assertThat(told).hasSize(2);
    }

    @Test
    void an_error_in_a_change_of_state_goes_to_whoever_made_it_and_changes_nothing() {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        assertThatThrownBy(() -> orchestrator.change(before -> {
                    throw new IllegalStateException("cannot compute");
                }))
                .hasMessage("cannot compute");
        assertThat(orchestrator.state()).isZero();
        assertThat(told).isEmpty();
    }

    // ---- lanes that reject ----

    @Test
    void a_lane_that_rejects_closes_its_orchestrator_with_one_error_and_its_jobs_go_on() {
        var rejected = new RejectedExecutionException("the window is gone");
        var rejecting = new AtomicBoolean();
        var inside = new Gate();
        var others = new RecordedEvents();
        bus.subscribe(Event.class, others);
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var orchestrator = new RecordedOrchestrator(dispatcher, bus, turn -> {
            if (rejecting.get()) throw rejected;
            turn.run();
        });
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        rejecting.set(true);
        bus.emit(new Happened(1));
        bus.emit(new Happened(2));
        TestWork.until(() -> !told.isEmpty(), "nobody was told");
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        others.awaitTerminalOf(handle.id());
        TestWork.until(() -> !orchestrator.hasActiveJobs(), "it was never closed");
        assertThat(told).singleElement().satisfies(it -> {
            assertThat(it.error()).isSameAs(rejected);
            assertThat(it.handler()).contains("lane", "RecordedOrchestrator", "closed");
        });
        assertThat(others.of(Happened.class)).hasSize(2);
        assertThatThrownBy(() -> orchestrator.dispatch(new Work(2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void a_lane_that_throws_an_error_closes_its_orchestrator_and_the_emitter_notices_nothing() {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus, turn -> {
            throw new NoClassDefFoundError("the toolkit is gone");
        });
        var completed = new CompletableFuture<Void>();
        orchestrator.states().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Integer state) {}

            @Override
            public void onError(Throwable error) {
                completed.completeExceptionally(error);
            }

            @Override
            public void onComplete() {
                completed.complete(null);
            }
        });
        bus.emit(new Happened(1));
        TestWork.valueOf(completed);
        assertThat(told).hasSize(1);
        assertThat(orchestrator.state()).isZero();
    }
}
