package dev.orchestrator;

import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.MailboxBoundsTest.Bounded;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.testkit.Gate;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P11: a mailbox that drops keeps the newest events, their order, and everything that must not be dropped. */
class OverflowTest {
    private record Heavy(byte[] content) implements Event {}

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();

    private Bounded begun(OverflowRule rule) {
        var orchestrator = new Bounded(dispatcher, bus, lane, rule);
        orchestrator.start();
        return orchestrator;
    }

    private void emit(int from, int until) {
        for (int i = from; i < until; i++) bus.emit(new Happened(i));
    }

    private static List<Integer> numbers(List<? extends Event> events) {
        return events.stream()
                .filter(Happened.class::isInstance)
                .map(event -> ((Happened) event).number())
                .toList();
    }

    @Test
    void drop_oldest_keeps_the_newest_in_their_order() {
        var orchestrator = begun(OverflowRule.dropOldest(3));
        emit(0, 10);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).containsExactly(7, 8, 9);
        emit(10, 12);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).containsExactly(7, 8, 9, 10, 11);
    }

    @Test
    void drop_oldest_drops_nothing_while_there_is_room() {
        var orchestrator = begun(OverflowRule.dropOldest(10));
        emit(0, 10);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).hasSize(10).isSorted();
    }

    @Test
    void keep_latest_keeps_one_event_the_newest() {
        var orchestrator = begun(OverflowRule.keepLatest());
        emit(0, 10);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).containsExactly(9);
    }

    @Test
    void dropping_keeps_the_order_of_what_must_not_be_dropped_and_of_what_is_left() {
        // A worker that runs in the caller: when dispatch returns, every mailbox has the ending.
        var inline = Dispatcher.builder().bus(bus).worker(Runnable::run).build();
        inline.register(Part.class, (job, context) -> "done");
        var orchestrator = begun(OverflowRule.dropOldest(2));
        var order = new ArrayList<Object>();
        orchestrator.onPassive = event -> {
            if (event instanceof Happened happened) order.add(happened.number());
            if (event instanceof JobSuccessEvent<?> success) order.add(((Part) success.job()).number());
        };
        for (int i = 0; i < 4; i++) {
            emit(10 * i, 10 * i + 2);
            orchestrator.later(() -> order.add("task"));
            inline.dispatch(new Part(10 * i + 5));
        }
        inline.close();
        emit(98, 100);
        lane.runAll();
        assertThat(order).containsExactly("task", 5, "task", 15, "task", 25, "task", 35, 98, 99);
    }

    @Test
    void a_mailbox_that_drops_makes_no_emitter_wait_and_none_fail_on_whichever_thread() {
        var orchestrator = begun(OverflowRule.dropOldest(2));
        orchestrator.onPassive = event -> {
            if (event.equals(new Happened(9))) emit(10, 20);
        };
        emit(0, 10);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).containsExactly(8, 9, 18, 19);
        var never = new Bounded(dispatcher, bus, lane, OverflowRule.keepLatest()); // has not begun
        emit(20, 30);
        never.start();
        lane.runAll();
        assertThat(numbers(never.passive())).containsExactly(29);
    }

    @Test
    void no_more_events_are_held_than_the_bound_says_though_the_lane_is_stuck() {
        var orchestrator = begun(OverflowRule.dropOldest(5));
        var inside = new Gate();
        orchestrator.later(() -> inside.passUninterruptibly(""));
        var stuck = inAnotherThread(lane::runAll);
        inside.awaitArrival();
        var references = new ArrayList<WeakReference<Event>>();
        for (int i = 0; i < 1_000; i++) references.add(emitted());
        TestWork.until(
                () -> {
                    System.gc();
                    return references.stream().filter(it -> !it.refersTo(null)).count() <= 5;
                },
                "more events are held than the bound says");
        inside.open();
        valueOf(stuck);
        lane.runAll();
        assertThat(orchestrator.count()).isEqualTo(5);
    }

    private WeakReference<Event> emitted() {
        var event = new Heavy(new byte[100]);
        bus.emit(event);
        return new WeakReference<>(event);
    }

    @Test
    void a_lane_and_many_writers_that_drop_meet_no_event_twice_and_none_out_of_order() {
        int each = 20_000;
        var mailbox = new DroppingMailbox(4);
        var taken = new ArrayList<Integer>();
        var over = new AtomicInteger();
        Together.run(
                1, round -> writeAll(mailbox, 0, each, over), round -> writeAll(mailbox, each, each, over), round -> {
                    while (over.get() < 2 || mailbox.hasReady()) {
                        Object next = mailbox.poll();
                        if (next == null) Thread.yield();
                        else taken.add(((Happened) ((Envelope) next).event).number());
                    }
                });
        assertThat(taken).doesNotHaveDuplicates();
        for (int writer = 0; writer < 2; writer++) {
            int from = writer * each;
            assertThat(taken.stream()
                            .filter(it -> it >= from && it < from + each)
                            .toList())
                    .isSorted();
        }
        assertThat(taken.getLast()).as("the newest is never dropped").isIn(each - 1, 2 * each - 1);
    }

    private static void writeAll(BoundedMailbox mailbox, int from, int count, AtomicInteger over) {
        IntStream.range(from, from + count).forEach(number -> {
            var envelope = new Envelope(new Happened(number), null, 0, false);
            envelope.markOfferedToAll();
            mailbox.add(envelope);
        });
        over.incrementAndGet();
    }

    @Test
    void the_lane_takes_no_event_that_is_still_being_offered_to_others() {
        for (var mailbox : List.of(
                OverflowRule.dropOldest(2).newMailbox(),
                OverflowRule.block(2).newMailbox(),
                OverflowRule.fail(2).newMailbox())) {
            var envelope = new Envelope(new Happened(1), null, 0, false);
            assertThat(mailbox.offer(envelope)).isTrue();
            assertThat(mailbox.hasReady()).isFalse();
            assertThat(mailbox.poll()).isNull();
            envelope.markOfferedToAll();
            assertThat(mailbox.hasReady()).isTrue();
            assertThat(mailbox.poll()).isSameAs(envelope);
            assertThat(mailbox.poll()).isNull();
        }
    }
}
