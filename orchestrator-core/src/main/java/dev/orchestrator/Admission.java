package dev.orchestrator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The entrance of an emission (P11): it passes when everybody who would get the event has room.
 *
 * <p>It comes before the delivery, so nobody is called while an emitter waits, and no handler is running on a thread that
 * waits. Lanes therefore never wait, and those who wait for a lane wait for nothing else: no circle of waiting threads
 * can come about.
 */
final class Admission {
    private static final Duration LONG_ENOUGH = Duration.ofDays(365_000);

    private Admission() {}

    /** Finds what is in the way; asked again after each wait. */
    @FunctionalInterface
    interface Look {
        @Nullable
        Full look(boolean mayWait);
    }

    /** A quick look, before {@link #passes} is asked: false, the usual case, if there is room for everybody. */
    static boolean isNeeded(InterestTable.Interested who, @Nullable JobRun<?> about) {
        if (about != null && about.outbox().isClosed()) return true;
        for (QueuedListener listener : who.queued()) if (listener.isClosedToEmitters()) return true;
        return false;
    }

    /**
     * Lets an event pass, now or when there is room.
     *
     * @param about the run to which the event belongs
     * @param emitter the run whose code emits it; stopping that one ends a wait
     * @return false if the emitter was stopped, and then the event is dropped
     * @throws IllegalStateException if there is no room and this thread must not wait, or was interrupted
     */
    static boolean passes(SignalBus bus, Event event, @Nullable JobRun<?> about, @Nullable JobRun<?> emitter) {
        return passes(bus, emitter, "the event was emitted to nobody", mayWait -> inTheWay(bus, event, about, mayWait));
    }

    /** As above, for an event of a run that its own code emits. */
    static boolean passes(JobRun<?> run, Event event) {
        return !isNeeded(run.bus().interest().of(event.getClass()), run) || passes(run.bus(), event, run, run);
    }

    /** As above, for a report of a run's own code. */
    static boolean passes(JobRun<?> run, JobProgress report) {
        SignalBus bus = run.bus();
        if (!isNeeded(bus.interest().of(JobProgressEvent.class), run)) return true;
        return passes(bus, new JobProgressEvent(run.id(), bus.scope().time().now(), run.job(), report), run, run);
    }

    private static @Nullable Full inTheWay(SignalBus bus, Event event, @Nullable JobRun<?> about, boolean mayWait) {
        Full flooded = about == null ? null : about.outbox().inTheWay(about, mayWait);
        if (flooded != null) return flooded;
        for (QueuedListener listener : bus.interest().of(event.getClass()).queued()) {
            Full full = listener.inTheWay(event, about, mayWait);
            if (full != null) return full;
        }
        return null;
    }

    /** Waits as long as something is in the way. */
    static boolean passes(SignalBus bus, @Nullable JobRun<?> emitter, String otherwise, Look way) {
        boolean mayWait = !Running.isInHandler(); // now, since our own delivery has not begun
        while (true) {
            if (isStopped(emitter)) return false;
            Full full = way.look(mayWait);
            if (full == null) return true;
            if (!full.begun()) throw refusal(full, "its orchestrator has not begun to empty it", otherwise);
            if (!mayWait) throw refusal(full, "this thread is running a handler, which must not wait", otherwise);
            await(bus, full, emitter, otherwise, way);
        }
    }

    private static boolean isStopped(@Nullable JobRun<?> emitter) {
        return emitter != null && !emitter.isRunning();
    }

    /** Joins first and then looks again, so that no change is missed (see {@link Awaited}). May return too early. */
    private static void await(SignalBus bus, Full full, @Nullable JobRun<?> emitter, String otherwise, Look way) {
        var signal = new Awaited.Signal();
        full.place().join(signal);
        if (emitter != null) emitter.join(signal);
        try {
            Full now = way.look(true);
            if (now == null || !now.place().equals(full.place()) || isStopped(emitter)) return;
            bus.scope().threads().await(signal.given, LONG_ENOUGH);
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            if (!isStopped(emitter)) throw refusal(full, "this thread was interrupted while it waited", otherwise);
        } finally {
            full.place().leave(signal);
            if (emitter != null) emitter.leave(signal);
        }
    }

    private static IllegalStateException refusal(Full full, String why, String otherwise) {
        String remedy = full.begun() ? full.remedy() : "call start() on it before";
        return new IllegalStateException(
                full.what().get() + ", and " + why + "; " + otherwise + ". To go on: " + remedy);
    }
}
