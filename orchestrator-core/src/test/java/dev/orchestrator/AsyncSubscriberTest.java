package dev.orchestrator;

import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** P11: an asynchronous subscriber has a thread and a bounded mailbox of its own. */
class AsyncSubscriberTest {
    private final WatchedThreads threads = new WatchedThreads();
    private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
    private final SignalBus bus = SignalBus.builder()
            .threads(threads)
            .errorHandler((error, handler, event) -> errors.add(handler + ": " + error.getMessage()))
            .build();

    private void emit(int from, int until) {
        for (int i = from; i < until; i++) bus.emit(new Happened(i));
    }

    private static List<Integer> numbers(RecordedEvents events) {
        return events.of(Happened.class).stream().map(Happened::number).toList();
    }

    @Test
    void the_handler_is_called_on_a_virtual_thread_one_at_a_time_in_order_and_delays_no_emitter() {
        var inside = new Gate();
        var events = new RecordedEvents();
        var busy = new AtomicInteger();
        var overlaps = new AtomicInteger();
        var thread = new AtomicReference<Thread>();
        bus.subscribeAsync(Happened.class, event -> {
            if (busy.incrementAndGet() > 1) overlaps.incrementAndGet();
            thread.set(Thread.currentThread());
            inside.passUninterruptibly("");
            events.accept(event);
            busy.decrementAndGet();
        });
        emit(0, 1_000); // returns, though the handler does not
        inside.awaitArrival();
        assertThat(events.all()).isEmpty();
        inside.open();
        events.await(event -> event.equals(new Happened(999)));
        assertThat(numbers(events)).hasSize(1_000).isSorted();
        assertThat(overlaps).hasValue(0);
        assertThat(thread.get().isVirtual()).isTrue();
    }

    @Test
    void without_a_rule_1_024_events_may_wait_and_then_the_emitter_does() {
        var inside = new Gate();
        var events = new RecordedEvents();
        bus.subscribeAsync(Happened.class, event -> {
            inside.passUninterruptibly("");
            events.accept(event);
        });
        emit(0, 1);
        inside.awaitArrival(); // it is being handled and does not wait any more
        emit(1, 1_025);
        var next = inAnotherThread(() -> emit(1_025, 1_026));
        threads.awaitWaiting(1);
        inside.open();
        valueOf(next);
        events.await(event -> event.equals(new Happened(1_025)));
        assertThat(numbers(events)).hasSize(1_026).isSorted();
    }

    @Test
    void a_handler_that_emits_into_its_own_full_mailbox_is_refused_and_goes_on() {
        var inside = new Gate();
        var events = new RecordedEvents();
        bus.subscribeAsync(
                Happened.class,
                event -> {
                    if (event.number() == 0) {
                        inside.passUninterruptibly("");
                        bus.emit(new Happened(7));
                    }
                    events.accept(event);
                },
                OverflowRule.block(1));
        emit(0, 1);
        inside.awaitArrival();
        emit(1, 2);
        inside.open();
        events.await(event -> event.equals(new Happened(1)));
        assertThat(numbers(events)).containsExactly(1);
        assertThat(errors)
                .singleElement()
                .asString()
                .contains("the asynchronous subscriber " + getClass().getName(), "of Happened", "block(1)");
    }

    @Test
    void what_the_handler_throws_reaches_the_error_handler_and_the_subscription_stays() {
        var events = new RecordedEvents();
        bus.subscribeAsync(Happened.class, event -> {
            events.accept(event);
            throw new IllegalArgumentException("on purpose " + event.number());
        });
        emit(0, 2);
        TestWork.until(() -> errors.size() == 2, "the error handler was not told");
        assertThat(numbers(events)).containsExactly(0, 1);
        assertThat(errors).first().asString().contains("the asynchronous subscriber", "of Happened: on purpose 0");
    }

    @Test
    void a_rule_that_drops_keeps_the_newest_and_one_that_fails_tells_the_emitter() {
        var inside = new Gate();
        var latest = new RecordedEvents();
        var failing = new RecordedEvents();
        var both = new Gate();
        bus.subscribeAsync(
                Happened.class,
                event -> {
                    inside.passUninterruptibly("");
                    latest.accept(event);
                },
                OverflowRule.keepLatest());
        emit(0, 1);
        inside.awaitArrival();
        emit(1, 100);
        inside.open();
        latest.await(event -> event.equals(new Happened(99)));
        assertThat(numbers(latest)).containsExactly(0, 99);
        bus.subscribeAsync(
                Happened.class,
                event -> {
                    both.passUninterruptibly("");
                    failing.accept(event);
                },
                OverflowRule.fail(1));
        emit(100, 101);
        both.awaitArrival();
        emit(101, 102);
        assertThatThrownBy(() -> emit(102, 103))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the asynchronous subscriber")
                .hasMessageContaining("fail(1)");
        both.open();
        failing.await(event -> event.equals(new Happened(101)));
        emit(103, 104);
        failing.await(event -> event.equals(new Happened(103)));
        latest.await(event -> event.equals(new Happened(103)));
        assertThat(numbers(failing)).containsExactly(100, 101, 103);
    }

