package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The outbox of a run: one order for everybody, one teller at a time, nothing after the last, nothing kept. */
class RunOutboxTest {
    private final SignalBus bus = SignalBus.scoped();
    private final RunOutbox outbox = new RunOutbox(bus);
    private final List<Integer> told = new ArrayList<>(); // one teller at a time, so a plain list is enough

    private boolean put(int number, boolean last) {
        if (!outbox.append(new Envelope(new Happened(number), null, 0, last))) return false;
        outbox.tell();
        return true;
    }

    @Test
    void nothing_can_be_appended_after_the_last() {
        bus.subscribe(Happened.class, event -> told.add(event.number()));
        assertThat(put(1, false)).isTrue();
        assertThat(put(2, true)).isTrue();
        assertThat(put(3, false)).isFalse();
        assertThat(put(4, true)).isFalse();
        assertThat(told).containsExactly(1, 2);
    }

    @Test
    void the_owner_reads_one_event_per_token_in_the_order_of_appending() {
        put(1, false);
        put(2, true);
        assertThat(outbox.nextForOwner().event).isEqualTo(new Happened(1));
        assertThat(outbox.nextForOwner().event).isEqualTo(new Happened(2));
    }

    @Test
    void a_forgotten_owner_reads_nothing_more() {
        put(1, false);
        outbox.forgetOwner();
        assertThat(outbox.nextForOwner()).isNull();
    }

    @Test
    void what_is_appended_while_one_thread_tells_is_told_by_that_thread() {
        var inside = new Gate();
        var tellers = new ArrayList<Thread>();
        bus.subscribe(Happened.class, event -> {
            tellers.add(Thread.currentThread());
            told.add(event.number());
            if (event.number() == 1) inside.passUninterruptibly("");
        });
        var first = TestWork.inAnotherThread(() -> put(1, false));
        inside.awaitArrival();
        put(2, false);
        put(3, true); // returns, though nobody was told yet
        inside.open();
        TestWork.valueOf(first);
        assertThat(told).containsExactly(1, 2, 3);
        assertThat(tellers).containsOnly(tellers.getFirst()).doesNotContain(Thread.currentThread());
    }

    @Test
    void a_subscriber_that_comes_later_gets_only_what_is_told_later() {
        put(1, false);
        put(2, false);
        bus.subscribe(Happened.class, event -> told.add(event.number()));
        put(3, true);
        assertThat(told).containsExactly(3);
    }

    @Test
    void eight_threads_append_and_everybody_sees_one_order_with_the_last_at_its_end() {
        bus.subscribe(Happened.class, event -> told.add(event.number()));
        var accepted = new AtomicInteger();
        Together.onThreads(8, thread -> {
            for (int i = 0; i < 5_000; i++) if (put(thread * 5_000 + i, false)) accepted.incrementAndGet();
            if (thread == 0 && put(-1, true)) accepted.incrementAndGet();
        });
        TestWork.until(() -> told.size() == accepted.get(), "an event was appended and never told");
        assertThat(told.getLast()).isEqualTo(-1);
        var forOwner = IntStream.range(0, accepted.get())
                .mapToObj(i -> ((Happened) outbox.nextForOwner().event).number())
                .toList();
        assertThat(forOwner).isEqualTo(told);
        assertThat(told).doesNotHaveDuplicates();
    }

    @Test
    void a_running_job_without_an_owner_does_not_keep_the_events_that_were_told() {
        var dispatcher = Dispatcher.create(bus);
        var inside = new Gate();
        var told = new Gate();
        var references = new ArrayList<WeakReference<Event>>();
        dispatcher.register(Work.class, (job, context) -> {
            for (int i = 0; i < 100; i++) {
                var event = new Happened(i);
                references.add(new WeakReference<>(event));
                context.emit(event);
            }
            told.open();
            told.pass("");
            return inside.pass("done");
        });
        dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        // The outbox may hold the last one, as the place from which it goes on.
        TestWork.until(
                () -> {
                    System.gc();
                    return references.subList(0, 99).stream().allMatch(it -> it.refersTo(null));
                },
                "a running job keeps the events that it emitted");
        inside.open();
        dispatcher.close();
    }
}
