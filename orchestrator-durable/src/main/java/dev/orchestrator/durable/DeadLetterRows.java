package dev.orchestrator.durable;

import dev.orchestrator.durable.Store.NewJob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What people do with jobs that failed or are parked; each with its record in the same transaction. */
final class DeadLetterRows {
    private DeadLetterRows() {}

    static boolean retry(Session session, String id, String anotherId, String actor, long now) throws SQLException {
        if (!isDeadLetter(session, id)) return false;
        NewJob another = session.first(
                        "select type, version, payload, options, priority, timeout, owner, reader, told from orch_job"
                                + " where id = ?",
                        row -> again(row, id, anotherId),
                        id)
                .orElseThrow(ChangedMeanwhile::new);
        Dispatching.dispatch(session, another, now);
        session.update(
                "insert into orch_need (content, job) select content, ? from orch_need where job = ?", anotherId, id);
        session.update("update orch_job set discarded = true where id = ?", id);
        record(session, id, actor, "retry", anotherId, now);
        return true;
    }

    private static NewJob again(ResultSet row, String id, String anotherId) throws SQLException {
        long timeout = row.getLong("timeout");
        return new NewJob(
                anotherId,
                row.getString("type"),
                row.getInt("version"),
                row.getString("payload"),
                row.getString("options"),
                row.getInt("priority"),
                Duration.ZERO,
                null,
                timeout == 0 ? null : Duration.ofMillis(timeout),
                null,
                row.getString("owner"),
                row.getString("reader"),
                false,
                row.getBoolean("told"),
                id,
                List.of());
    }

    private static boolean isDeadLetter(Session session, String id) throws SQLException {
        return session.first(
                        "select state from orch_job where id = ? and state = 'FAILED' and discarded = false"
                                + session.dialect().forUpdate(),
                        row -> true,
                        id)
                .isPresent();
    }

    static boolean discard(Session session, String id, String actor, String why, long now) throws SQLException {
        if (!isDeadLetter(session, id)) return false;
        session.update("update orch_job set discarded = true where id = ?", id);
        record(session, id, actor, "discard", why, now);
        return true;
    }

    static boolean edit(Session session, String id, int version, String payload, String actor, long now)
            throws SQLException {
        Optional<String> work = session.first(
                "select work from orch_job where id = ? and (state = 'PARKED' or state = 'FAILED' and discarded ="
                        + " false)",
                row -> row.getString(1),
                id);
        if (work.isEmpty()) return false;
        Lead lead = Lead.locked(session, work.get()).orElseThrow(ChangedMeanwhile::new);
        boolean failed = session.number(
                        "select count(*) from orch_job where id = ? and state = 'FAILED' and discarded = false", id)
                > 0;
        boolean parked = !failed
                && session.number("select count(*) from orch_job where id = ? and state = 'PARKED'", id) > 0
                && !QueueRows.picked(session, lead).orElse(false);
        if (!failed && !parked) return false;
        session.update("update orch_job set payload = ?, version = ? where id = ?", payload, version, id);
        AttachmentRows.needAllIn(session, payload, id, now);
        if (parked && lead.id().equals(id)) rename(session, lead, lead.type() + "@" + version);
        record(session, id, actor, "edit", "version " + version, now);
        return true;
    }

    /** Under the name of its version, so that a worker claims it that knows that one. */
    private static void rename(Session session, Lead lead, String task) throws SQLException {
        session.update(
                "update orch_queue set task_name = ? where task_name = ? and task_instance = ?",
                task,
                lead.task(),
                lead.id());
        session.update("update orch_job set task = ? where id = ?", task, lead.id());
        if (lead.shared())
            session.update("update orch_job set task = ? where work = ? and work <> id", task, lead.id());
    }

    static boolean unpark(Session session, String id, String actor, long now) throws SQLException {
        Optional<String> work = session.first(
                "select work from orch_job where id = ? and state = 'PARKED'", row -> row.getString(1), id);
        if (work.isEmpty()) return false;
        Lead lead = Lead.locked(session, work.get()).orElseThrow(ChangedMeanwhile::new);
        if (session.number("select count(*) from orch_job where id = ? and state = 'PARKED'", id) == 0) return false;
        Optional<Boolean> picked = QueueRows.picked(session, lead);
        if (picked.orElse(false)) return false;
        session.update(
                "update orch_job set state = 'WAITING', error_text = null, error_search = null, due = ?,"
                        + " news = case when reader is null then news else news + 1 end"
                        + " where (id = ? or work = ? and work <> id)" + JobRows.OPEN,
                now,
                lead.id(),
                lead.id());
        QueueRows.removeWaiting(session, lead);
        QueueRows.addAgain(session, lead, now, now);
        record(session, id, actor, "unpark", "", now);
        return true;
    }

    private static void record(Session session, String id, String actor, String what, String detail, long now)
            throws SQLException {
        session.update(
                "insert into orch_action (job, at, actor, what, detail) values (?, ?, ?, ?, ?)",
                id,
                now,
                actor,
                what,
                detail);
    }

    static List<RecordedAction> actions(Session session, String id) throws SQLException {
        return session.list(
                "select job, at, actor, what, detail from orch_action where job = ? order by place",
                row -> new RecordedAction(
                        row.getString(1),
                        Instant.ofEpochMilli(row.getLong(2)),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5)),
                id);
    }
}
