package dev.orchestrator.durable;

import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.durable.Store.Ending;
import dev.orchestrator.durable.Store.NewJob;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a job is stored, with the rule of its key.
 *
 * <p>An id that exists is left alone whoever stores it at the same time: the row is inserted before anything else is changed,
 * and the second one to insert it finds that it is there.
 */
final class Dispatching {
    private static final String REPLACED = "replaced by another job with the same key";

    private static final String INSERT = "insert into orch_job (id, work, task, type, version, state, payload,"
        + " options, priority, job_key, owner, reader, told, news, retry_of, accepted, due, deadline, timeout,"
        + " waits_for) values (?, ?, ?, ?, ?, 'WAITING', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do"
        + " nothing";

    private Dispatching() {}

    /** As what it is stored. */
    private record Place(
            String work,
            String task,
            @Nullable Long deadline,
            @Nullable String waitsFor) {}

    static Dispatched dispatch(Session session, NewJob job, long now) throws SQLException {
        return dispatch(session, job, null, now);
    }

    /** @param first the claim that it gets if it may run at once and has no key */
    static Dispatched dispatch(Session session, NewJob job, Store.@Nullable Claim first, long now) throws SQLException {
        Place own = new Place(job.id(), task(job), deadline(job, now), null);
        Store.Key key = job.key();
        if (key == null) return stored(session, job, own, first, now);
        KeyRows.lock(session, job.type(), key.text());
        Optional<KeyRows.Holder> holder = KeyRows.holder(session, job.type(), key.text());
        if (holder.isEmpty()) return stored(session, job, own, now);
        return switch (key.rule()) {
            case JOIN -> join(session, job, key, own, holder.get(), now);
            case DROP -> refused(session, job, KeyRows.waitingCount(session, job.type(), key.text()));
            case QUEUE -> {
                int waiting = KeyRows.waitingCount(session, job.type(), key.text());
                yield waiting < key.waiting()
                        ? stored(session, job, waiting(own), now)
                        : refused(session, job, waiting);
            }
            case REPLACE -> replace(session, job, key, own, holder.get(), now);
        };
    }

    static String task(NewJob job) {
        return job.type() + "@" + job.version();
    }

    private static @Nullable Long deadline(NewJob job, long now) {
        return job.timeout() == null ? null : Millis.after(now, job.timeout());
    }

    private static Place waiting(Place own) {
        return new Place(own.work(), own.task(), own.deadline(), KeyRows.WAITING);
    }

    private static Dispatched refused(Session session, NewJob job, int waiting) throws SQLException {
        Optional<DurableJob> existing = JobRows.find(session, job.id());
        return existing.isPresent() ? new Dispatched.Exists(existing.get()) : new Dispatched.KeyInUse(waiting);
    }

    /** Not to a work that is being stopped: its ending would not be one of this job. Then to what comes after it. */
    private static Dispatched join(
            Session session, NewJob job, Store.Key key, Place own, KeyRows.Holder holder, long now)
            throws SQLException {
        String work = holder.work();
        if (holder.stopping()) {
            List<String> waiting = KeyRows.waiting(session, job.type(), key.text());
            if (waiting.isEmpty()) return stored(session, job, waiting(own), now);
            work = waiting.getLast();
        }
        Lead lead = Lead.locked(session, work).orElseThrow(ChangedMeanwhile::new);
        Place joined = new Place(lead.id(), lead.task(), own.deadline(), lead.waitsFor());
        Dispatched dispatched = stored(session, job, joined, now);
        if (dispatched instanceof Dispatched.Added && !lead.shared())
            session.update("update orch_job set shared = true where id = ?", lead.id());
        return dispatched;
    }

    private static Dispatched replace(
            Session session, NewJob job, Store.Key key, Place own, KeyRows.Holder holder, long now)
            throws SQLException {
        Lead lead = Lead.locked(session, holder.work()).orElseThrow(ChangedMeanwhile::new);
        boolean runs = QueueRows.picked(session, lead).orElse(false);
        List<String> waiting = KeyRows.waiting(session, job.type(), key.text());
        Dispatched dispatched = stored(session, job, runs ? waiting(own) : own, now);
        if (!(dispatched instanceof Dispatched.Added)) return dispatched;
        var replaced = new Ending.Cancelled(REPLACED);
        for (String work : waiting)
            Endings.endUnclaimed(session, Lead.locked(session, work).orElseThrow(), replaced, now);
        if (runs) WorkerSteps.wishToStop(session, lead, REPLACED);
        else Endings.endUnclaimed(session, lead, replaced, now);
        return dispatched;
    }

    private static Dispatched stored(Session session, NewJob job, Place place, long now) throws SQLException {
        return stored(session, job, place, null, now);
    }

    private static Dispatched stored(Session session, NewJob job, Place place, Store.@Nullable Claim first, long now)
            throws SQLException {
        Long dueAt = job.dueAt();
        long due = dueAt != null ? Millis.atMost(dueAt) : Millis.after(now, job.delay());
        boolean queued = place.work().equals(job.id()) && place.waitsFor() == null;
        boolean dueNow = queued && due <= now;
        Store.Claim claim = dueNow ? first : null;
        QueueRows.Entry entry = claim != null
                ? QueueRows.Entry.claimed(claim, due, now, job.priority())
                : QueueRows.Entry.unclaimed(place.task(), job.id(), due, job.priority());
        List<@Nullable Object> values = values(job, place, now, due);
        int inserted = queued && session.isPostgres()
                ? QueueRows.addStored(session, INSERT, values, entry)
                : session.update(INSERT, values.toArray());
        if (inserted == 0)
            return new Dispatched.Exists(JobRows.find(session, job.id()).orElseThrow(ChangedMeanwhile::new));
        for (String hash : job.attachments()) AttachmentRows.need(session, hash, job.id(), now);
        if (queued && !session.isPostgres()) QueueRows.add(session, entry);
        return claim != null ? new Dispatched.Claimed(work(job, place.deadline())) : new Dispatched.Added(dueNow);
    }

    /** As its worker would find it. */
    private static Store.Work work(NewJob job, @Nullable Long deadline) {
        return new Store.Work(
                job.type(),
                job.version(),
                job.payload(),
                null,
                job.owner(),
                job.options(),
                deadline,
                job.timeout(),
                null,
                0,
                0,
                null,
                job.reader());
    }

    private static List<@Nullable Object> values(NewJob job, Place place, long now, long due) {
        boolean news = job.reader() != null && !job.seen();
        return Arrays.asList(
                job.id(),
                place.work(),
                place.task(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                job.key() == null ? null : job.key().text(),
                job.owner(),
                job.reader(),
                job.acknowledged(),
                news ? 1L : 0L,
                job.retryOf(),
                now,
                due,
                place.deadline(),
                Millis.orNull(job.timeout()),
                place.waitsFor());
    }
}
