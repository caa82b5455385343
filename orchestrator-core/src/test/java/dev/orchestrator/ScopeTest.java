package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P14: two worlds live side by side in one JVM, and nothing leaks out of either. */
class ScopeTest {
    private record Ask(String what) implements Job<String> {}

    private static final class Named extends BaseJob<String> {
        final Gate gate;

        Named(String id, Gate gate) {
            super(id);
            this.gate = gate;
        }
    }

    private record Said(String what) implements Event {}

    private static final Duration LONG = Duration.ofSeconds(30); // how a broken test ends

    private static final class Listener extends BaseOrchestrator<List<String>> {
        Listener(Dispatcher dispatcher, SignalBus bus) {
            super(List.of(), dispatcher, bus);
            observe(Said.class, event -> add("said " + event.what()));
            observeSuccess(Ask.class, (job, answer) -> add("somebody's " + answer));
            on(Ask.class).success((job, answer) -> add("my " + answer));
        }

        Listener() {
            super(List.of());
            observe(Said.class, event -> add("said " + event.what()));
        }

        private void add(String line) {
            update(before -> {
                var more = new ArrayList<>(before);
                more.add(line);
                return List.copyOf(more);
            });
        }

        void say(String what) {
            signal(new Said(what));
        }
    }

    /** One world: everything that belongs together. */
    private static final class World implements AutoCloseable {
        final VirtualTime time = new VirtualTime();
        final List<Throwable> errors = new CopyOnWriteArrayList<>();
        final SignalBus bus = SignalBus.builder()
                .time(time)
                .errorHandler((error, handler, event) -> errors.add(error))
                .build();
        final Dispatcher dispatcher = Dispatcher.create(bus);
        final RecordedEvents events = new RecordedEvents();
        final Listener listener = new Listener(dispatcher, bus);

        World(String name) {
            bus.subscribe(Event.class, events);
            dispatcher.register(Ask.class, (job, context) -> name + " " + job.what());
            dispatcher.register(Named.class, (job, context) -> job.gate.pass(name));
        }

        @Override
        public void close() {
            listener.close();
            dispatcher.close();
            bus.close();
        }
    }

    private final World one = new World("one");
    private final World other = new World("other");

    @AfterEach
    void closeAll() {
        one.close();
        other.close();
    }

    /** Others than the owner see an ending soon after its result is there, so a test waits for what they make of it. */
    private static void await(Listener listener, String line) {
        var shown = new CountDownLatch(1);
        Subscription subscription = listener.onState(lines -> {
            if (lines.contains(line)) shown.countDown();
        });
        Gate.await(shown, "the state never had the line: " + line);
        subscription.close();
    }

    @Test
    void an_event_stays_in_its_world() throws Exception {
        one.bus.emit(new Said("hello"));
        one.listener.say("again");
        one.listener.awaitIdle(LONG);
        other.listener.awaitIdle(LONG);
        assertThat(one.listener.state()).containsExactly("said hello", "said again");
        assertThat(other.listener.state()).isEmpty();
        assertThat(other.events.all()).isEmpty();
    }

    @Test
    void a_job_is_done_by_the_executor_of_its_world_and_told_there_alone() throws Exception {
        one.listener.dispatch(new Ask("thing"));
        assertThat(other.dispatcher.run(new Ask("thing"))).isEqualTo("other thing");
        await(other.listener, "somebody's other thing");
        await(one.listener, "my one thing");
        assertThat(one.listener.state()).containsExactly("my one thing");
        assertThat(other.listener.state()).containsExactly("somebody's other thing");
    }

    @Test
    void a_registration_in_one_world_is_unknown_in_the_other() {
        record Special() implements Job<String> {}
        one.dispatcher.register(Special.class, (job, context) -> "");
        assertThatThrownBy(() -> other.dispatcher.dispatch(new Special()))
                .isInstanceOf(ExecutorNotFoundException.class);
    }

    @Test
    void the_same_id_may_be_in_flight_in_both() throws Exception {
        var gate = new Gate();
        var gateOfOther = new Gate();
        JobHandle<String> handle = one.dispatcher.dispatch(new Named("order-7", gate));
        JobHandle<String> handleOfOther = other.dispatcher.dispatch(new Named("order-7", gateOfOther));
        gate.awaitArrival();
        gateOfOther.awaitArrival();
        gate.open();
        assertThat(handle.await(LONG)).isEqualTo(new JobResult.Success<>("one"));
        gateOfOther.open();
        assertThat(handleOfOther.await(LONG)).isEqualTo(new JobResult.Success<>("other"));
    }

