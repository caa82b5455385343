package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The side of a run that tells: what it is called, to whom it belongs, what stands in its {@link RunOutbox}.
 *
 * <p>Appending calls nobody; announcing calls the owner's lane and the plain subscribers, each event once.
 */
abstract class RunEvents<R extends @Nullable Object> extends RunLifeCycle<R> {
    private static final VarHandle PROGRESS;

    static {
        try {
            PROGRESS = MethodHandles.lookup().findVarHandle(RunEvents.class, "progress", RunProgress.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final String id;
    private final int place;
    private final Job<R> job;
    private final SignalBus bus;
    private final long cause;
    private final @Nullable Chain chain;
    private final RunOutbox outbox;

    /** At most one report of progress is told within that time; null if each is. */
    private final @Nullable Duration interval;

    // Written by the dispatching thread before the run starts, and to null by whoever closes the owner; read by whoever
    // appends. An appender that still sees a closed owner puts a token into a mailbox that nobody reads any more.
    private volatile @Nullable Inbox owner;

    // Written by the attempt under way, before its code leaves; read by whoever tells the ending that it led to.
    private volatile @Nullable Provenance provenance; // null for what is usual

    private volatile @Nullable RunProgress progress; // made once, by compareAndExchange, with the first report

    RunEvents(
            String id,
            Job<R> job,
            SignalBus bus,
            @Nullable Inbox owner,
            long cause,
            @Nullable Chain chain,
            @Nullable Duration interval) {
        this.id = id;
        this.place = Ids.placeOf(id);
        this.job = job;
        this.bus = bus;
        this.owner = owner;
        this.cause = cause;
        this.chain = chain;
        this.interval = interval;
        this.outbox = new RunOutbox(bus);
        if (owner == null) outbox.forgetOwner();
    }

    /** This, as the run that it is. */
    abstract JobRun<R> self();

    final String id() {
        return id;
    }

    /** Where it is kept while it is in flight. */
    final int place() {
        return place;
    }

    final Job<R> job() {
        return job;
    }

    final SignalBus bus() {
        return bus;
    }

    final RunOutbox outbox() {
        return outbox;
    }

    /** The number of the event whose handler dispatched this job; 0 if none did. */
    final long cause() {
        return cause;
    }

    /** The chain of causes that this run and its events stand in; null if it was dispatched outside of handlers. */
    final @Nullable Chain chain() {
        return chain;
    }

    /** What it is called in the log: id and type, and nothing of what is in the job. */
    final String named() {
        return "job " + id + " of type " + job.getClass().getName();
    }

    @Nullable
    Inbox owner() {
        return owner;
    }

    /** The owner is closed: the job goes on, and keeps nothing of its owner alive. */
    void forgetOwner() {
        owner = null;
        outbox.forgetOwner();
    }

    @Nullable
    JobProgress latestProgress() {
        RunProgress reports = progress;
        return reports == null ? null : reports.latest();
    }

    // ---- appending and announcing ----

    /** Appends an event of this run, and tells it; false if the run has ended. */
    final boolean publish(Event event, long causedBy) {
        return publish(event, causedBy, chain);
    }

    /** As {@link #publish(Event, long)}, for an event that somebody else emits, in a chain of its own. */
    final boolean publish(Event event, long causedBy, @Nullable Chain itsChain) {
        if (!append(event, causedBy, itsChain)) return false;
        announce();
        return true;
    }

    /** Puts an event into the outbox and the owner's mailbox, and calls nobody; false if the run has ended. */
    private boolean append(Event event, long causedBy, @Nullable Chain itsChain) {
        if (!outbox.append(new Envelope(event, self(), causedBy, itsChain, false))) return false;
        Inbox mine = owner;
        if (mine != null) mine.offerToken(self());
        return true;
    }

    /** Appends the last event; called once. */
    final void appendEnding(TerminalEvent event) {
        outbox.append(new Envelope(event, self(), cause, true));
    }

    /** As {@link #announce}, for what was kept back: no code of the job says it just now. */
    void announceKept() {
        announce();
    }

    /** Tells what was appended. */
    void announce() {
        Inbox mine = owner;
        if (mine != null) mine.wake();
        outbox.tell();
    }

    final void notifyOwner() {
        Inbox mine = owner;
        if (mine == null) return;
        mine.offerToken(self());
        mine.wake();
    }

    /** The next event for the owner, on its lane, one per token. */
    final @Nullable Envelope nextForOwner() {
        Envelope next = outbox.nextForOwner();
        if (owner == null) outbox.forgetOwner(); // closed meanwhile, and the line above may have undone its forgetting
        return next;
    }

    // ---- what the attempts say ----

    /** The first attempt begins. */
    void started() {
        if (appendStarted()) announce();
    }

    /** Most programs do not ask when a job starts: then nothing is made, queued or woken for it. */
    final boolean appendStarted() {
        Inbox mine = owner;
        boolean isWanted = (mine != null && mine.wantsStarted())
                || !bus.interest().of(JobStartedEvent.class).isNobody();
        return isWanted && append(new JobStartedEvent(id, bus.scope().time().now(), job), cause, chain);
    }

    /** An attempt failed, and another one will be made. */
    void retrying(int attempt, int limit, Throwable error, Duration delay) {
        logRetry(attempt, limit, error, delay);
        if (appendRetrying(attempt, limit, error, delay)) announce();
    }

    final void logRetry(int attempt, int limit, Throwable error, Duration delay) {
        if (!Log.isDebug()) return;
        Log.debug("attempt " + attempt + " of " + limit + " of " + named() + " failed with "
                + error.getClass().getName() + "; the next one begins in " + delay);
    }

    final boolean appendRetrying(int attempt, int limit, Throwable error, Duration delay) {
        if (!isRunning()) return false;
        var now = bus.scope().time().now();
        return append(new JobRetryingEvent(id, now, job, attempt, limit, error, delay), cause, chain);
    }

    void emit(Event event) {
        if (!isRunning()) return;
        if (event instanceof BaseEvent base && !base.correlationId().equals(id)) bus.emitFrom(self(), event);
        else if (Admission.passes(self(), event)) publish(event, cause);
    }

    // ---- values ----

    /** A value before the ending. */
    void data(@Nullable Object value, Provenance from) {
        if (!isRunning() || !letsPassData(value, from)) return;
        if (appendData(value, from)) announce();
    }

    /** Waits while a mailbox has no room for one more value; false if the job was stopped meanwhile. */
    boolean letsPassData(@Nullable Object value, Provenance from) {
        return Admission.passes(self(), dataEvent(value, from));
    }

    /** Puts a value into the outbox and the owner's mailbox, and calls nobody; false if the job is not under way. */
    boolean appendData(@Nullable Object value, Provenance from) {
        return isRunning() && append(dataEvent(value, from), cause, chain);
    }

    private Event dataEvent(@Nullable Object value, Provenance from) {
        return new JobDataEvent<>(id, bus.scope().time().now(), job, value, from);
    }

    /** The value that the attempt under way will give comes from there; null for what is usual. */
    final void noteProvenance(@Nullable Provenance said) {
        provenance = said;
    }

    /** Where its value comes from. */
    Provenance provenance() {
        Provenance said = provenance;
        return said == null ? Provenance.LIVE : said;
    }

    // ---- progress ----

    final void progress(JobProgress report) {
        boolean isToldAtOnce = interval == null;
        if (isToldAtOnce && !(isRunning() && letsPass(report))) return;
        reports().report(report);
    }

    /** Waits while a mailbox has no room for one more report; false if the job was stopped meanwhile. */
    boolean letsPass(JobProgress report) {
        return Admission.passes(self(), report);
    }

    /** Just a fraction: where it is kept back, nothing is made for it. */
    final void progress(double fraction) {
        if (interval == null) progress(JobProgress.of(fraction));
        else reports().report(fraction);
    }

    private RunProgress reports() {
        RunProgress known = progress;
        if (known != null) return known;
        var fresh = new RunProgress(self(), interval);
        var before = (RunProgress) PROGRESS.compareAndExchange(this, (RunProgress) null, fresh);
        return before == null ? fresh : before;
    }

    final void tellLastReport() {
        RunProgress reports = progress;
        if (reports != null) reports.tellLast();
    }

    /** The run has ended: nothing more is told of how far it is. */
    final void closeReports() {
        RunProgress reports = progress;
        if (reports != null) reports.close();
    }

    /** If nobody asks how far a job is, nothing is made, queued or woken for a report. */
    private boolean isProgressWanted() {
        Inbox mine = owner;
        return (mine != null && mine.wantsProgress())
                || !bus.interest().of(JobProgressEvent.class).isNobody();
    }

    /** Puts a report into the outbox and the owner's mailbox, and calls nobody; false if the job is not under way. */
    boolean appendProgress(JobProgress report) {
        if (!isRunning() || !isProgressWanted()) return false;
        return append(new JobProgressEvent(id, bus.scope().time().now(), job, report), cause, chain);
    }
}
