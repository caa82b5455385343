package dev.orchestrator;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A subscriber that keeps what it gets, and lets a test wait for something. */
final class RecordedEvents implements Consumer<Event> {
    private record Wish(Predicate<Event> what, CountDownLatch latch) {}

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Wish> wishes = new CopyOnWriteArrayList<>();

    @Override
    public void accept(Event event) {
        events.add(event);
        for (Wish wish : wishes) if (wish.what.test(event)) wish.latch.countDown();
    }

    List<Event> all() {
        return List.copyOf(events);
    }

    <E extends Event> List<E> of(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    List<JobEvent> ofJob(String id) {
        return of(JobEvent.class).stream()
                .filter(event -> event.correlationId().equals(id))
                .toList();
    }

    List<TerminalEvent> terminalOf(String id) {
        return of(TerminalEvent.class).stream()
                .filter(event -> event.correlationId().equals(id))
                .toList();
    }

    /** Waits until such an event was recorded, before or after this call. */
    void await(Predicate<Event> what) {
        var wish = new Wish(what, new CountDownLatch(1));
        wishes.add(wish);
        if (events.stream().noneMatch(what)) Gate.await(wish.latch, "no such event came");
    }

    void awaitTerminalOf(String id) {
        await(event -> event instanceof TerminalEvent end && end.correlationId().equals(id));
    }
}
