package dev.orchestrator.durable;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** What any node does from time to time; each step is one of many, so that none locks much for long. */
final class Housekeeping {
    /** How many are done in one transaction. */
    static final int AT_ONCE = 200;

    static final String UNKNOWN = "no living process knows this type and version";

    private Housekeeping() {}

    /** Works of that name that have been due since then. */
    static List<String> dueSince(Session session, String task, long since) throws SQLException {
        return session.list(
                "select q.task_instance from orch_queue q join orch_job j on j.id = q.task_instance where q.picked ="
                        + " false and q.execution_time <= ? and q.task_name = ? and j.state = 'WAITING' order by"
                        + " q.task_instance limit ?",
                row -> row.getString(1),
                new Session.Time(since),
                task,
                AT_ONCE);
    }

    static int parkUnknown(Session session, List<String> works) throws SQLException {
        int parked = 0;
        for (String work : works) {
            Lead lead = Lead.locked(session, work).orElse(null);
            if (lead == null || !lead.state().equals("WAITING")) continue;
            if (QueueRows.picked(session, lead).orElse(true)) continue; // claimed meanwhile, or gone
            session.update(
                    "update orch_job set state = 'PARKED', error_text = ?, error_search = ?,"
                            + " news = case when reader is null then news else news + 1 end"
                            + " where (id = ? or work = ? and work <> id)" + JobRows.OPEN,
                    UNKNOWN,
                    UNKNOWN,
                    work,
                    work);
            parked++;
        }
        return parked;
    }

    /** Works that wait for one of the conditions and are not due. */
    static List<String> waitingFor(Session session, Collection<String> conditions, long now) throws SQLException {
        var works = new TreeSet<String>();
        for (String condition : new TreeSet<>(conditions))
            works.addAll(session.list(
                    "select work from orch_job where waits_for = ? and waits_for is not null and ended is null"
                            + " and due > ? limit ?",
                    row -> row.getString(1),
                    condition,
                    now,
                    AT_ONCE));
        return List.copyOf(works);
    }

    static int makeDue(Session session, List<String> works, Collection<String> conditions, long now)
            throws SQLException {
        int due = 0;
        for (String work : works) {
            Lead lead = Lead.locked(session, work).orElse(null);
            if (lead == null || lead.waitsFor() == null || !conditions.contains(lead.waitsFor())) continue;
            session.update(
                    "update orch_job set due = ? where (id = ? or work = ? and work <> id)" + JobRows.OPEN,
                    now,
                    work,
                    work);
            due += session.update(
                    "update orch_queue set execution_time = ? where task_name = ? and task_instance = ?"
                            + " and picked = false",
                    new Session.Time(now),
                    lead.task(),
                    work);
        }
        return due;
    }

    static int removeEnded(Session session, long before, long unacknowledgedBefore, int limit) throws SQLException {
        List<String> ids = session.list(
                "select id from orch_job j where j.ended is not null and j.ended < ? and (j.news = 0"
                        + " and (j.state <> 'FAILED' or j.discarded = true) and j.ended < ? or j.ended < ?)"
                        // The attempts that others have as dead letters are the leader's.
                        + " and not (j.shared = true and exists (select 1 from orch_job o where o.work = j.id"
                        + " and o.work <> o.id and (o.ended is null or o.state = 'FAILED'))) order by j.ended limit ?",
                row -> row.getString(1),
                Math.max(before, unacknowledgedBefore),
                before,
                unacknowledgedBefore,
                limit);
        for (String id : new TreeSet<>(ids)) {
            session.update("delete from orch_event where job = ?", id);
            session.update("delete from orch_attempt where work = ?", id);
            session.update("delete from orch_action where job = ?", id);
            session.update("delete from orch_need where job = ?", id);
            session.update("delete from orch_job where id = ?", id);
        }
        return ids.size();
    }
}
