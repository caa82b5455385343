package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An asynchronous subscriber: a mailbox with a rule, and a lane. */
final class AsyncListener implements Subscription, QueuedListener, Lane.Work, Delivery {
    static final OverflowRule DEFAULT_RULE = OverflowRule.block(1_024);

    private final SignalBus bus;
    private final Class<?> type;
    private final String name;
    private final BiConsumer<Event, Envelope> handler;
    private final boolean wantsInfo;
    private final OverflowRule rule;
    private final Lane lane;

    // Replaced once, by whoever closes, so that the waiting events are let go even if the handler does not return; read
    // by emitters and by the lane. Who still has the old one puts things where nobody looks.
    private volatile BoundedMailbox mailbox;

    // Written once, to true, by whoever closes; read by emitters, and by the lane before it takes an event.
    private volatile boolean closed;

    private @Nullable Envelope current; // the lane only: what it is just handling

    private AsyncListener(
            SignalBus bus,
            Class<?> type,
            Object handlerOfTheUser,
            BiConsumer<Event, Envelope> handler,
            boolean wantsInfo,
            OverflowRule rule) {
        this.bus = bus;
        this.type = Objects.requireNonNull(type, "type");
        this.rule = Objects.requireNonNull(rule, "rule");
        this.mailbox = rule.newMailbox();
        this.name = "the asynchronous subscriber "
                + Objects.requireNonNull(handlerOfTheUser, "handler").getClass().getName() + " of " + Ids.nameOf(type);
        this.handler = handler;
        this.wantsInfo = wantsInfo;
        var threads = bus.scope().threads();
        this.lane = new Lane(
                turn -> threads.start(Role.LANE, "orchestrator-subscriber", turn),
                bus.scope(),
                this,
                rejected -> bus.scope().wall().report(rejected, "the threads of the bus", null));
        lane.open();
    }

    static <E extends Event> AsyncListener plain(
            SignalBus bus, Class<E> type, Consumer<? super E> handler, OverflowRule rule) {
        return new AsyncListener(
                bus, type, handler, (event, envelope) -> handler.accept(type.cast(event)), false, rule);
    }

    static <E extends Event> AsyncListener withInfo(
            SignalBus bus, Class<E> type, BiConsumer<? super E, ? super EventInfo> handler, OverflowRule rule) {
        return new AsyncListener(
                bus,
                type,
                handler,
                (event, envelope) -> handler.accept(type.cast(event), envelope.info(bus)),
                true,
                rule);
    }

    // ---- arriving ----

    @Override
    public boolean offer(Envelope envelope) {
        return closed || mailbox.offer(envelope);
    }

    @Override
    public boolean isClosedToEmitters() {
        Room room = mailbox.room();
        return room != null && room.isClosed();
    }

    @Override
    public @Nullable Full inTheWay(Event event, @Nullable JobRun<?> about, boolean mayWait) {
        Room room = mailbox.room();
        if (closed || room == null || !(mayWait ? room.isClosed() : room.isFull())) return null;
        return new Full(room, true, () -> mailboxName() + " is full", OverflowRule.REMEDY);
    }

    @Override
    public String mailboxName() {
        return "the mailbox of " + name + " with the rule " + rule;
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public boolean wantsInfo() {
        return wantsInfo;
    }

    @Override
    public void wake() {
        lane.wake();
    }

    /** What was emitted before still comes; whoever waits to emit is refused by the bus. */
    @Override
    public void busClosed() {
        wakeEmitters(mailbox);
    }

    private static void wakeEmitters(BoundedMailbox of) {
        Room room = of.room();
        if (room != null) room.wakeAll();
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        bus.interest().remove(type, this);
        BoundedMailbox before = mailbox;
        mailbox = rule.newMailbox();
        wakeEmitters(before);
    }

    // ---- handling ----

    @Override
    public boolean hasMore() {
        return !closed && mailbox.hasReady();
    }

    @Override
    public boolean doOne() {
        Object next = closed ? null : mailbox.poll();
        if (next == null) return false;
        current = (Envelope) next;
        Running.handle(bus, this);
        current = null;
        return true;
    }

    @Override
    public void deliver(SignalBus there) {
        Envelope envelope = current;
        if (envelope == null) return;
        Running.handling(envelope);
        try {
            handler.accept(envelope.event, envelope);
        } catch (Throwable thrown) {
            bus.scope().wall().report(thrown, name, envelope.event);
        }
    }

    @Override
    public void ranDry() {}
}
