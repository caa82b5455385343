package dev.orchestrator.durable;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which job has waited longest since it was due. Among a million that wait, indexes lead to the few that it can be: the first
 * due of each priority in the queue, of those that wait for a key or a limit, and of those that wait for a condition.
 */
final class OldestWaiting {
    private static final String DUE_BY_PRIORITY = "with recursive p (priority) as (select max(priority) from orch_queue"
            + " where picked = false union all select (select max(priority) from orch_queue where picked = false"
            + " and priority < p.priority) from p where p.priority is not null)"
            + " select (select j.id from orch_queue q join orch_job j on j.id = q.task_instance where q.picked = false"
            + " and q.priority = p.priority and q.execution_time <= ? and j.state = 'WAITING'"
            + " order by q.execution_time limit 1) from p where p.priority is not null";

    private static final String WAITS = "select id from orch_job where waits_for is not null and ended is null and ";

    private OldestWaiting() {}

    static Optional<DurableJob> find(Session session, long now) throws SQLException {
        var ids = new ArrayList<String>(session.list(DUE_BY_PRIORITY, row -> row.getString(1), new Session.Time(now)));
        for (String what : List.of(KeyRows.WAITING, LimitRows.WAITING))
            ids.addAll(session.list(
                    WAITS + "waits_for = ? and due <= ? order by due, position limit 1",
                    row -> row.getString(1),
                    what,
                    now));
        ids.addAll(session.list(
                WAITS + "waits_for <> ? and waits_for <> ? order by accepted, position limit 1",
                row -> row.getString(1),
                KeyRows.WAITING,
                LimitRows.WAITING));
        var found = new ArrayList<DurableJob>();
        for (String id : ids) if (id != null) JobRows.find(session, id).ifPresent(found::add);
        return found.stream()
                .filter(job -> job.state() == JobState.WAITING)
                .min(Comparator.comparing(OldestWaiting::since).thenComparingLong(DurableJob::position));
    }

    /** A condition is looked at again and again, and each time the job is due later. */
    private static Instant since(DurableJob job) {
        String what = job.waitsFor();
        boolean isDueOnce = what == null || what.equals(KeyRows.WAITING) || what.equals(LimitRows.WAITING);
        return isDueOnce ? job.due() : job.accepted();
    }
}
