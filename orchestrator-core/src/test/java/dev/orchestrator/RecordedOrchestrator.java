package dev.orchestrator;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** An orchestrator that keeps what reaches it, does what a test tells it, and opens what only subclasses may call. */
class RecordedOrchestrator extends BaseOrchestrator<Integer> {
    private final ConcurrentLinkedQueue<Event> active = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Event> passive = new ConcurrentLinkedQueue<>();

    private volatile int counted; // written by the lane only

    /** What its hooks do; set before the first dispatch. */
    volatile Consumer<Event> onActive = event -> {};

    volatile Consumer<Event> onPassive = event -> {};

    RecordedOrchestrator(Dispatcher dispatcher, SignalBus bus) {
        super(0, dispatcher, bus);
    }

    RecordedOrchestrator(Dispatcher dispatcher, SignalBus bus, Executor lane) {
        super(0, dispatcher, bus, lane);
    }

    List<Event> active() {
        return List.copyOf(active);
    }

    List<Event> passive() {
        return List.copyOf(passive);
    }

    /** How many passive events there were. */
    int count() {
        return counted;
    }

    void change(UnaryOperator<Integer> change) {
        update(change);
    }

    void say(Event event) {
        signal(event);
    }

    void later(Runnable task) {
        onLane(task);
    }

    private void take(Event event) {
        active.add(event);
        onActive.accept(event);
    }

    @Override
    protected void onActiveStarted(JobStartedEvent event) {
        take(event);
    }

    @Override
    protected void onActiveProgress(JobProgressEvent event) {
        take(event);
    }

    @Override
    protected void onActiveSuccess(JobSuccessEvent<?> event) {
        take(event);
    }

    @Override
    protected void onActiveFailure(JobFailureEvent event) {
        take(event);
    }

    @Override
    protected void onActiveCancelled(JobCancelledEvent event) {
        take(event);
    }

    @Override
    protected void onActiveEvent(Event event) {
        take(event);
    }

    @Override
    protected void onPassiveEvent(Event event) {
        passive.add(event);
        counted = counted + 1;
        onPassive.accept(event);
    }
}
