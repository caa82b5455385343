package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P15: no handler runs before the constructor has returned, and nothing emitted since it began is missed. */
class BeginningTest {
    private record Noticed(int number) implements Event {}

    private record Work() implements Job<String> {}

    private static final Duration LONG = Duration.ofSeconds(30); // how a broken test ends

    /** Observes, and notes whether its fields were set when a handler ran. */
    private static class Plain extends BaseOrchestrator<List<String>> {
        private final @Nullable String field;

        Plain(Dispatcher dispatcher, SignalBus bus, Executor lane) {
            this(dispatcher, bus, lane, plain -> {});
        }

        /** With something that happens in the constructor, before anything is declared. */
        @SuppressWarnings("this-escape")
        Plain(Dispatcher dispatcher, SignalBus bus, Executor lane, Consumer<Plain> inConstructor) {
            super(List.of(), dispatcher, bus, lane);
            inConstructor.accept(this);
            observe(Noticed.class, event -> add("noticed " + event.number() + " with " + fieldNow()));
            on(Work.class).success((job, result) -> add(result + " with " + fieldNow()));
            field = "its field";
        }

        private @Nullable String fieldNow() {
            return field;
        }

        void add(String line) {
            update(before -> {
                var more = new ArrayList<>(before);
                more.add(line);
                return List.copyOf(more);
            });
        }

        void set(List<String> lines) {
            emit(lines);
        }

        void tell(Event event) {
            signal(event);
        }

        void later(Runnable task) {
            onLane(task);
        }

        void observeMore() {
            observe(Noticed.class, event -> {});
        }

