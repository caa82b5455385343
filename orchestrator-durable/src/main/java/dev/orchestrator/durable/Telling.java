package dev.orchestrator.durable;

import dev.orchestrator.Event;
import dev.orchestrator.JobProgress;
import dev.orchestrator.Origin;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.JobControl;
import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells those in this process who own durable jobs what happened to them: at once what was done here, and from the database
 * what was done elsewhere or before.
 *
 * <p>A job is here from before it is stored, or from its adoption, until its ending is told and, where it has an owner,
 * acknowledged. Both sources may bring the same ending; {@link Told} takes the first.
 */
final class Telling implements Listener {
    private final Store store;
    private final String node;
    private final SignalBus bus;
    private final EventDecoder events;
    private final Payloads payloads;
    private final Runnable lookForNews;
    private final Acknowledgements acknowledgements;
    private final ConcurrentHashMap<String, Told> told = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Look> looks = new CopyOnWriteArrayList<>();

    private volatile boolean closed; // written once, by whoever closes; read by those who bring a job

    // Raised by who tells an ending, once a job; lowered when nothing more is to be done with that job here.
    private final AtomicInteger unacknowledged = new AtomicInteger();

    /** What was done with since somebody began to read news. */
    static final class Look {
        private final Set<String> done = ConcurrentHashMap.newKeySet();
    }

    /** Makes an event of what is stored of it. */
    @FunctionalInterface
    interface EventDecoder {
        Event decode(String type, int version, String payload);
    }

    Telling(Store store, String node, SignalBus bus, EventDecoder events, Payloads payloads, Runnable lookForNews) {
        this.store = store;
        this.node = node;
        this.bus = bus;
        this.events = events;
        this.payloads = payloads;
        this.lookForNews = lookForNews;
        this.acknowledgements = new Acknowledgements(store, node, bus, this::doneWith);
    }

    /** Tells about that job from now on; refuses one that is here already. */
    Told begin(Object job, JobControl<?> control, Kind<?, ?> kind, @Nullable String owner) {
        return begin(new Told(job, control, kind, owner, false));
    }

    /** The same for a job that was stored before, by another process or an earlier life. */
    void adopt(Object job, JobControl<?> control, Kind<?, ?> kind) {
        begin(new Told(job, control, kind, control.ownerName().orElse(""), true)); // who adopts it owns it
    }

    private Told begin(Told fresh) {
        JobControl<?> control = fresh.control();
        if (told.putIfAbsent(control.id(), fresh) != null)
            throw new IllegalStateException("durable job " + control.id() + " is under way in this process already;"
                    + " wait for its ending, or give the other job another id");
        // Who closes says so and then lets go of all there are; so one of the two lets go of this one.
        if (closed && told.remove(control.id(), fresh))
            throw new IllegalStateException("this Durable is closed; what is stored goes on with the next one");
        return fresh;
    }

    /**
     * Begins to note which jobs are done with here, for somebody who is about to read news: what was read of them before is
     * old, and nothing to adopt again. To be given to {@link #endLook}.
     *
     * <p>Whoever is done with a job notes that before it is gone from here, and after its ending was acknowledged. So whoever
     * finds it gone sees the note, unless that was made before the look began; then the news read since say it, too.
     */
    Look beginLook() {
        var look = new Look();
        looks.add(look);
        return look;
    }

    void endLook(Look look) {
        looks.remove(look);
    }

    private void doneWith(String id) {
        for (Look look : looks) look.done.add(id);
        told.remove(id);
        unacknowledged.decrementAndGet();
    }

    /** Whether a job of that news is nobody's here, and the news are not old. */
    boolean isUnknown(String id, Look look) {
        return !told.containsKey(id) && !look.done.contains(id);
    }

    /**
     * Takes back an adoption that came of old news: others adopted it meanwhile, and were done with it. Not what was dispatched
     * since then with the same id.
     *
     * @return whether the news are old, so that there is nothing to tell
     */
    boolean letGoIfDone(String id, Look look) {
        if (!look.done.contains(id)) return false;
        Told each = told.get(id);
        if (each != null && each.isAdopted() && told.remove(id, each))
            each.control().letGo("durable job " + id + " has ended, and its owner has been told");
        return true;
    }

