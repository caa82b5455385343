package dev.orchestrator.durable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The row of the job that a work was stored for, as far as it is about the work; others that take part follow it.
 *
 * <p>On PostgreSQL its lock is the lock of the work: every step takes, in this order, the lock of the key if it has one, this
 * row, the row in the queue, the other rows of the work, the rows of limits by name, and then only the leads of works that
 * are let into the queue. A work that is let in holds no slot and does not wait for the key any more, so whoever has its lock
 * wants none of the locks before: nobody waits in a circle.
 */
record Lead(
        long position,
        String id,
        String task,
        String type,
        @Nullable String key,
        int priority,
        String state,
        long due,
        @Nullable Long deadline,
        @Nullable Long timeout,
        @Nullable Long began,
        @Nullable Long ended,
        int attempts,
        int failures,
        int crashes,
        @Nullable String waitsFor,
        @Nullable String stopWish,
        boolean shared,
        int slots) {
    private static final String COLUMNS = "select position, id, task, type, job_key, priority, state, due, deadline,"
            + " timeout, began, ended, attempts, failures, crashes, waits_for, stop_wish, shared, slots from orch_job"
            + " where id = ? and work = id";

    /** The lead of the work, locked until the transaction ends. */
    static Optional<Lead> locked(Session session, String work) throws SQLException {
        return session.first(COLUMNS + session.dialect().forUpdate(), Lead::read, work);
    }

    private static Lead read(ResultSet row) throws SQLException {
        return new Lead(
                row.getLong("position"),
                row.getString("id"),
                row.getString("task"),
                row.getString("type"),
                row.getString("job_key"),
                row.getInt("priority"),
                row.getString("state"),
                row.getLong("due"),
                Session.longOrNull(row, "deadline"),
                Session.longOrNull(row, "timeout"),
                Session.longOrNull(row, "began"),
                Session.longOrNull(row, "ended"),
                row.getInt("attempts"),
                row.getInt("failures"),
                row.getInt("crashes"),
                row.getString("waits_for"),
                row.getString("stop_wish"),
                row.getBoolean("shared"),
                row.getInt("slots"));
    }
}
