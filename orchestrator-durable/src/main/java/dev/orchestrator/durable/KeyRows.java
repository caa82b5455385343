package dev.orchestrator.durable;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who has a key, and who waits for it: read from the jobs that have not ended.
 *
 * <p>Whoever reads that to decide, or changes it, holds the lock of the key: so there is never a second holder, and as long
 * as anybody waits there is one, whose ending lets the next one in.
 */
final class KeyRows {
    static final String WAITING = "key";

    private static final String OPEN = " from orch_job where type = ? and job_key = ? and ended is null";

    private KeyRows() {}

    /** The work that has a key. */
    record Holder(String work, String task, @Nullable Long deadline, boolean stopping) {}

    /** No other transaction decides about the key until this one ends. */
    static void lock(Session session, String type, @Nullable String key) throws SQLException {
        if (key == null || !session.isPostgres()) return;
        session.first("select pg_advisory_xact_lock(hashtextextended(?, 0))", row -> true, "orch " + type + " " + key);
    }

    /** As {@link #lock} for the key of a job, which never changes; false if there is no such job. */
    static boolean lockOf(Session session, String id) throws SQLException {
        if (!session.isPostgres()) return true;
        var key = session.first(
                "select type, job_key from orch_job where id = ?",
                row -> new @Nullable String[] {row.getString(1), row.getString(2)},
                id);
        if (key.isEmpty()) return false;
        String type = key.get()[0];
        if (type != null) lock(session, type, key.get()[1]);
        return true;
    }

    static Optional<Holder> holder(Session session, String type, String key) throws SQLException {
        return session.first(
                "select work, task, deadline, stop_wish" + OPEN
                        + " and (waits_for is null or waits_for <> 'key') order by position limit 1",
                row -> new Holder(
                        row.getString(1),
                        row.getString(2),
                        Session.longOrNull(row, "deadline"),
                        row.getString(4) != null),
                type,
                key);
    }

    /** The works that wait for the key, in the order in which they get it. */
    static List<String> waiting(Session session, String type, String key) throws SQLException {
        return session.list(
                "select work" + OPEN + " and waits_for = 'key' group by work order by min(position)",
                row -> row.getString(1),
                type,
                key);
    }

    static int waitingCount(Session session, String type, String key) throws SQLException {
        return (int) session.number("select count(distinct work)" + OPEN + " and waits_for = 'key'", type, key);
    }

    /** Lets the next one in if nobody has the key any more. */
    static void release(Session session, String type, String key, long now) throws SQLException {
        if (holder(session, type, key).isPresent()) return;
        Optional<String> next = session.first(
                "select work" + OPEN + " and waits_for = 'key' order by position limit 1",
                row -> row.getString(1),
                type,
                key);
        if (next.isPresent()) letIn(session, next.get(), now);
    }

    /** Puts a work that waited for its key or a limit into the queue. */
    static void letIn(Session session, String work, long now) throws SQLException {
        Optional<Lead> locked = Lead.locked(session, work);
        if (locked.isEmpty()) return;
        Lead lead = locked.get();
        session.update("update orch_job set waits_for = null where id = ?", work);
        if (lead.shared()) session.update("update orch_job set waits_for = null where work = ? and work <> id", work);
        QueueRows.addAgain(session, lead, Math.max(lead.due(), now), now);
    }
}
