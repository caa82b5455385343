package dev.orchestrator;

import dev.orchestrator.spi.Probe;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.spi.Time;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The broadcast channel of events: whoever emits knows nobody who listens.
 *
 * <p>There is one {@linkplain #global() global} bus and any number of {@linkplain #scoped() scoped} ones, and nothing
 * leaks from one into another (P14). Every method may be called from any thread and from inside a handler.
 *
 * <p>A subscriber is called on the thread that emits, for a job's own events on whichever thread tells them. It sees the
 * events of one job in the order in which they were emitted and never two of them at once (P4); events of different
 * emitters may reach it at the same time. What it throws is logged and told to the {@linkplain Builder#errorHandler error
 * handler}, and harms nobody (P5). An event that a handler emits is delivered when the delivery of the event that it is
 * handling is over, so {@code emit} may return before. The owner of a job gets the job's events first and waits for no
 * subscriber, so what it emits because of one may reach a subscriber before the event itself does.
 *
 * <p>An orchestrator or an {@linkplain #subscribeAsync(Class, Consumer) asynchronous subscriber} that is slower than the
 * emitters has a mailbox with an {@link OverflowRule}: it makes emitters wait, or drops events, or refuses them (P11).
 *
 * <p>An event costs what those who are interested in its type cost, however many others are on the bus (P12).
 */
public final class SignalBus implements AutoCloseable {
    private final Scope scope;
    private final boolean global;
    private final InterestTable interest = new InterestTable();
    private final RunsInFlight runs = new RunsInFlight();
    private final AtomicLong lastEventId = new AtomicLong();
    private final @Nullable LoopGuard loopGuard;

    // Written once by whoever closes, read by every emitter.
    private volatile boolean closed;

    private SignalBus(Builder builder, boolean global) {
        this.global = global;
        var wall = new UserCode(builder.errorHandler);
        this.scope =
                new Scope(builder.time, builder.threads, Ids.on(builder.time), wall, new Probed(builder.probe, wall));
        this.loopGuard = builder.loopLimits == null ? null : new LoopGuard(builder.time, builder.loopLimits);
    }

    /** The one bus that is there for everybody who was given no other; it cannot be closed. */
    public static SignalBus global() {
        return Global.BUS;
    }

    private static final class Global {
        static final SignalBus BUS = new SignalBus(new Builder(), true);
    }

    /** Makes a bus of its own, with the system's clock and threads. */
    public static SignalBus scoped() {
        return builder().build();
    }

    /** Begins to make a bus of its own. */
    public static Builder builder() {
        return new Builder();
    }

    /** What a bus is made of; every part has a default. */
    public static final class Builder {
        private Time time = Time.system();
        private Threads threads = Threads.standard();
        private @Nullable ErrorHandler errorHandler;
        private @Nullable Probe probe;
        private LoopGuard.@Nullable Limits loopLimits = LoopGuard.Limits.DEFAULT;

        private Builder() {}

        /** The clock of this scope, of its dispatchers and lanes too; {@link Time#system()} if not set. */
        public Builder time(Time value) {
            time = Objects.requireNonNull(value, "time");
            return this;
        }

        /** The threads of this scope, of its dispatchers and lanes too; {@link Threads#standard()} if not set. */
        public Builder threads(Threads value) {
            threads = Objects.requireNonNull(value, "threads");
            return this;
        }

        /** Who is told what handlers throw, after it was logged; nobody if not set. */
        public Builder errorHandler(ErrorHandler value) {
            errorHandler = Objects.requireNonNull(value, "errorHandler");
            return this;
        }

        /** Who sees what happens in this scope and is no event; nobody if not set. */
        public Builder probe(Probe value) {
            probe = Objects.requireNonNull(value, "probe");
            return this;
        }

        /**
         * When the guard against handlers that set each other off in a circle speaks up, and when it stops them; at
         * 10,000 and after 1,000,000 links if not set (P13).
         *
         * <p>A link is a dispatch or an emission inside a handler. It is counted along its chain of causes while it
         * comes within 10 ms of the link before; a later one starts the count anew, so page after page from a server is
         * never touched. A job's events and children stand where the job stands. The link that reaches {@code warnAt} is
         * made and logged as a warning, once per circle; a chain may have {@code stopAt} links, and whoever makes the
         * one after them gets a {@link LoopDetectedException}. Endings are told in any case.
         *
         * <p>It does not see a slow circle; a storm that fans out, many links from one cause or children from children;
         * a circle that passes through a task of {@code onLane}, a subscriber of a state, a stream of events, another
         * thread, or a job's code that emits on the bus instead of through its context; nor one over buses with different
         * clocks. On a circle over several buses the limits are those of the bus on which the link is made.
         *
         * @param warnAt the link at which a warning names the circle
         * @param stopAt how many links a chain may have
         * @throws IllegalArgumentException if {@code warnAt} is below 1, or {@code stopAt} below {@code warnAt}
         */
        public Builder loopGuard(int warnAt, int stopAt) {
            loopLimits = new LoopGuard.Limits(warnAt, stopAt);
            return this;
        }

        /** Makes a bus on which no link is counted: handlers may set each other off for ever. */
        public Builder withoutLoopGuard() {
            loopLimits = null;
            return this;
        }

        /** Makes the bus. */
        public SignalBus build() {
            return new SignalBus(this, false);
        }
    }

    /**
     * Tells everybody who is interested that something happened.
     *
     * <p>A {@link BaseEvent} with the id of a job in flight on this bus is active for that job's owner. Outside of
     * handlers, and without an interested handler that wants an {@link EventInfo}, nothing is allocated and no clock is
     * read.
     *
     * <p>If a mailbox that {@linkplain OverflowRule#block blocks} is full, this waits before anybody gets the event; on a
     * thread that is running a handler it throws instead.
     *
     * @throws IllegalArgumentException if {@code event} is a {@link JobEvent}; those come from runs alone
     * @throws IllegalStateException if this bus is closed; if a mailbox that blocks is full, and this thread is running a
     *     handler or is interrupted while it waits, or the orchestrator has not begun, and then nobody gets the event; if
     *     a mailbox that {@linkplain OverflowRule#fail fails} is full, and then all others have got it
     * @throws LoopDetectedException if handlers set each other off in a circle, and this one is the next
     */
    public void emit(Event event) {
        refuseJobEvent(event);
        JobRun<?> about = runOf(event);
        var who = interest.of(event.getClass());
        // After the look, since closing decides first and lets go of everybody then: whoever finds nobody left is
        // refused.
        refuseEventIfClosed(event);
        if (Admission.isNeeded(who, about)) {
            Admission.passes(this, event, about, null);
            who = interest.of(event.getClass());
            refuseEventIfClosed(event); // it may have been closed while this thread waited
        }
        IllegalStateException refused = route(event, about, who);
        if (refused != null) throw refused;
    }

    private void refuseEventIfClosed(Event event) {
        if (closed)
            throw new IllegalStateException("this bus is closed and takes no more events, was given a "
                    + event.getClass().getName());
    }

    /**
     * Emits an event that a run's code emits and that belongs to another run or to none; it has the cause and the chain of
     * the run that says it. After the closing it reaches the owner of that other run, and nobody else.
     */
    void emitFrom(JobRun<?> emitter, Event event) {
        JobRun<?> about = runOf(event);
        if (Admission.isNeeded(interest.of(event.getClass()), about) && !Admission.passes(this, event, about, emitter))
            return;
        route(emitter, event, about);
    }

    /** As {@link #emitFrom}, and waits for no full mailbox. */
    void emitAtOnce(JobRun<?> emitter, Event event) {
        route(emitter, event, runOf(event));
    }

    private void route(JobRun<?> emitter, Event event, @Nullable JobRun<?> about) {
        if (about != null && about.publish(event, emitter.cause(), emitter.chain())) return;
        if (interest.of(event.getClass()).isNobody()) return;
        Running.deliver(this, new Envelope(event, null, emitter.cause(), emitter.chain(), false));
    }

    private @Nullable JobRun<?> runOf(Event event) {
        return event instanceof BaseEvent base ? runs.find(base.correlationId()) : null;
    }

    /** Takes an event to whom it concerns; gives what a full mailbox has against it, if it was delivered now. */
    private @Nullable IllegalStateException route(
            Event event, @Nullable JobRun<?> about, InterestTable.Interested who) {
        if (about != null && about.publish(event, Running.cause(this), Running.nextLink(this, event.getClass())))
            return null;
        return who.isNobody() ? null : Running.emit(this, event, who);
    }

    static void refuseJobEvent(Event event) {
        Objects.requireNonNull(event, "event");
        if (event instanceof JobEvent)
            throw new IllegalArgumentException(event.getClass().getName()
                    + " is told by the job itself and cannot be emitted; emit an event of your own");
    }

    /**
     * Subscribes to a type of events, its subtypes included.
     *
     * <p>Called from inside a handler it may or may not see the event that is just being delivered, and sees all later
     * ones. The subscription lasts until it or the bus is closed; the bus holds the handler until then.
     *
     * @return the subscription, to be closed when it is no longer wanted
     * @throws IllegalStateException if this bus is closed
     */
    public <E extends Event> Subscription subscribe(Class<E> type, Consumer<? super E> handler) {
        var listener = DirectListener.plain(this, type, handler);
        return add(type, listener);
    }

    /**
     * Subscribes to a type of events with what the bus knows of each.
     *
     * @return the subscription, to be closed when it is no longer wanted
     * @throws IllegalStateException if this bus is closed
     * @see #subscribe
     */
    public <E extends Event> Subscription subscribeWithInfo(
            Class<E> type, BiConsumer<? super E, ? super EventInfo> handler) {
        var listener = DirectListener.withInfo(this, type, handler);
        return add(type, listener);
    }

    /**
     * Subscribes to a type of events with a thread of its own: up to 1,024 events wait for the handler, then emitters do.
     *
     * @return the subscription, to be closed when it is no longer wanted
     * @throws IllegalStateException if this bus is closed
     * @see #subscribeAsync(Class, Consumer, OverflowRule)
     */
    public <E extends Event> Subscription subscribeAsync(Class<E> type, Consumer<? super E> handler) {
        return subscribeAsync(type, handler, AsyncListener.DEFAULT_RULE);
    }

    /**
     * Subscribes to a type of events, its subtypes included, with a thread of its own: the handler delays no emitter
     * unless the rule says so.
     *
     * <p>The handler is called on a virtual thread, one call at a time, in the order of the events. What it emits is emitted
     * inside a handler. After the bus was closed it still gets what was emitted before. Closing the subscription stops it:
     * no further call begins, and the events that wait are let go.
     *
     * @param rule what happens when the handler is slower than the events
     * @return the subscription, to be closed when it is no longer wanted
     * @throws IllegalStateException if this bus is closed
     */
    public <E extends Event> Subscription subscribeAsync(
            Class<E> type, Consumer<? super E> handler, OverflowRule rule) {
        return add(type, AsyncListener.plain(this, type, handler, rule));
    }

    /**
     * Subscribes to a type of events with a thread of its own, with what the bus knows of each.
     *
     * @param rule what happens when the handler is slower than the events
     * @return the subscription, to be closed when it is no longer wanted
     * @throws IllegalStateException if this bus is closed
     * @see #subscribeAsync(Class, Consumer, OverflowRule)
     */
    public <E extends Event> Subscription subscribeAsyncWithInfo(
            Class<E> type, BiConsumer<? super E, ? super EventInfo> handler, OverflowRule rule) {
        return add(type, AsyncListener.withInfo(this, type, handler, rule));
    }

    private Subscription add(Class<?> type, Subscription listener) {
        refuseIfClosed();
        interest.add(type, listener);
        // A close in between has cleared the table, before or after this: look again, and leave nothing behind.
        if (closed) {
            listener.close();
            refuseIfClosed();
        }
        return listener;
    }

    private void refuseIfClosed() {
        if (closed) throw new IllegalStateException("this bus is closed and takes no more subscriptions");
    }

    /**
     * All events as a stream: each subscriber gets those that are emitted after it subscribed, as far as it asks.
     *
     * <p>Up to 1,024 events wait for a subscriber that asks for fewer; at the next one its subscription ends with an
     * {@link IllegalStateException} in {@code onError}, and nobody else notices (P11). It is called on a virtual thread,
     * one call at a time. Closing the bus completes it after the events already emitted.
     */
    public Flow.Publisher<Event> events() {
        return new EventPublisher(this);
    }

    /** One subscription as it stands in the table: to which type of events, and who is told, in words for people. */
    public record Subscriber(Class<?> eventType, String name) {}

    /**
     * Who is subscribed now: subscribers of all kinds, and orchestrators with each type that they observe; a copy, in the
     * order of subscribing.
     */
    public List<Subscriber> subscribers() {
        return interest.subscribers();
    }

    /** The clock of this bus, for what is built on it and depends on time. */
    public Time time() {
        return scope().time();
    }

    /** The threads of this bus, for what is built on it and starts or waits for something. */
    public Threads threads() {
        return scope().threads();
    }

    /** The jobs that are in flight on this bus now, by id; a copy. */
    public List<JobSnapshot> jobs() {
        return JobSnapshot.of(runs.all());
    }

    /**
     * Completes the subscribers after the events already emitted, and refuses everything new.
     *
     * <p>Jobs go on; what they still emit reaches their owner and their handles, and no other subscriber. Closing twice
     * does no harm.
     *
     * @throws IllegalStateException if this is the {@linkplain #global() global} bus
     */
    @Override
    public void close() {
        if (global)
            throw new IllegalStateException(
                    "the global bus is everybody's and cannot be closed; use SignalBus.scoped()");
        if (closed) return;
        closed = true;
        // From inside a handler: after what that handler has emitted before.
        Running.deliver(this, bus -> {
            var listeners = interest.queued();
            interest.clear();
            for (QueuedListener listener : listeners) listener.busClosed();
        });
    }

    boolean isClosed() {
        return closed;
    }

    Scope scope() {
        return scope;
    }

    InterestTable interest() {
        return interest;
    }

    RunsInFlight runs() {
        return runs;
    }

    @Nullable
    LoopGuard loopGuard() {
        return loopGuard;
    }

    long nextEventId() {
        return lastEventId.incrementAndGet();
    }

    /** Tells one event, inside a delivery of this thread. */
    void tell(Envelope envelope) {
        tell(envelope, interest.of(envelope.event.getClass()));
    }

    void tell(Envelope envelope, InterestTable.Interested who) {
        IllegalStateException refused = tellAll(envelope, who);
        if (refused != null) scope.wall().report(refused, "a full mailbox", envelope.event);
    }

    private @Nullable IllegalStateException tellAll(Envelope envelope, InterestTable.Interested who) {
        Running.handling(envelope);
        for (DirectListener listener : who.direct()) {
            if (listener.wantsInfo()) listener.call(envelope.event, envelope.info(this));
            else listener.call(envelope.event);
        }
        return tellQueued(envelope, who.queued());
    }

    /**
     * As {@link #tell}, for an event that has no envelope unless somebody turns out to want one.
     *
     * @return what a full mailbox has against it
     */
    @Nullable
    IllegalStateException tellPlain(Event event, InterestTable.Interested who, @Nullable Object[] frame) {
        DirectListener[] listeners = who.direct();
        for (int i = callHandlers(event, who); i < listeners.length; i++) {
            DirectListener listener = listeners[i];
            if (listener.wantsInfo())
                listener.call(event, Running.envelope(frame).info(this));
            else listener.call(event);
        }
        return who.queued().length == 0 ? null : tellQueued(Running.envelope(frame), who.queued());
    }

    /**
     * Calls the handlers of plain subscribers, the wall around each, without a look at their listeners.
     *
     * @return how many of the listeners are done; the others are to be asked, since one of them may be closed
     */
    private static int callHandlers(Event event, InterestTable.Interested who) {
        Consumer<Event>[] handlers = who.handlers();
        if (handlers == null) return 0;
        int i = 0;
        while (true) {
            try {
                for (; i < handlers.length; i++) {
                    if (who.isOutdated()) return i;
                    handlers[i].accept(event);
                }
                return i;
            } catch (Throwable thrown) {
                who.direct()[i++].report(thrown, event);
            }
        }
    }

    /**
     * Puts the event into every mailbox before any lane may take it, and after the plain subscribers have seen it: so
     * whatever an orchestrator emits because of it comes after it for everybody (P4).
     */
    private @Nullable IllegalStateException tellQueued(Envelope envelope, QueuedListener[] listeners) {
        IllegalStateException refused = null;
        for (QueuedListener listener : listeners) {
            if (listener.wantsInfo()) envelope.info(this); // now, since its time is that of the emission
            if (!listener.offer(envelope)) refused = refusedBy(listener, refused);
        }
        envelope.markOfferedToAll();
        for (QueuedListener listener : listeners) listener.wake();
        return refused;
    }

    private static IllegalStateException refusedBy(QueuedListener listener, @Nullable IllegalStateException before) {
        var refused =
                new IllegalStateException(listener.mailboxName() + " is full and did not take the event, which all"
                        + " others have got. To go on: " + OverflowRule.REMEDY);
        if (before == null) return refused;
        before.addSuppressed(refused);
        return before;
    }
}
