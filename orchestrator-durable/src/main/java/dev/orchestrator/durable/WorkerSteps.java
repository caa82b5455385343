package dev.orchestrator.durable;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Work;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a worker does with a work that it has, but for its ending. Each step locks the lead, then checks the claim. */
final class WorkerSteps {
    /** Readers elsewhere have to be told; the one at the worker's node is told by the worker. */
    private static final String NEWS_ELSEWHERE =
            "news = case when reader is null or reader = ? then news else news + 1 end";

    private static final String NEWS = "news = case when reader is null then news else news + 1 end";

    private WorkerSteps() {}

    private static Lead lead(Session session, Claim claim) throws SQLException {
        return Lead.locked(session, claim.work()).orElseThrow(() -> new LostClaimException(claim));
    }

    private static final String WORK = JobRows.SELECT
            + ", j.options, j.deadline, j.timeout, j.failures, j.crashes, j.stop_wish, j.shared, j.reader";

    static Optional<Work> claimed(Session session, Claim claim) throws SQLException {
        return session.first(
                WORK + ", case when q.picked = true and q.version = ? and q.picked_by = ? then 1 else 0 end as holds"
                        + JobRows.FROM + " where j.id = ? and j.work = j.id and j.task = ?",
                row -> {
                    if (row.getInt("holds") == 0) throw new LostClaimException(claim);
                    return work(session, row);
                },
                claim.fence(),
                claim.node(),
                claim.work(),
                claim.task());
    }

    static Map<Claim, Work> claimed(Session session, String node, List<Claim> claims) throws SQLException {
        var byWork = new HashMap<String, Claim>();
        for (Claim claim : claims) byWork.put(claim.work(), claim);
        List<String> ids = List.copyOf(byWork.keySet());
        boolean one = ids.size() == 1; // for which PostgreSQL keeps a plan
        var found = new HashMap<Claim, Work>();
        session.list(
                WORK + ", j.task"
                        + (one
                                ? " from (select * from orch_job where id = ?) j"
                                : session.dialect().jobsAmong())
                        // What the queue says is known.
                        + " cross join (select true as picked, ? as picked_by) q where j.work = j.id",
                row -> {
                    Claim claim = Objects.requireNonNull(byWork.get(row.getString("id")));
                    if (claim.task().equals(row.getString("task"))) found.put(claim, work(session, row));
                    return true;
                },
                one ? ids.getFirst() : ids,
                node);
        return found;
    }

    private static Work work(Session session, ResultSet row) throws SQLException {
        Long timeout = Session.longOrNull(row, "timeout");
        return new Work(
                row.getString("type"),
                row.getInt("version"),
                row.getString("payload"),
                row.getString("job_key"),
                row.getString("owner"),
                row.getString("options"),
                row.getBoolean("shared")
                        ? lastDeadline(session, row.getString("id"))
                        : Session.longOrNull(row, "deadline"),
                timeout == null ? null : Duration.ofMillis(timeout),
                Session.longOrNull(row, "began"),
                row.getInt("failures"),
                row.getInt("crashes"),
                row.getString("stop_wish"),
                row.getBoolean("shared") ? onlyReader(session, row.getString("id")) : row.getString("reader"));
    }

    /** When the time is up for the last of those that take part; null if one has no limit. */
    private static @Nullable Long lastDeadline(Session session, String work) throws SQLException {
        return session.list(
                        "select case when count(*) = count(deadline) then max(deadline) end as deadline from orch_job"
                                + " where (id = ? or work = ? and work <> id)" + JobRows.OPEN,
                        row -> Optional.ofNullable(Session.longOrNull(row, "deadline")),
                        work,
                        work)
                .getFirst()
                .orElse(null);
    }

    private static @Nullable String onlyReader(Session session, String work) throws SQLException {
        List<String> readers = session.list(
                "select distinct coalesce(reader, '') from orch_job" + " where (id = ? or work = ? and work <> id)"
                        + JobRows.OPEN,
                row -> row.getString(1),
                work,
                work);
        return readers.size() == 1 && !readers.getFirst().isEmpty() ? readers.getFirst() : null;
    }

    static void began(Session session, Claim claim, int attempt, long now) throws SQLException {
        Lead lead = lead(session, claim);
        QueueRows.check(session, claim);
        changed(
                session,
                lead,
                "began = coalesce(began, ?), attempts = ?, node = ?, state = 'WAITING', error_text = null,"
                        + " waits_for = null, " + NEWS_ELSEWHERE,
                now,
                attempt,
                claim.node(),
                claim.node());
    }

    /** Changes all jobs that take part and have not ended. */
    private static void changed(Session session, Lead lead, String set, @Nullable Object... values)
            throws SQLException {
        @Nullable Object[] all = java.util.Arrays.copyOf(values, values.length + 1);
        all[values.length] = lead.id();
        if (lead.ended() == null) session.update("update orch_job set " + set + " where id = ?" + JobRows.OPEN, all);
        if (lead.shared())
            session.update("update orch_job set " + set + " where work = ? and work <> id" + JobRows.OPEN, all);
    }

