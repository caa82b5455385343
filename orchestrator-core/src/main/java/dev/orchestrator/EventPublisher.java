package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/** The events of a bus as a stream. */
final class EventPublisher implements Flow.Publisher<Event> {
    static final int BOUND = 1_024;

    private final SignalBus bus;

    EventPublisher(SignalBus bus) {
        this.bus = bus;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Event> subscriber) {
        var each = new Each(bus, Objects.requireNonNull(subscriber, "subscriber"));
        bus.interest().add(Event.class, each);
        if (bus.isClosed()) each.busClosed(); // it may have been closed before the adding, and then it told nobody
        each.begin();
    }

    /** One subscriber: a mailbox of at most 1,024 events, and a lane. */
    private static final class Each extends LaneSubscription<Event> implements QueuedListener, Lane.Work {
        private final SignalBus bus;
        private final Mailbox<Envelope> mailbox = new Mailbox<>();
        private final AtomicInteger waiting = new AtomicInteger(); // raised by emitters, lowered by the lane
        private final Lane lane;

        // Each written by emitters or by whoever closes the bus, read by the lane, which is woken afterwards.
        private volatile boolean overflown;
        private volatile boolean closed;

        Each(SignalBus bus, Flow.Subscriber<? super Event> subscriber) {
            super(
                    subscriber,
                    bus.scope().wall(),
                    "the subscriber " + subscriber.getClass().getName() + " of the stream of events");
            this.bus = bus;
            var threads = bus.scope().threads();
            lane = new Lane(
                    turn -> threads.start(Role.LANE, "orchestrator-events", turn),
                    bus.scope(),
                    this,
                    rejected -> bus.scope().wall().report(rejected, "the threads of the bus", null));
            lane.open();
        }

        @Override
        public boolean offer(Envelope envelope) {
            if (closed || overflown || isCancelled()) return true;
            if (waiting.incrementAndGet() > BOUND) overflown = true;
            else mailbox.add(envelope);
            return true;
        }

        @Override
        public boolean wantsInfo() {
            return false;
        }

        @Override
        public void wake() {
            lane.wake();
        }

        @Override
        public void busClosed() {
            closed = true;
            lane.wake();
        }

        @Override
        void remove() {
            bus.interest().remove(Event.class, this);
        }

        @Override
        public boolean hasMore() {
            if (!needsLook()) return false;
            return isMisused() || overflown || (mailbox.peek() == null ? closed : hasDemand());
        }

        @Override
        public boolean doOne() {
            if (!isOpen()) return false;
            if (overflown) {
                fail(new IllegalStateException(
                        "more than " + BOUND + " events wait for a subscriber that asked for fewer;"
                                + " request more, sooner. Its subscription is over"));
                return false;
            }
            boolean last = closed; // before the mailbox: what is not in it by then was emitted after the closing
            Envelope envelope = mailbox.peek();
            if (envelope == null) {
                if (last) complete();
                return false;
            }
            if (!hasDemand()) return false;
            mailbox.drop();
            waiting.decrementAndGet();
            next(envelope.event);
            return true;
        }

        @Override
        public void ranDry() {}
    }
}
