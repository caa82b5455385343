package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The events of one run, in one order for everybody, told by one thread at a time (P4).
 *
 * <p>A linked chain. Appending and the question whether the run has ended are one compareAndSet on the last link, so
 * nothing follows the terminal event, and the order of appending is the order for everybody. The chain has two readers,
 * each with a place of its own:
 * <ul>
 *   <li>the owner's lane, which takes one event per token: the run puts itself into the owner's mailbox once per event,
 *       after appending, so a token never comes without its event, and which thread's token comes first does not matter;
 *   <li>whichever thread finds nobody telling: it calls the plain subscribers for what others append meanwhile too. So a
 *       timer or a canceller never calls a subscriber that the worker is still calling.
 * </ul>
 *
 * A run whose code emits faster than its owner reads is made to wait, here, until the owner has read half of what waits.
 * No wake is lost, for the reason given at {@link Room}; the numbers of the envelopes are what is counted there.
 *
 * <p>Proof: RunOutboxTest, OrderTest, FloodTest.
 */
final class RunOutbox extends Awaited implements Delivery {
    /** How many events of its own code may wait for the owner before that code is made to wait (P11). */
    static final int FLOOD = 65_536;

    private static final VarHandle TAIL;
    private static final VarHandle FIRST;
    private static final VarHandle TELL_FROM;
    private static final VarHandle UNTOLD;

    static {
        try {
            var lookup = MethodHandles.lookup();
            TELL_FROM = lookup.findVarHandle(RunOutbox.class, "tellFrom", Envelope.class);
            TAIL = lookup.findVarHandle(RunOutbox.class, "tail", Envelope.class);
            FIRST = lookup.findVarHandle(RunOutbox.class, "first", Envelope.class);
            UNTOLD = lookup.findVarHandle(RunOutbox.class, "untold", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Stands before the first one of every outbox, which is kept in {@code first} and not linked to it. */
    private static final Envelope START = new Envelope(new Event() {}, null, 0, false);

    /** Says that there was a first one; who is late to append finds that something is behind START. */
    private static final Envelope PASSED = new Envelope(new Event() {}, null, 0, false);

    private final SignalBus bus;

    // The link of START. Written by whoever appends the first one, by compareAndSet, and to PASSED when both readers
    // are past START, so that a long job does not keep all its events: each of the two writes its own place and then
    // looks at the other's, both as volatile, so at least one of them sees both past.
    private volatile @Nullable Envelope first;

    // Written by everybody who appends, by compareAndSet; it may lag behind the last link, and whoever finds that
    // helps.
    private volatile Envelope tail = START;

    // How many events were appended and not yet told. Who raises it from 0 tells; who brings it back to 0 stops
    // telling, and that handing over orders the two tellers' accesses to tellFrom.
    private volatile int untold;
    private Envelope tellFrom = START;

    // Written and read by the owner's lane, and set to null once by whoever closes the owner: then nobody reads it
    // again.
    private volatile @Nullable Envelope ownerFrom = START;

    RunOutbox(SignalBus bus) {
        this.bus = bus;
    }

    /** Appends an event; false if the terminal event was appended before. The caller then gives the owner its token and tells. */
    boolean append(Envelope envelope) {
        while (true) {
            Envelope last = tail;
            Envelope behind = behind(last);
            if (behind != null) {
                TAIL.compareAndSet(this, last, behind); // help whoever has linked it and not yet moved the tail
            } else if (last.last) {
                return false;
            } else {
                envelope.index = last.index + 1; // nobody else has it yet
                if (!link(last, envelope)) continue;
                if (!envelope.last) {
                    TAIL.compareAndSet(this, last, envelope);
                    return true;
                }
                tail = envelope; // nothing is linked behind it, so nobody moves the tail further, or back
                wakeAll();
                return true;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // there is one such envelope
    private static boolean isStart(Envelope envelope) {
        return envelope == START;
    }

    @SuppressWarnings("ReferenceEquality") // there is one such envelope
    private static boolean isPassed(Envelope envelope) {
        return envelope == PASSED;
    }

    private @Nullable Envelope behind(Envelope envelope) {
        return isStart(envelope) ? first : envelope.next;
    }

    private boolean link(Envelope last, Envelope envelope) {
        return isStart(last)
                ? FIRST.compareAndSet(this, (Envelope) null, envelope)
                : Envelope.NEXT.compareAndSet(last, (Envelope) null, envelope);
    }

    /** Lets the first one go if no reader needs it any more. */
    private void forgetFirst() {
        Envelope read = ownerFrom;
        boolean isRead = read == null || !isStart(read);
        if (isRead && !isStart((Envelope) TELL_FROM.getVolatile(this))) first = PASSED;
    }

    /** The next event for the owner; called on its lane, once per token. Null after {@link #forgetOwner}. */
    @Nullable
    Envelope nextForOwner() {
        Envelope from = ownerFrom;
        if (from == null) return null;
        Envelope next = behind(from);
        if (next != null && isPassed(next)) return null; // the owner was forgotten just now
        ownerFrom = next;
        if (isStart(from)) forgetFirst();
        if (isAwaited() && backlog() <= FLOOD / 2) wakeAll();
        return next;
    }

    /** How many events wait for the owner; 0 if there is no owner, or nothing comes any more. */
    private int backlog() {
        Envelope newest = tail; // before the other one, which may move on meanwhile
        Envelope read = ownerFrom;
        return read == null || newest.last ? 0 : newest.index - read.index;
    }

    /** Whether whoever may wait has to. */
    boolean isClosed() {
        int backlog = backlog();
        return backlog >= FLOOD || (backlog > FLOOD / 2 && isAwaited());
    }

    /** What is in the way of one more event of that run; a thread that must not wait is not held up here. */
    @Nullable
    Full inTheWay(JobRun<?> run, boolean mayWait) {
        Inbox owner = run.owner();
        if (owner == null || !isClosed()) return null;
        boolean begun = owner.hasBegunByNow();
        if (begun && !mayWait) return null; // bounded by what one handler emits
        return new Full(
                this,
                begun,
                () -> FLOOD + " events of job " + run.id() + " wait for its owner, orchestrator " + owner.name(),
                "emit less, or report progress less often");
    }

    /** Lets go of what the owner has not read: it is closed. */
    void forgetOwner() {
        ownerFrom = null;
        forgetFirst();
        wakeAll();
    }

    /** Tells one more appended event to the plain subscribers, or leaves it to the thread that is just telling. */
    void tell() {
        if ((int) UNTOLD.getAndAdd(this, 1) != 0) return;
        if (skipWhatNobodyWants()) return;
        Running.deliver(bus, this);
    }

    /** Moves over events in which nobody is interested, without a delivery; true if that was all. */
    private boolean skipWhatNobodyWants() {
        do {
            Envelope next = nextToTell();
            if (!bus.interest().of(next.event.getClass()).isNobody()) return false;
            toldUpTo(next);
        } while ((int) UNTOLD.getAndAdd(this, -1) != 1);
        return true;
    }

    @Override
    public void deliver(SignalBus there) {
        do {
            Envelope next = nextToTell();
            toldUpTo(next);
            there.tell(next);
        } while ((int) UNTOLD.getAndAdd(this, -1) != 1);
    }

    private void toldUpTo(Envelope envelope) {
        if (isStart(tellFrom)) {
            TELL_FROM.setVolatile(this, envelope);
            forgetFirst();
        } else {
            tellFrom = envelope;
        }
    }

    private Envelope nextToTell() {
        Envelope next = behind(tellFrom);
        if (next == null) throw new AssertionError("an event is counted before it is linked");
        return next;
    }
}