    /** Lets go of the jobs whose owner of that name is closed and has not handled their ending: they are its next life's. */
    List<String> letGoOfClosed(String owner) {
        var orphans = new ArrayList<String>();
        for (Told each : told.values()) {
            if (!owner.equals(each.owner()) || each.control().isOwned() || each.isEnded()) continue;
            told.remove(each.id(), each);
            each.control()
                    .letGo("durable job " + each.id() + " belongs to the next life of its owner, which was closed");
            orphans.add(each.id());
        }
        return orphans;
    }

    /** The job was not stored. */
    void forget(Told each) {
        told.remove(each.id(), each);
    }

    @Nullable
    Told find(String id) {
        return told.get(id);
    }

    /** Whether its ending is told here, and has yet to be acknowledged. */
    boolean isEnded(String id) {
        Told each = told.get(id);
        return each != null && each.isEnded();
    }

    /** How many endings are told and have yet to be handled and acknowledged. */
    int unacknowledged() {
        return unacknowledged.get();
    }

    private void inTurn(String id, Consumer<Told> task) {
        Told each = told.get(id);
        if (each != null) each.inTurn(() -> task.accept(each));
    }

    // ---- what is done here ----

    @Override
    public void began(String work, int attempt) {
        inTurn(work, each -> each.began(attempt));
    }

    @Override
    public void progress(String work, JobProgress progress) {
        inTurn(work, each -> each.progress(progress));
    }

    @Override
    public void data(String work, @Nullable Object value, Origin origin) {
        inTurn(work, each -> each.data(value, origin));
    }

    @Override
    public void retrying(String work, int attempt, int limit, Throwable error, Duration delay) {
        inTurn(work, each -> each.retrying(attempt, limit, error, delay));
    }

    /** The event is read from the database, with those before it, away from the executor that emitted it. */
    @Override
    public void event(String work) {
        Told each = told.get(work);
        if (each == null) return;
        each.noteEvents();
        bus.threads().start(Role.WORKER, work, () -> each.inTurn(() -> tellEvents(each)));
    }

    @Override
    public void ended(
            Collection<String> jobs,
            Store.Ending ending,
            int attempts,
            @Nullable Object value,
            @Nullable Throwable error) {
        for (String id : jobs) {
            inTurn(id, each -> {
                if (each.hasEvents()) tellEvents(each);
                end(each, ending, attempts, value, error, false);
            });
        }
    }

    @Override
    public void changed() {
        lookForNews.run();
    }

    // ---- what the database has ----

    /** Tells what is new of a job that is here; on a thread of ours. */
    void tell(Store.News news) {
        inTurn(news.job().id(), each -> tell(each, news));
    }

    private void tell(Told each, Store.News news) {
        DurableJob job = news.job();
        if (job.began() != null) each.began(job.attempts());
        tellRetry(each, news);
        String progress = news.progress();
        if (progress != null && !job.state().isEnded()) each.progress(payloads.decodeProgress(progress));
        tellEvents(each);
        if (job.state().isEnded()) endAsRecorded(each, news.job(), news.error(), news.timeout(), true);
        else store.read(job.id(), node, news.news());
    }

    private void tellRetry(Told each, Store.News news) {
        FailedAttempt failed = news.lastFailure();
        if (failed == null || news.job().state().isEnded()) return;
        var error = new StoredErrorException(failed.errorType(), failed.error(), failed.trace(), null);
        var delay = Duration.between(failed.ended(), news.job().due());
        each.retrying(failed.number(), mostAttempts(each, failed), error, delay.isNegative() ? Duration.ZERO : delay);
    }

    /** As this program's registration has it, where that cannot be wrong: the policy of the process that does it is not stored. */
    private static int mostAttempts(Told each, FailedAttempt failed) {
        int most = each.control().options().retry().attempts();
        return most > failed.number() ? most : Integer.MAX_VALUE;
    }