    @Test
    void each_world_has_its_own_clock() {
        one.time.advance(Duration.ofHours(1));
        one.dispatcher.dispatch(new Ask("time"));
        other.dispatcher.dispatch(new Ask("time"));
        one.events.await(TerminalEvent.class::isInstance);
        other.events.await(TerminalEvent.class::isInstance);
        assertThat(one.events.of(JobEvent.class))
                .allMatch(event -> event.timestamp().equals(Instant.EPOCH.plus(Duration.ofHours(1))));
        assertThat(other.events.of(JobEvent.class))
                .allMatch(event -> event.timestamp().equals(Instant.EPOCH));
    }

    @Test
    void an_error_is_told_in_its_own_world() throws Exception {
        var mistake = new IllegalStateException("a subscriber's mistake");
        one.bus.subscribe(Said.class, event -> {
            throw mistake;
        });
        try (var log = new CapturedLog()) {
            one.bus.emit(new Said("hello"));
            assertThat(log.lines()).hasSize(1);
        }
        assertThat(one.errors).containsExactly(mistake);
        assertThat(other.errors).isEmpty();
    }

    @Test
    void closing_one_world_leaves_the_other_as_it_is() throws Exception {
        one.close();
        other.bus.emit(new Said("still here"));
        assertThat(other.dispatcher.run(new Ask("thing"))).isEqualTo("other thing");
        await(other.listener, "somebody's other thing");
        assertThat(other.listener.state()).containsExactly("said still here", "somebody's other thing");
    }

    @Test
    void one_dispatcher_serves_several_buses_and_each_job_is_told_on_its_owners() throws Exception {
        try (var guest = new Listener(one.dispatcher, other.bus)) {
            guest.dispatch(new Ask("guest's thing")).await(LONG);
            guest.awaitIdle(LONG);
            assertThat(guest.state()).containsExactly("my one guest's thing");
            await(other.listener, "somebody's one guest's thing");
            assertThat(other.listener.state()).containsExactly("somebody's one guest's thing");
            assertThat(one.events.all()).isEmpty();
        }
    }

    @Test
    void an_event_with_the_id_of_a_job_of_the_other_world_belongs_to_no_job_here() throws Exception {
        final class Note extends BaseEvent {
            Note(String id) {
                super(id);
            }
        }
        var gate = new Gate();
        one.listener.dispatch(new Named("order-7", gate));
        gate.awaitArrival();
        other.bus.emit(new Note("order-7"));
        gate.open();
        one.listener.awaitIdle(LONG);
        assertThat(other.events.of(Note.class)).hasSize(1);
        assertThat(one.events.of(Note.class)).isEmpty();
    }

    @Test
    void the_global_ones_are_there_for_everybody_and_are_defaults_only() throws Exception {
        record AskGlobally() implements Job<String> {}
        assertThat(SignalBus.global()).isSameAs(SignalBus.global());
        assertThat(Dispatcher.global()).isSameAs(Dispatcher.global());
        Subscription registration = Dispatcher.global().register(AskGlobally.class, (job, context) -> "globally");
        try (var global = new Listener()) {
            SignalBus.global().emit(new Said("to the world"));
            global.dispatch(new AskGlobally());
            global.awaitIdle(LONG);
            assertThat(global.state()).containsExactly("said to the world");
            assertThat(Dispatcher.global().run(new AskGlobally())).isEqualTo("globally");
        } finally {
            registration.close();
        }
        assertThat(one.events.all()).isEmpty();
        assertThat(other.events.all()).isEmpty();
    }

    @Test
    void the_global_ones_refuse_to_be_closed() {
        assertThatThrownBy(() -> SignalBus.global().close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("SignalBus.scoped()");
        assertThatThrownBy(() -> Dispatcher.global().close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Dispatcher.create(bus)");
    }

    @Test
    void a_dispatcher_without_a_bus_of_its_own_tells_on_the_global_one() throws Exception {
        var events = new RecordedEvents();
        try (var subscription = SignalBus.global().subscribe(JobEvent.class, events);
                var dispatcher = Dispatcher.create()) {
            dispatcher.register(Ask.class, (job, context) -> "");
            JobHandle<String> handle = dispatcher.dispatch(new Ask(""));
            handle.await(LONG);
            events.awaitTerminalOf(handle.id());
            assertThat(subscription).isNotNull();
        }
    }
}
