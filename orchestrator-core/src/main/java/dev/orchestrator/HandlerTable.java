package dev.orchestrator;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an orchestrator declared with {@code on} and {@code observe}, in that order.
 *
 * <p>Written while the orchestrator has not begun; read by its lane, and by emitters who ask whether an event is wanted.
 */
final class HandlerTable {
    /** A handler of an event of the orchestrator's own jobs of a type. */
    private record Active(
            Class<?> jobType, Class<? extends JobEvent> eventType, String name, BiConsumer<Job<?>, JobEvent> handler) {}

    /** A handler of passive events of a type, if it is about jobs of a type of jobs only. */
    private record Passive(
            Class<?> eventType, @Nullable Class<?> jobType, String name, BiConsumer<Event, Envelope> handler) {
        boolean matches(Event event) {
            return eventType.isInstance(event)
                    && (jobType == null || (event instanceof JobEvent ofJob && jobType.isInstance(ofJob.job())));
        }
    }

    private final CopyOnWriteArrayList<Active> active = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Passive> passive = new CopyOnWriteArrayList<>();
    private final UserCode wall;

    // Written once by whoever closes the orchestrator; looked at before each handler, so that none begins afterwards.
    private volatile boolean closed;

    // The lane only: the place of the handler that is running, -1 if none of these. A number, since to store a
    // reference costs more than all else here.
    private int running = -1;

    // Each written while the orchestrator has not begun, read by emitters.
    private volatile boolean wantsInfo;
    private volatile boolean wantsStarted;
    private volatile boolean wantsProgress;

    HandlerTable(UserCode wall) {
        this.wall = wall;
    }

    void addActive(
            Class<?> jobType, Class<? extends JobEvent> eventType, String name, BiConsumer<Job<?>, JobEvent> handler) {
        if (eventType.isAssignableFrom(JobStartedEvent.class)) wantsStarted = true;
        if (eventType.isAssignableFrom(JobProgressEvent.class)) wantsProgress = true;
        active.add(new Active(jobType, eventType, name, handler));
    }

    void addPassive(Class<?> eventType, @Nullable Class<?> jobType, String name, BiConsumer<Event, Envelope> handler) {
        passive.add(new Passive(eventType, jobType, name, handler));
    }

    void addPassiveWithInfo(Class<?> eventType, String name, BiConsumer<Event, Envelope> handler) {
        wantsInfo = true;
        addPassive(eventType, null, name, handler);
    }

    /** Whether a handler wants to know what the bus knows of an event. */
    boolean wantsInfo() {
        return wantsInfo;
    }

    /** Whether a handler wants to know that a job has started. */
    boolean wantsStarted() {
        return wantsStarted;
    }

    /** Whether a handler wants to know how far a job is. */
    boolean wantsProgress() {
        return wantsProgress;
    }

    /** No further handler begins. */
    void close() {
        closed = true;
    }

    /** Whether a handler is declared for a passive event. */
    boolean observes(Event event) {
        for (Passive each : passive) if (each.matches(event)) return true;
        return false;
    }

    /** Calls all that match; false if none does. */
    boolean callActive(JobEvent event, Supplier<String> orchestrator) {
        boolean any = false;
        running = -1;
        for (Active each : active) {
            running++;
            if (!each.jobType.isInstance(event.job()) || !each.eventType.isInstance(event)) continue;
            any = true;
            if (closed) break;
            try {
                each.handler.accept(event.job(), event);
            } catch (Throwable thrown) {
                wall.report(thrown, each.name + " of orchestrator " + orchestrator.get(), event);
            }
        }
        running = -1;
        return any;
    }

    void callPassive(Envelope envelope, Supplier<String> orchestrator) {
        running = -1;
        for (Passive each : passive) {
            running++;
            if (closed) break;
            if (!each.matches(envelope.event)) continue;
            try {
                each.handler.accept(envelope.event, envelope);
            } catch (Throwable thrown) {
                wall.report(thrown, each.name + " of orchestrator " + orchestrator.get(), envelope.event);
            }
        }
        running = -1;
    }

    /** The name of the handler that is running for an active or passive event; null if none of these is. The lane only. */
    @Nullable
    String running(boolean isActive) {
        if (running < 0) return null;
        return isActive ? active.get(running).name : passive.get(running).name;
    }
}
