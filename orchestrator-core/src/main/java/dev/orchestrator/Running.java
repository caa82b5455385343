package dev.orchestrator;

import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What this thread is delivering, on which bus, and what its handlers emitted meanwhile: the one thread-local.
 *
 * <p>An emission made inside a delivery on the same bus waits here until that delivery is over. So everybody sees the
 * cause before the effect, and a chain of emissions needs no stack (P4).
 *
 * <p>A frame is an array of JDK type that stays with its thread and is empty between deliveries, so a pooled thread
 * keeps neither our classes nor a user's alive. It is read and written by its own thread only.
 */
final class Running {
    private static final int BUS = 0;
    /** The event being handled: an {@link Event}, or its {@link Envelope} once somebody wanted that. */
    private static final int MESSAGE = 1;

    private static final int WAITING = 2;
    /** The frame of the delivery on another bus inside which this one happens; rare. */
    private static final int OUTER = 3;
    /**
     * The {@link InterruptDoor} of the job that a thread of somebody else's is running; null outside of jobs. On a job's
     * own thread, which ends with the job, its {@link RunAttempts}.
     */
    private static final int DOOR = 4;

    private static final ThreadLocal<@Nullable Object[]> FRAME = ThreadLocal.withInitial(Running::frame);

    private Running() {}

    /**
     * A job's own thread is recognized by its handler for uncaught exceptions, which is the run: so a job that emits
     * nothing costs no thread-local.
     */
    private static @Nullable Object[] frame() {
        var frame = new @Nullable Object[5];
        if (Thread.currentThread().getUncaughtExceptionHandler() instanceof RunAttempts<?> own) frame[DOOR] = own;
        return frame;
    }

    /** Delivers now, or when this thread's current delivery on that bus is over. */
    static void deliver(SignalBus bus, Delivery delivery) {
        @Nullable Object[] frame = FRAME.get();
        @Nullable Object[] same = frameOf(bus, frame);
        if (same == null) deliverNow(bus, frame, delivery);
        else waiting(same).add(delivery);
    }

    /**
     * Delivers now in any case: for a lane, whose handlers run one after the other in its turn. What they emit waits
     * until the delivery is over; where a lane runs inside a delivery on its own bus, until that one is over.
     */
    static void handle(SignalBus bus, Delivery delivery) {
        @Nullable Object[] frame = FRAME.get();
        @Nullable Object[] same = frameOf(bus, frame);
        if (same == null) {
            deliverNow(bus, frame, delivery);
            return;
        }
        InterruptDoor left = goAway(frame);
        Object waiting = waiting(same); // for the delivery around this one, which is not over
        @Nullable Object[] outer = enter(frame, bus);
        frame[WAITING] = waiting;
        try {
            delivery.deliver(bus);
        } finally {
            leave(frame, outer);
            if (left != null) left.back();
        }
    }

    private static void deliverNow(SignalBus bus, @Nullable Object[] frame, Delivery delivery) {
        InterruptDoor left = goAway(frame);
        @Nullable Object[] outer = enter(frame, bus);
        try {
            delivery.deliver(bus);
            deliverWaiting(frame, bus);
        } finally {
            leave(frame, outer);
            if (left != null) left.back();
        }
    }

    /**
     * As {@link #deliver}, for a plain event that nothing is known of; outside of handlers it allocates nothing.
     *
     * @return what a full mailbox has against it, if it was delivered now
     * @throws LoopDetectedException if the guard of that bus stops the chain of causes
     */
    static @Nullable IllegalStateException emit(SignalBus bus, Event event, InterestTable.Interested who) {
        @Nullable Object[] frame = FRAME.get();
        if (frame[BUS] == null && frame[DOOR] == null) return emitOutside(frame, bus, event, who);
        Chain chain = nextLink(frame, bus, event.getClass());
        @Nullable Object[] same = frameOf(bus, frame);
        if (same != null) {
            var envelope = new Envelope(event, null, causeOf(same, bus), chain, false);
            waiting(same).add((Delivery) there -> there.tell(envelope, who));
            return null;
        }
        InterruptDoor left = goAway(frame);
        @Nullable Object[] outer = enter(frame, bus);
        try {
            frame[MESSAGE] = chain == null ? event : new Envelope(event, null, 0, chain, false);
            IllegalStateException refused = bus.tellPlain(event, who, frame);
            deliverWaiting(frame, bus);
            return refused;
        } finally {
            leave(frame, outer);
            if (left != null) left.back();
        }
    }

    /** As {@link #emit}, outside of handlers and jobs. */
    private static @Nullable IllegalStateException emitOutside(
            @Nullable Object[] frame, SignalBus bus, Event event, InterestTable.Interested who) {
        frame[BUS] = bus;
        frame[MESSAGE] = event;
        try {
            IllegalStateException refused = bus.tellPlain(event, who, frame);
            deliverWaiting(frame, bus);
            return refused;
        } finally {
            leave(frame, null);
        }
    }

    // ---- the job that this thread is running ----

