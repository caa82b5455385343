package dev.orchestrator;

import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A plain subscriber: called on the thread that emits. */
final class DirectListener implements Subscription {
    private final SignalBus bus;
    private final Class<?> type;
    private final Object handler;

    // Exactly one of the two is there.
    private final @Nullable Consumer<Event> plain;
    private final @Nullable BiConsumer<Event, EventInfo> withInfo;

    // Written by whoever closes, read by emitters: an emitter that still has an old snapshot must not call any more.
    private volatile boolean closed;

    private DirectListener(
            SignalBus bus,
            Class<?> type,
            Object handler,
            @Nullable Consumer<Event> plain,
            @Nullable BiConsumer<Event, EventInfo> withInfo) {
        this.bus = bus;
        this.type = Objects.requireNonNull(type, "type");
        this.handler = Objects.requireNonNull(handler, "handler");
        this.plain = plain;
        this.withInfo = withInfo;
    }

    @SuppressWarnings("unchecked") // only events of the type reach it: the interest table sees to that
    static <E extends Event> DirectListener plain(SignalBus bus, Class<E> type, Consumer<? super E> handler) {
        return new DirectListener(bus, type, handler, (Consumer<Event>) handler, null);
    }

    @SuppressWarnings("unchecked")
    static <E extends Event> DirectListener withInfo(
            SignalBus bus, Class<E> type, BiConsumer<? super E, ? super EventInfo> handler) {
        return new DirectListener(bus, type, handler, null, (BiConsumer<Event, EventInfo>) handler);
    }

    /** The handler, if it wants nothing but the event; whoever calls it stands in for {@link #call}. */
    @Nullable
    Consumer<Event> handler() {
        return plain;
    }

    void report(Throwable thrown, Event event) {
        bus.scope().wall().report(thrown, toString(), event);
    }

    boolean wantsInfo() {
        return withInfo != null;
    }

    void call(Event event) {
        if (closed || plain == null) return;
        try {
            plain.accept(event);
        } catch (Throwable thrown) {
            report(thrown, event);
        }
    }

    void call(Event event, EventInfo info) {
        if (closed || withInfo == null) return;
        try {
            withInfo.accept(event, info);
        } catch (Throwable thrown) {
            report(thrown, event);
        }
    }

    @Override
    public String toString() {
        return "the subscriber " + handler.getClass().getName() + " of " + Ids.nameOf(type);
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        bus.interest().remove(type, this);
    }
}