    static void retry(Session session, Claim claim, FailedAttempt failed, Duration delay, long now)
            throws SQLException {
        Lead lead = lead(session, claim);
        long due = due(lead, delay, now);
        QueueRows.giveBack(session, claim, due);
        JobRows.addAttempt(session, lead.id(), failed);
        session.update("update orch_job set failures = failures + 1 where id = ?", lead.id());
        changed(
                session,
                lead,
                "due = ?, attempts = ?, node = ?, state = 'WAITING', error_text = null, waits_for = null,"
                        + " began = coalesce(began, ?), " + NEWS_ELSEWHERE,
                due,
                failed.number(),
                claim.node(),
                failed.began().toEpochMilli(),
                claim.node());
    }

    /** At once if it is to be stopped, as its next worker ends it; so nobody waits for a delay then. */
    private static long due(Lead lead, Duration delay, long now) {
        long due = lead.stopWish() != null ? now : Millis.after(now, delay);
        Long deadline = lead.shared() ? null : lead.deadline(); // others may have more time
        return deadline == null ? due : Math.min(due, Math.max(deadline, now));
    }

    static void giveBack(Session session, Claim claim, Duration delay, @Nullable String waitsFor, long now)
            throws SQLException {
        Lead lead = lead(session, claim);
        long due = due(lead, delay, now);
        QueueRows.giveBack(session, claim, due);
        int attempts = lead.failures() + lead.crashes();
        changed(
                session,
                lead,
                "due = ?, attempts = ?, began = case when ? > 0 then began else null end, waits_for = ?,"
                        + " state = 'WAITING', error_text = null",
                due,
                attempts,
                attempts,
                waitsFor);
    }

    static void park(Session session, Claim claim, String reason, long now) throws SQLException {
        Lead lead = lead(session, claim);
        if (lead.stopWish() != null) {
            QueueRows.giveBack(session, claim, now);
            return;
        }
        QueueRows.remove(session, claim);
        changed(
                session,
                lead,
                "state = 'PARKED', waits_for = null, error_text = ?, error_search = ?, " + NEWS,
                reason,
                reason.toLowerCase(java.util.Locale.ROOT));
        if (lead.slots() > 0) LimitRows.free(session, lead.id(), now); // nobody knows for how long it is away
    }

    static void crashed(Session session, Claim claim, int most, Store.Ending.Failure ending, long now)
            throws SQLException {
        KeyRows.lockOf(session, claim.work());
        Lead lead = lead(session, claim);
        if (lead.crashes() + 1 >= most) {
            session.update("update orch_job set crashes = crashes + 1 where id = ?", lead.id());
            Endings.endCrashed(session, claim, lead, ending, now);
            return;
        }
        QueueRows.giveBack(session, claim, now);
        session.update("update orch_job set crashes = crashes + 1 where id = ?", lead.id());
        changed(session, lead, "due = ?, state = 'WAITING', error_text = null, waits_for = null, " + NEWS, now);
    }

    static void event(Session session, Claim claim, long number, String type, int version, String payload)
            throws SQLException {
        Lead lead = lead(session, claim);
        QueueRows.check(session, claim);
        changed(session, lead, "events = events + 1, " + NEWS_ELSEWHERE, claim.node());
        session.update(
                "insert into orch_event (job, position, said, type, version, payload) select id, events, ?, ?, ?, ?"
                        + " from orch_job where (id = ? or work = ? and work <> id)" + JobRows.OPEN
                        + " on conflict (job,"
                        + " said) do nothing",
                claim.fence() + "." + number,
                type,
                version,
                payload,
                lead.id(),
                lead.id());
    }

    static void progress(Session session, Claim claim, String progress) throws SQLException {
        Lead lead = lead(session, claim);
        QueueRows.check(session, claim);
        session.update("update orch_job set progress = ? where id = ?", progress, lead.id());
        changed(session, lead, NEWS_ELSEWHERE, claim.node());
    }

    /** Has its worker told; the first reason stays. */
    static void wishToStop(Session session, Lead lead, String reason) throws SQLException {
        session.update("update orch_job set stop_wish = coalesce(stop_wish, ?) where id = ?", reason, lead.id());
        if (lead.shared())
            session.update(
                    "update orch_job set stop_wish = coalesce(stop_wish, ?) where work = ? and work <> id",
                    reason,
                    lead.id());
    }

    static Map<String, String> stopWishes(Session session, String node) throws SQLException {
        var wishes = new HashMap<String, String>();
        for (var wish : session.list(
                "select q.task_instance, j.stop_wish from orch_queue q cross join orch_job j where q.picked = true"
                        + " and q.picked_by = ? and j.id = q.task_instance and j.stop_wish is not null",
                row -> Map.entry(row.getString(1), row.getString(2)),
                node)) wishes.put(wish.getKey(), wish.getValue());
        return wishes;
    }
}
