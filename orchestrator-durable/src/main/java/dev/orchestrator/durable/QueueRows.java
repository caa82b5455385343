package dev.orchestrator.durable;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of db-scheduler's table. Its own statements take no other lock while they have that of a row here. */
final class QueueRows {
    static final String FENCED =
            " where task_name = ? and task_instance = ? and version = ? and picked_by = ? and picked = true";

    private static final String INTO =
            "insert into orch_queue (task_name, task_instance, execution_time, picked, version, priority) ";

    /** The fence of a work that was never claimed. */
    private static final long FIRST = 1;

    private QueueRows() {}

    static void add(Session session, String task, String work, long due, int priority) throws SQLException {
        add(session, task, work, due, priority, FIRST);
    }

    /** On PostgreSQL: adds the work that the insertion stores, if it stores one; gives how many. */
    static int addStored(
            Session session, String insertion, List<@Nullable Object> stored, String task, long due, int priority)
            throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(stored);
        values.addAll(List.of(task, new Session.Time(due), FIRST, priority));
        return session.update(
                "with stored as (" + insertion + " returning work) " + INTO
                        + "select ?, work, ?, false, ?, ? from stored",
                values.toArray());
    }

    /**
     * Adds a work that was in the queue before. Its fences go on from the time, which is more than any number of claims: one
     * of a claim that was lost before does not come again.
     */
    static void addAgain(Session session, Lead lead, long due, long now) throws SQLException {
        add(session, lead.task(), lead.id(), due, lead.priority(), now);
    }

    private static void add(Session session, String task, String work, long due, int priority, long version)
            throws SQLException {
        session.update(INTO + "values (?, ?, ?, false, ?, ?)", task, work, new Session.Time(due), version, priority);
    }

    /** Takes the claimed work out. */
    static void remove(Session session, Store.Claim claim) throws SQLException {
        int removed = session.update(
                "delete from orch_queue" + FENCED, claim.task(), claim.work(), claim.fence(), claim.node());
        if (removed == 0) throw new LostClaimException(claim);
    }

    /** Gives the claimed work back. A new fence: the claim is over, also for its node. */
    static void giveBack(Session session, Store.Claim claim, long due) throws SQLException {
        int given = session.update(
                "update orch_queue set picked = false, picked_by = null, last_heartbeat = null,"
                        + " version = version + 1, execution_time = ?" + FENCED,
                new Session.Time(due),
                claim.task(),
                claim.work(),
                claim.fence(),
                claim.node());
        if (given == 0) throw new LostClaimException(claim);
    }

    /** Makes sure that the claim holds until the transaction ends. */
    static void check(Session session, Store.Claim claim) throws SQLException {
        boolean holds = session.first(
                        "select 1 from orch_queue" + FENCED + session.dialect().forUpdate(),
                        row -> true,
                        claim.task(),
                        claim.work(),
                        claim.fence(),
                        claim.node())
                .isPresent();
        if (!holds) throw new LostClaimException(claim);
    }

    /** Whether a worker has the work; empty if it is not in the queue. Stays so until the transaction ends. */
    static Optional<Boolean> picked(Session session, Lead lead) throws SQLException {
        return session.first(
                "select picked from orch_queue where task_name = ? and task_instance = ?"
                        + session.dialect().forUpdate(),
                row -> row.getBoolean(1),
                lead.task(),
                lead.id());
    }

    /** Takes out a work that no worker has, after {@link #picked} said so. */
    static void removeWaiting(Session session, Lead lead) throws SQLException {
        session.update("delete from orch_queue where task_name = ? and task_instance = ?", lead.task(), lead.id());
    }
}