        void onMore() {
            on(Work.class).success((job, result) -> {});
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();

    {
        dispatcher.register(Work.class, (job, context) -> "worked");
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private Plain plain() {
        return new Plain(dispatcher, bus, lane);
    }

    // ---- while the constructor runs ----

    @Test
    void no_handler_runs_while_the_constructor_does_though_others_emit_and_ask_meanwhile() throws Exception {
        var constructing = new Gate();
        var escaped = new AtomicReference<@Nullable Plain>();
        var built = new CompletableFuture<Plain>();
        var building = Thread.ofPlatform()
                .start(() -> built.complete(new Plain(dispatcher, bus, lane, self -> {
                    escaped.set(self);
                    constructing.passUninterruptibly("");
                })));
        constructing.awaitArrival();
        Plain half = escaped.get();
        if (half == null) throw new AssertionError("it did not escape");
        bus.emit(new Noticed(1));
        assertThat(half.state()).isEmpty();
        half.start();
        half.onState(state -> {});
        half.hasActiveJobs();
        half.later(() -> half.add("a task"));
        JobHandle<String> handle = half.dispatch(new Work());
        handle.await(LONG);
        assertThat(lane.waiting()).as("turns while the constructor runs").isZero();
        constructing.open();
        building.join();
        assertThat(lane.waiting()).isZero();
        built.join().start();
        lane.runAll();
        assertThat(half.state()).containsExactly("noticed 1 with its field", "a task", "worked with its field");
    }

    @Test
    void the_same_holds_for_a_constructor_that_runs_on_a_virtual_thread() throws Exception {
        var constructing = new Gate();
        var escaped = new AtomicReference<@Nullable Plain>();
        var building = Thread.ofVirtual()
                .start(() -> new Plain(dispatcher, bus, lane, self -> {
                    escaped.set(self);
                    constructing.passUninterruptibly("");
                }));
        constructing.awaitArrival();
        Plain half = escaped.get();
        if (half == null) throw new AssertionError("it did not escape");
        bus.emit(new Noticed(1));
        half.start();
        assertThat(lane.waiting()).isZero();
        constructing.open();
        building.join();
        half.start();
        lane.runAll();
        assertThat(half.state()).containsExactly("noticed 1 with its field");
    }

    @Test
    void what_was_emitted_before_observe_was_called_is_not_missed() {
        var plain = new Plain(dispatcher, bus, lane, self -> {
            bus.emit(new Noticed(1));
            self.tell(new Noticed(2));
        });
        bus.emit(new Noticed(3));
        plain.start();
        lane.runAll();
        assertThat(plain.state())
                .containsExactly("noticed 1 with its field", "noticed 2 with its field", "noticed 3 with its field");
    }

    @Test
    void what_others_emit_while_it_is_built_is_seen_once_and_in_order() throws Exception {
        for (int round = 0; round < 200; round++) {
            var numbers = new CopyOnWriteArrayList<Integer>();
            var begun = new Gate();
            var emitting = Thread.ofPlatform().start(() -> {
                begun.passUninterruptibly("");
                for (int i = 0; i < 100; i++) bus.emit(new Noticed(i));
            });
            begun.awaitArrival();
            final class Counting extends BaseOrchestrator<Integer> {
                Counting() {
                    super(0, dispatcher, bus);
                    begun.open();
                    observe(Noticed.class, event -> numbers.add(event.number()));
                }
            }
            try (var counting = new Counting()) {
                counting.start();
                emitting.join();
                counting.awaitIdle(LONG);
                assertThat(numbers).hasSize(100).isSorted();
            }
        }
    }

    @Test
    void calls_inside_the_constructor_work_and_start_nothing() {
        var seen = new ArrayList<List<String>>();
        var dispatched = new AtomicReference<@Nullable JobHandle<String>>();
        var plain = new Plain(dispatcher, bus, lane, self -> {
            self.add("updated");
            assertThat(self.state()).containsExactly("updated");
            self.set(List.of("set"));
            assertThat(self.state()).containsExactly("set");
            self.onState(seen::add);
            assertThat(self.states()).isNotNull();
            self.later(() -> self.add("a task"));
            self.tell(new Noticed(1));
            JobHandle<String> handle = self.dispatch(new Work());
            dispatched.set(handle);
            assertThat(self.hasActiveJobs()).isTrue();
            assertThat(self.isRunning(handle.id())).isTrue();
            assertThat(self.isRunning(Work.class)).isTrue();
            assertThat(self.progress(handle.id())).isEmpty();
            assertThat(self.idle().toCompletableFuture()).isNotDone();
            handle.result().toCompletableFuture().join();
            self.start();
            assertThat(lane.waiting()).as("turns inside the constructor").isZero();
        });
        assertThat(lane.waiting()).as("turns after the constructor").isZero();
        assertThat(seen).isEmpty();
        assertThat(plain.state()).containsExactly("set");
        lane.runAll();
        assertThat(plain.state()).containsExactly("set", "a task", "noticed 1 with its field", "worked with its field");
        assertThat(seen).startsWith(List.of("set")).endsWith(plain.state());
        assertThat(plain.hasActiveJobs()).isFalse();
    }

    @Test
    void calls_from_deep_inside_the_constructor_start_nothing_either() {
        var plain = new Plain(
                dispatcher,
                bus,
                lane,
                self -> deep(3_000, () -> {
                    self.tell(new Noticed(1));
                    self.state();
                    assertThat(lane.waiting())
                            .as("turns inside the constructor")
                            .isZero();
                }));
        plain.start();
        lane.runAll();
        assertThat(plain.state()).containsExactly("noticed 1 with its field");
    }

    private static void deep(int levels, Runnable task) {
        if (levels == 0) task.run();
        else deep(levels - 1, task);
    }

    // ---- whose constructor ----

    /** Has a constructor on either side of {@link Plain}'s. */
    private static final class Leaf extends Plain {
        private final String own;

        Leaf(Dispatcher dispatcher, SignalBus bus, Executor lane) {
            this(dispatcher, bus, lane, "own field");
            bus.emit(new Noticed(3));
            assertThat(state()).isEmpty();
        }

        private Leaf(Dispatcher dispatcher, SignalBus bus, Executor lane, String own) {
            super(dispatcher, bus, lane, self -> bus.emit(new Noticed(1)));
            observe(Noticed.class, event -> add("leaf " + event.number() + " with " + ownNow()));
            bus.emit(new Noticed(2));
            assertThat(state()).isEmpty();
            this.own = own;
        }

        private String ownNow() {
            return own;
        }
    }

    @Test
    void the_constructor_of_the_object_counts_whichever_of_its_classes_and_constructors_is_just_running() {
        var leaf = new Leaf(dispatcher, bus, lane);
        assertThat(lane.waiting()).isZero();
        leaf.start();
        lane.runAll();
        assertThat(leaf.state())
                .containsExactly(
                        "noticed 1 with its field",
                        "leaf 1 with own field",
                        "noticed 2 with its field",
                        "leaf 2 with own field",
                        "noticed 3 with its field",
                        "leaf 3 with own field");
    }

    @Test
    void an_anonymous_subclass_counts_as_a_class_of_its_own() {
        var plain = new Plain(dispatcher, bus, lane) {
            private final String own;

            {
                bus.emit(new Noticed(1));
                start();
                state();
                assertThat(lane.waiting()).as("turns inside the initializer").isZero();
                observe(Noticed.class, event -> add("anonymous with " + ownNow()));
                own = "own field";
            }

            private String ownNow() {
                return own;
            }
        };
        plain.start();
        lane.runAll();
        assertThat(plain.state()).containsExactly("noticed 1 with its field", "anonymous with own field");
    }

    @Test
    void a_call_from_the_constructor_of_another_object_is_one_from_outside() {
        final class Screen {
            final Plain plain;
            final int turns;

            Screen() {
                plain = plain();
                plain.state();
                turns = lane.waiting();
            }
        }
        var screen = new Screen();
        assertThat(screen.turns).isEqualTo(1);
    }

    @Test
    void a_call_from_the_constructor_of_another_orchestrator_is_one_from_outside() {
        final class Parent extends BaseOrchestrator<String> {
            final Plain child;
            final int turns;

            Parent() {
                super("", dispatcher, bus, lane);
                child = plain();
                child.start();
                turns = lane.waiting();
            }
        }
        var parent = new Parent();
        assertThat(parent.turns).isEqualTo(1);
        bus.emit(new Noticed(1));
        lane.runAll();
        assertThat(parent.child.state()).hasSize(1);
    }

    /** A tree of orchestrators of one class: each starts those below it. */
    private static final class Folder extends BaseOrchestrator<Integer> {
        final List<Folder> inside = new ArrayList<>();
        int handled; // read without a call, which would begin it

        Folder(int depth, Dispatcher dispatcher, SignalBus bus, Executor lane) {
            super(0, dispatcher, bus, lane);
            observe(Noticed.class, event -> handled++);
            if (depth == 0) return;
            var below = new Folder(depth - 1, dispatcher, bus, lane);
            below.start();
            inside.add(below);
        }
    }

    @Test
    void one_that_another_of_its_class_started_in_its_constructor_has_begun() {
        var top = new Folder(2, dispatcher, bus, lane);
        top.start();
        bus.emit(new Noticed(1));
        lane.runAll();
        Folder middle = top.inside.getFirst();
        Folder bottom = middle.inside.getFirst();
        assertThat(bottom.handled).isEqualTo(1);
        assertThat(middle.handled).isEqualTo(1);
        assertThat(top.handled).isEqualTo(1);
    }

    // ---- the first call from outside ----

    @Test
    void each_call_from_outside_begins_it() {
        Map<String, Consumer<Plain>> calls = new LinkedHashMap<>();
        calls.put("start", Plain::start);
        calls.put("state", Plain::state);
        calls.put("states", Plain::states);
        calls.put("onState", plain -> plain.onState(state -> {}));
        calls.put("dispatch", plain -> plain.dispatch(new Work()));
        calls.put("hasActiveJobs", Plain::hasActiveJobs);
        calls.put("isRunning by id", plain -> plain.isRunning("id"));
        calls.put("isRunning by type", plain -> plain.isRunning(Work.class));
        calls.put("progress", plain -> plain.progress("id"));
        calls.put("idle", Plain::idle);
        calls.put("an intent that updates", plain -> plain.add("updated"));
        calls.put("an intent that emits", plain -> plain.set(List.of()));
        calls.put("an intent that signals", plain -> plain.tell(new Noticed(2)));
        calls.put("an intent that runs a task", plain -> plain.later(() -> {}));
        calls.forEach((name, call) -> {
            var own = new ManualLane();
            var plain = new Plain(dispatcher, bus, own);
            bus.emit(new Noticed(1));
            assertThat(own.waiting()).as("turns before " + name).isZero();
            call.accept(plain);
            assertThat(own.waiting()).as("turns after " + name).isEqualTo(1);
            own.runAll();
            assertThat(plain.state()).as(name).contains("noticed 1 with its field");
            plain.close();
        });
    }

    @Test
    void a_call_that_was_refused_begins_it_too() {
        var plain = plain();
        record Unknown() implements Job<String> {}
        assertThatThrownBy(() -> plain.dispatch(new Unknown())).isInstanceOf(ExecutorNotFoundException.class);
        assertThat(lane.waiting()).isEqualTo(1);
    }

    @Test
    void handlers_may_be_declared_until_it_has_begun_and_are_refused_afterwards() {
        var plain = plain();
        plain.observeMore();
        plain.onMore();
        plain.start();
        for (Runnable late : List.<Runnable>of(plain::observeMore, plain::onMore)) {
            assertThatThrownBy(late::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Plain")
                    .hasMessageContaining("declare handlers in the constructor");
        }
    }

    @Test
    void a_chain_of_handlers_that_was_begun_in_time_refuses_what_comes_late() {
        final class Late extends BaseOrchestrator<String> {
            final JobHandlers<Work, String> handlers;

            Late() {
                super("", dispatcher, bus, lane);
                handlers = on(Work.class);
            }
        }
        var late = new Late();
        late.start();
        assertThatThrownBy(() -> late.handlers.success((job, result) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Late");
    }

    @Test
    void one_that_is_closed_before_it_began_handles_nothing() {
        var plain = plain();
        bus.emit(new Noticed(1));
        plain.close();
        lane.runAll();
        assertThat(plain.state()).isEmpty();
        assertThatThrownBy(plain::observeMore)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    // ---- the warning ----

    @Test
    void one_that_lets_its_events_wait_for_long_is_named_in_the_log_once() throws Exception {
        try (var log = new CapturedLog()) {
            var plain = plain();
            bus.emit(new Noticed(1));
            time.advance(Duration.ofSeconds(9));
            assertThat(log.lines()).isEmpty();
            time.advance(Duration.ofMinutes(1));
            log.await(line -> line.level().equals("WARNING")
                    && line.text().contains("orchestrator Plain")
                    && line.text().contains("start()"));
            bus.emit(new Noticed(2));
            time.advance(Duration.ofMinutes(1));
            plain.start();
            lane.runAll();
            assertThat(plain.state()).hasSize(2);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void there_is_no_warning_and_no_timer_for_one_that_has_begun_or_has_nothing_waiting() throws Exception {
        try (var log = new CapturedLog()) {
            var waiting = plain();
            bus.emit(new Noticed(1));
            assertThat(time.pending()).isEqualTo(1);
            waiting.start();
            assertThat(time.pending()).isZero();
            record Unrelated() implements Event {}
            plain();
            bus.emit(new Unrelated());
            assertThat(time.pending()).isZero();
            time.advance(Duration.ofMinutes(1));
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void there_is_no_warning_of_an_event_that_was_gathered_and_that_nobody_declared() throws Exception {
        final class Indifferent extends BaseOrchestrator<String> {
            Indifferent() {
                super("", dispatcher, bus, lane);
                bus.emit(new Noticed(1)); // inside the constructor every event is kept
            }
        }
        try (var log = new CapturedLog()) {
            new Indifferent();
            time.advance(Duration.ofMinutes(1));
            assertThat(time.pending()).isZero();
            assertThat(log.lines()).isEmpty();
        }
    }
}