    private void tellEvents(Told each) {
        for (Store.StoredEvent stored : store.events(each.id(), each.lastEvent())) {
            each.toldEvent(stored.position());
            Event event;
            try {
                event = events.decode(stored.type(), stored.version(), stored.payload());
            } catch (UnreadableException unreadable) {
                DurableLog.warning(
                        "an event of durable job " + each.id() + " cannot be read and is not told", unreadable);
                continue;
            }
            each.control().emit(event);
        }
    }

    /** Tells the ending of a job that is no news for this process: it ended before somebody here asked for it. */
    void endFound(Told each, DurableJob job) {
        each.inTurn(() -> {
            tellEvents(each);
            endAsRecorded(each, job, null, null, false);
        });
    }

    private void endAsRecorded(
            Told each, DurableJob job, @Nullable String error, @Nullable Duration timeout, boolean isNews) {
        switch (job.state()) {
            case SUCCEEDED -> succeed(each, job, isNews);
            case FAILED -> {
                Throwable thrown = error == null ? null : payloads.decodeError(error);
                String type = Objects.requireNonNullElse(job.errorType(), "an unknown error");
                end(each, new Store.Ending.Failure(type, job.error(), ""), job.attempts(), null, thrown, isNews);
            }
            case CANCELLED ->
                end(
                        each,
                        new Store.Ending.Cancelled(Objects.requireNonNullElse(job.error(), "cancelled")),
                        job.attempts(),
                        null,
                        null,
                        isNews);
            case TIMED_OUT ->
                end(
                        each,
                        new Store.Ending.TimedOut(Objects.requireNonNullElse(timeout, Duration.ZERO)),
                        job.attempts(),
                        null,
                        null,
                        isNews);
            case WAITING, RUNNING, PARKED -> throw new AssertionError(job + " has not ended");
        }
    }

    /** A value that this program cannot read is a failure to those who wait for it; the record keeps the value. */
    private void succeed(Told each, DurableJob job, boolean isNews) {
        String json = Objects.requireNonNullElse(job.result(), "null");
        Object value;
        try {
            value = each.kind().decodeResult(json);
        } catch (UnreadableException unreadable) {
            DurableLog.error("the recorded value of " + job + " cannot be read by this program", unreadable);
            end(each, new Store.Ending.Failure("", null, ""), job.attempts(), null, unreadable, isNews);
            return;
        }
        end(each, new Store.Ending.Success(json), job.attempts(), value, null, isNews);
    }

    private void end(
            Told each,
            Store.Ending ending,
            int attempts,
            @Nullable Object value,
            @Nullable Throwable error,
            boolean isNews) {
        boolean hasOwner = each.owner() != null; // also if that one is closed by now
        if (!each.end(ending, attempts, value, error)) return;
        unacknowledged.incrementAndGet();
        each.control().handled().whenComplete((handled, never) -> {
            if (each.isAcknowledgedByUser() || (hasOwner && !each.control().isOwned())) doneWith(each.id());
            else if (hasOwner || isNews) acknowledgements.add(each.id());
            else doneWith(each.id());
        });
    }

    /** What was acknowledged while another process was its reader still has to be acknowledged as what this one reads. */
    void readHereNow(Told each) {
        if (!each.isEnded()) return; // then it is acknowledged later than this
        each.control().handled().whenComplete((handled, never) -> {
            if (each.control().isOwned())
                bus.threads().start(Role.WORKER, each.id(), () -> store.acknowledge(List.of(each.id()), node));
        });
    }

    // ---- the end ----

    /** The jobs go on, and nobody here is told more of them. */
    void letGo() {
        closed = true;
        acknowledgements.close();
        for (Told each : told.values()) {
            each.control()
                    .letGo("this Durable was closed; durable job " + each.id()
                            + " goes on, and its ending comes to its owner when that one is taken up again");
        }
        told.clear();
    }
}
