package dev.orchestrator.testkit;

import dev.orchestrator.Event;
import dev.orchestrator.JobEvent;
import dev.orchestrator.TerminalEvent;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A subscriber that keeps what it gets, and lets a test that works with real threads wait for an event.
 *
 * <p>{@code bus.subscribe(Event.class, events)} makes a recording bus of any bus. A {@link TestWorld} has a
 * {@link Timeline} instead. All methods may be called from any thread.
 */
public final class RecordedEvents implements Consumer<Event> {
    private record Wish(Predicate<? super Event> what, CountDownLatch latch) {}

    // Written by emitters and by waiting tests. Who waits adds a wish and then looks at the events; who records adds
    // the event and then looks at the wishes: at least one of the two sees the other.
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Wish> wishes = new CopyOnWriteArrayList<>();

    /** Makes one that has nothing yet. */
    public RecordedEvents() {}

    @Override
    public void accept(Event event) {
        events.add(event);
        for (Wish wish : wishes) if (wish.what.test(event)) wish.latch.countDown();
    }

    /** All events so far, in order; a copy. */
    public List<Event> all() {
        return List.copyOf(events);
    }

    /** Those of a type, its subtypes included. */
    public <E extends Event> List<E> of(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Those that a job itself told. */
    public List<JobEvent> ofJob(String id) {
        return of(JobEvent.class).stream()
                .filter(event -> event.correlationId().equals(id))
                .toList();
    }

    /** The endings of a job; a sound program has one at most. */
    public List<TerminalEvent> terminalOf(String id) {
        return of(TerminalEvent.class).stream()
                .filter(event -> event.correlationId().equals(id))
                .toList();
    }

    /**
     * Waits, in real time, until such an event was recorded, before or after this call.
     *
     * @throws AssertionError if none comes within 30 seconds
     */
    public void await(Predicate<? super Event> what) {
        var wish = new Wish(Objects.requireNonNull(what, "what"), new CountDownLatch(1));
        wishes.add(wish);
        if (events.stream().noneMatch(what)) Gate.await(wish.latch, "no such event came");
        wishes.remove(wish);
    }

    /**
     * Waits, in real time, until the ending of a job was recorded, before or after this call.
     *
     * @throws AssertionError if it does not come within 30 seconds
     */
    public void awaitTerminalOf(String id) {
        await(event -> event instanceof TerminalEvent end && end.correlationId().equals(id));
    }
}