    /** Leaves the job whose code this thread is in, for a delivery: no interrupt may pass. Gives the door to go back by. */
    private static @Nullable InterruptDoor goAway(@Nullable Object[] frame) {
        InterruptDoor door = doorOfThisThread(frame);
        return door != null && door.away() ? door : null;
    }

    /** The door of the job whose code this thread is in, and inside which another one may be about to run. */
    static @Nullable InterruptDoor doorOfThisThread() {
        return doorOfThisThread(FRAME.get());
    }

    private static @Nullable InterruptDoor doorOfThisThread(@Nullable Object[] frame) {
        Object door = frame[DOOR];
        if (door == null) return null;
        if (door instanceof InterruptDoor through) return through;
        // Asked again: the thread may have been given to somebody else.
        return Thread.currentThread().getUncaughtExceptionHandler() instanceof RunAttempts<?> own && own.equals(door)
                ? own.currentAttempt()
                : null;
    }

    /**
     * Says that this thread, which is not the job's own, goes through that door; gives what stood there before.
     */
    static @Nullable Object goThrough(@Nullable Object door) {
        @Nullable Object[] frame = FRAME.get();
        Object before = frame[DOOR];
        frame[DOOR] = door;
        return before;
    }

    // ---- frames ----

    private static @Nullable Object @Nullable [] frameOf(SignalBus bus, @Nullable Object[] innermost) {
        for (@Nullable Object[] frame = innermost; frame != null; frame = (@Nullable Object[]) frame[OUTER]) {
            if (frame[BUS] == bus) return frame;
        }
        return null;
    }

    private static @Nullable Object @Nullable [] enter(@Nullable Object[] frame, SignalBus bus) {
        @Nullable Object[] outer = null;
        if (frame[BUS] != null) {
            outer = frame.clone();
            frame[WAITING] = null;
            frame[OUTER] = outer;
        }
        frame[BUS] = bus;
        frame[MESSAGE] = null;
        return outer;
    }

    private static void leave(@Nullable Object[] frame, @Nullable Object @Nullable [] outer) {
        if (outer == null) {
            frame[BUS] = null;
            frame[MESSAGE] = null;
            frame[WAITING] = null;
        } else {
            System.arraycopy(outer, 0, frame, 0, frame.length);
        }
    }

    @SuppressWarnings("unchecked")
    private static ArrayDeque<Delivery> waiting(@Nullable Object[] frame) {
        var waiting = (ArrayDeque<Delivery>) frame[WAITING];
        if (waiting == null) frame[WAITING] = waiting = new ArrayDeque<>();
        return waiting;
    }

    private static void deliverWaiting(@Nullable Object[] frame, SignalBus bus) {
        if (frame[WAITING] == null) return;
        for (Delivery next; (next = waiting(frame).poll()) != null; ) {
            frame[MESSAGE] = null;
            next.deliver(bus);
        }
    }

    /** Says which event the handlers called from here on are handling. Null between events. */
    static void handling(@Nullable Envelope envelope) {
        FRAME.get()[MESSAGE] = envelope;
    }

    /** The envelope of the event that the frame is delivering, made when first wanted. */
    static Envelope envelope(@Nullable Object[] frame) {
        Object message = frame[MESSAGE];
        if (message instanceof Envelope envelope) return envelope;
        var envelope = new Envelope((Event) Objects.requireNonNull(message), null, 0, false);
        frame[MESSAGE] = envelope;
        return envelope;
    }

    /** The event on that bus whose handler this thread is running; null if it runs none. */
    static @Nullable Envelope handled(SignalBus bus) {
        @Nullable Object[] frame = frameOf(bus, FRAME.get());
        return frame == null || frame[MESSAGE] == null ? null : envelope(frame);
    }

    /** The number of the event on that bus whose handler this thread is running; 0 if it runs none. */
    static long cause(SignalBus bus) {
        @Nullable Object[] frame = frameOf(bus, FRAME.get());
        return frame == null ? 0 : causeOf(frame, bus);
    }

    private static long causeOf(@Nullable Object[] frame, SignalBus bus) {
        return frame[MESSAGE] == null ? 0 : envelope(frame).id(bus);
    }

    /**
     * The link that this thread makes by dispatching or emitting something on that bus, behind the chain of what it is
     * handling, on whichever bus; null outside of handlers, where no clock is read.
     *
     * @throws LoopDetectedException if the guard of that bus stops the chain
     */
    static @Nullable Chain nextLink(SignalBus bus, Class<?> what) {
        return nextLink(FRAME.get(), bus, what);
    }

    private static @Nullable Chain nextLink(@Nullable Object[] frame, SignalBus bus, Class<?> what) {
        Object message = frame[MESSAGE];
        if (message == null) return null;
        Chain before = message instanceof Envelope envelope ? envelope.chain : null;
        LoopGuard guard = bus.loopGuard();
        return guard == null ? before : guard.next(before, what);
    }

    /** Whether this thread is inside a handler of whichever bus. */
    static boolean isInHandler() {
        return FRAME.get()[BUS] != null;
    }
}
