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

    private static final String INTO = "insert into orch_queue (task_name, task_instance, execution_time, version,"
            + " priority, picked, picked_by, last_heartbeat) ";

    /** The fence of a work that was never claimed. */
    private static final long FIRST = 1;

    private QueueRows() {}

    /**
     * A row to be added.
     *
     * @param node whose it is from the beginning; null for whoever is free
     */
    record Entry(
            String task,
            String work,
            long due,
            int priority,
            long fence,
            @Nullable String node,
            long now) {
        static Entry unclaimed(String task, String work, long due, int priority) {
            return new Entry(task, work, due, priority, FIRST, null, 0);
        }

        static Entry claimed(Store.Claim claim, long due, long now, int priority) {
            return new Entry(claim.task(), claim.work(), due, priority, claim.fence(), claim.node(), now);
        }

        private String columns() {
            return "?, ?, ?, ?, ?, " + (node == null ? "false, null, null" : "true, ?, ?");
        }

        private List<Object> values() {
            List<Object> unclaimed = List.of(task, work, new Session.Time(due), fence, priority);
            if (node == null) return unclaimed;
            var values = new ArrayList<>(unclaimed);
            values.add(node);
            values.add(new Session.Time(now));
            return values;
        }
    }

    static void add(Session session, Entry entry) throws SQLException {
        session.update(INTO + "values (" + entry.columns() + ")", entry.values().toArray());
    }

    /** On PostgreSQL: adds the row if the insertion stores the job; gives how many. */
    static int addStored(Session session, String insertion, List<@Nullable Object> stored, Entry entry)
            throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(stored);
        values.addAll(entry.values());
        return session.update(
                "with stored as (" + insertion + " returning work) " + INTO + "select " + entry.columns()
                        + " from stored",
                values.toArray());
    }

    /**
     * Adds a work that was in the queue before. Its fences go on from the time, which is more than any number of claims: one
     * of a claim that was lost before does not come again.
     */
    static void addAgain(Session session, Lead lead, long due, long now) throws SQLException {
        add(session, new Entry(lead.task(), lead.id(), due, lead.priority(), now, null, now));
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