    @Test
    void the_info_is_that_of_the_emission_and_what_the_handler_emits_names_its_cause() {
        var infos = new CompletableFuture<EventInfo>();
        var effect = new CompletableFuture<EventInfo>();
        record Effect() implements Event {}
        bus.subscribeAsyncWithInfo(
                Happened.class,
                (event, info) -> {
                    infos.complete(info);
                    bus.emit(new Effect());
                },
                OverflowRule.block(10));
        bus.subscribeWithInfo(Effect.class, (event, info) -> effect.complete(info));
        emit(0, 1);
        assertThat(valueOf(effect).causationId()).isEqualTo(valueOf(infos).id());
    }

    // ---- endings ----

    @Test
    void after_the_bus_was_closed_it_still_gets_what_was_emitted_before() {
        var inside = new Gate();
        var events = new RecordedEvents();
        bus.subscribeAsync(Happened.class, event -> {
            inside.passUninterruptibly("");
            events.accept(event);
        });
        emit(0, 10);
        inside.awaitArrival();
        bus.close();
        inside.open();
        events.await(event -> event.equals(new Happened(9)));
        assertThat(numbers(events)).hasSize(10).isSorted();
        assertThatThrownBy(() -> bus.subscribeAsync(Happened.class, event -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this bus is closed");
    }

    @Test
    void closing_the_subscription_stops_it_and_lets_the_waiting_events_go_though_the_handler_does_not_return() {
        var inside = new Gate();
        var count = new AtomicInteger();
        var subscription = bus.subscribeAsync(Event.class, event -> {
            count.incrementAndGet();
            inside.passUninterruptibly("");
        });
        emit(0, 1);
        inside.awaitArrival();
        var references = new ArrayList<WeakReference<?>>();
        for (int i = 0; i < 10; i++) references.add(emitted());
        subscription.close();
        subscription.close();
        for (var each : references) MemoryTest.assertCollected(each, "an event of a closed subscription");
        inside.open();
        emit(1, 2);
        var after = new RecordedEvents();
        bus.subscribeAsync(Happened.class, after); // its lane comes after the other one's, or beside it
        emit(2, 3);
        after.await(event -> event.equals(new Happened(2)));
        assertThat(count).hasValue(1);
    }

    private WeakReference<Event> emitted() {
        var event = new Happened(new Object().hashCode());
        bus.emit(event);
        return new WeakReference<>(event);
    }

    @Test
    void closing_the_subscription_ends_the_wait_of_its_emitters() {
        var inside = new Gate();
        var plain = new RecordedEvents();
        bus.subscribe(Happened.class, plain);
        var subscription =
                bus.subscribeAsync(Happened.class, event -> inside.passUninterruptibly(""), OverflowRule.block(1));
        emit(0, 1);
        inside.awaitArrival();
        emit(1, 2);
        var next = inAnotherThread(() -> emit(2, 3));
        threads.awaitWaiting(1);
        subscription.close();
        valueOf(next);
        assertThat(numbers(plain)).containsExactly(0, 1, 2);
        inside.open();
    }

    @Test
    void a_handler_may_close_its_own_subscription() {
        var count = new AtomicInteger();
        var subscription = new AtomicReference<Subscription>();
        var inside = new Gate();
        subscription.set(bus.subscribeAsync(Happened.class, event -> {
            count.incrementAndGet();
            inside.passUninterruptibly("");
            subscription.get().close();
        }));
        emit(0, 5);
        inside.awaitArrival();
        inside.open();
        TestWork.until(() -> bus.interest().of(Happened.class).isNobody(), "it was not closed");
        var after = new RecordedEvents();
        bus.subscribeAsync(Happened.class, after);
        emit(5, 6);
        after.await(event -> event.equals(new Happened(5)));
        assertThat(count).hasValue(1);
    }

    @Test
    void bad_input_is_refused() {
        assertThatThrownBy(() -> bus.subscribeAsync(Happened.class, null, OverflowRule.keepLatest()))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("handler");
        assertThatThrownBy(() -> bus.subscribeAsync(Happened.class, event -> {}, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("rule");
        assertThatThrownBy(() -> bus.subscribeAsync(null, event -> {}))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("type");
    }
}
