package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One emitted event on its way: what it belongs to, what caused it, and its info once somebody wanted that.
 *
 * <p>It is also a link in the {@linkplain RunOutbox outbox} of its run.
 */
final class Envelope implements Delivery {
    private static final VarHandle ID;
    private static final VarHandle INFO;
    static final VarHandle NEXT;

    static {
        try {
            var lookup = MethodHandles.lookup();
            ID = lookup.findVarHandle(Envelope.class, "id", long.class);
            INFO = lookup.findVarHandle(Envelope.class, "info", EventInfo.class);
            NEXT = lookup.findVarHandle(Envelope.class, "next", Envelope.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final Event event;
    final @Nullable JobRun<?> run;
    final long cause;

    /** The chain of causes that it stands in; null if it was set in motion outside of handlers. */
    final @Nullable Chain chain;

    /** Whether this is the last event of its run. */
    final boolean last;

    // id, info: written once by whichever thread first wants them, by compareAndSet; read by all handlers' threads.
    // A thread that loses the race takes what the winner wrote, so all handlers see the same.
    private volatile long id;
    private volatile @Nullable EventInfo info;

    // The place in the outbox, one more than that of the envelope before. Written by whoever appends this one,
    // before the compareAndSet that links it and so publishes it.
    int index;

    // Written once by whoever appends behind this one, by compareAndSet (RunOutbox); read by the outbox's two readers.
    volatile @Nullable Envelope next;

    // Written by the emitter when the last mailbox has the event; read by lanes. Volatile, so that a lane that sees it
    // also sees that everybody else's mailbox has the event: whatever its handler emits comes after it for everybody.
    private volatile boolean offeredToAll;

    /** An event that stands in the chain of its run, if it has one. */
    Envelope(Event event, @Nullable JobRun<?> run, long cause, boolean last) {
        this(event, run, cause, run == null ? null : run.chain(), last);
    }

    Envelope(Event event, @Nullable JobRun<?> run, long cause, @Nullable Chain chain, boolean last) {
        this.event = event;
        this.run = run;
        this.cause = cause;
        this.chain = chain;
        this.last = last;
    }

    long id(SignalBus bus) {
        long known = id;
        if (known != 0) return known;
        long mine = bus.nextEventId();
        return ID.compareAndSet(this, 0L, mine) ? mine : id;
    }

    EventInfo info(SignalBus bus) {
        EventInfo known = info;
        if (known != null) return known;
        var base = event instanceof BaseEvent withTime ? withTime : null;
        String correlationId = run != null ? run.id() : base != null ? base.correlationId() : null;
        var time = base != null ? base.timestamp() : bus.scope().time().now();
        var mine = new EventInfo(id(bus), correlationId, cause == 0 ? null : cause, time);
        EventInfo before = (EventInfo) INFO.compareAndExchange(this, (EventInfo) null, mine);
        return before == null ? mine : before;
    }

    void markOfferedToAll() {
        offeredToAll = true;
    }

    boolean isOfferedToAll() {
        return offeredToAll;
    }

    @Override
    public void deliver(SignalBus bus) {
        bus.tell(this);
    }
}
