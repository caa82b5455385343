package dev.orchestrator.model;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.JobCancelledEvent;
import dev.orchestrator.JobEvent;
import dev.orchestrator.JobFailureEvent;
import dev.orchestrator.JobProgressEvent;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.JobStartedEvent;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.JobTimeoutEvent;
import dev.orchestrator.OverflowRule;
import dev.orchestrator.SignalBus;
import dev.orchestrator.TerminalEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/** An orchestrator that writes down what reaches it, and notices when its handlers overlap. */
final class Observed extends BaseOrchestrator<Integer> {
    final int bus;
    final boolean hasSmallMailbox;
    final List<Event> active = new ArrayList<>(); // plain: the lane orders its handlers
    final List<Event> passive = new ArrayList<>();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Integer> states = new ConcurrentLinkedQueue<>();
    final AtomicInteger updates = new AtomicInteger();
    final ConcurrentLinkedQueue<String> runningInItsEnd = new ConcurrentLinkedQueue<>();
    volatile boolean closed;
    volatile boolean cancelledAll; // at least once
    volatile boolean completed; // the stream of states, which comes after the closing

    private final AtomicInteger inside = new AtomicInteger();

    Observed(int number, Dispatcher dispatcher, SignalBus its, boolean smallMailbox) {
        super(0, dispatcher, its);
        bus = number;
        hasSmallMailbox = smallMailbox;
        if (smallMailbox) mailbox(OverflowRule.dropOldest(2));
    }

    void begin() {
        states().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Integer state) {
                states.add(state);
            }

            @Override
            public void onError(Throwable error) {
                wrong.add("P6: the stream of states failed with " + error);
            }

            @Override
            public void onComplete() {
                completed = true;
            }
        });
    }

    void add() {
        update(state -> state + 1);
        updates.incrementAndGet();
    }

    private void handle(List<Event> where, Event event) {
        if (inside.incrementAndGet() > 1) wrong.add("P3: two handlers at once, with " + event);
        where.add(event);
        if (event instanceof TerminalEvent end && where == active && isRunning(end.correlationId()))
            runningInItsEnd.add(end.correlationId());
        add();
        inside.decrementAndGet();
    }

    @Override
    protected void onActiveStarted(JobStartedEvent event) {
        handle(active, event);
    }

    @Override
    protected void onActiveProgress(JobProgressEvent event) {
        handle(active, event);
    }

    @Override
    protected void onActiveRetrying(JobRetryingEvent event) {
        handle(active, event);
    }

    @Override
    protected void onActiveSuccess(JobSuccessEvent<?> event) {
        handle(active, event);
    }

    @Override
    protected void onActiveFailure(JobFailureEvent event) {
        handle(active, event);
    }

    @Override
    protected void onActiveCancelled(JobCancelledEvent event) {
        handle(active, event);
    }

    @Override
    protected void onActiveTimeout(JobTimeoutEvent event) {
        handle(active, event);
    }

    @Override
    protected void onActiveEvent(Event event) {
        handle(active, event);
    }

    @Override
    protected void onPassiveEvent(Event event) {
        handle(passive, event);
    }

    List<JobEvent> activeOf(String id) {
        return active.stream()
                .filter(JobEvent.class::isInstance)
                .map(JobEvent.class::cast)
                .filter(event -> event.correlationId().equals(id))
                .toList();
    }
}
