package dev.orchestrator.durable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a job is read from its row and that of its work in the queue. */
final class JobRows {
    /** All of a {@link DurableJob}. */
    static final String SELECT = "select j.position, j.id, j.work, j.type, j.version, j.state, j.payload, j.job_key,"
            + " j.priority, j.owner, j.accepted, j.due, j.began, j.ended, j.attempts, j.waits_for, j.node, j.result,"
            + " j.error_type, j.error_text, j.retry_of, q.picked, q.picked_by";

    static final String FROM =
            " from orch_job j left join orch_queue q on q.task_name = j.task and q.task_instance = j.work";

    /**
     * The condition that a row has no ending, for rows that are found by their ids. In such words, PostgreSQL does not see that
     * its indexes of open jobs would do too: with statistics from when few were open it would search one of those.
     */
    static final String OPEN = " and coalesce(ended, 0) = 0";

    private JobRows() {}

    static Optional<DurableJob> find(Session session, String id) throws SQLException {
        return session.first(SELECT + FROM + " where j.id = ?", JobRows::read, id);
    }

    static DurableJob read(ResultSet row) throws SQLException {
        Long ended = Session.longOrNull(row, "ended");
        boolean picked = ended == null && row.getBoolean("picked");
        String pickedBy = picked ? row.getString("picked_by") : null;
        return new DurableJob(
                row.getLong("position"),
                row.getString("id"),
                row.getString("type"),
                row.getInt("version"),
                picked ? JobState.RUNNING : state(row.getString("state")),
                row.getString("payload"),
                row.getString("job_key"),
                row.getInt("priority"),
                row.getString("owner"),
                Instant.ofEpochMilli(row.getLong("accepted")),
                Instant.ofEpochMilli(row.getLong("due")),
                instant(Session.longOrNull(row, "began")),
                instant(ended),
                row.getInt("attempts"),
                ended != null || picked ? null : row.getString("waits_for"),
                pickedBy != null ? pickedBy : row.getString("node"),
                row.getString("result"),
                row.getString("error_type"),
                row.getString("error_text"),
                row.getString("retry_of"));
    }

    /** A row whose state is none is one that cannot be read, and keeps nobody from reading others. */
    static JobState state(String stored) {
        for (JobState state : JobState.values()) if (state.name().equals(stored)) return state;
        return JobState.PARKED;
    }

    private static @Nullable Instant instant(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    static FailedAttempt readAttempt(ResultSet row) throws SQLException {
        return new FailedAttempt(
                row.getInt("number"),
                row.getString("node"),
                Instant.ofEpochMilli(row.getLong("began")),
                Instant.ofEpochMilli(row.getLong("ended")),
                row.getString("error_type"),
                row.getString("error_text"),
                row.getString("trace"));
    }

    static void addAttempt(Session session, String work, FailedAttempt failed) throws SQLException {
        session.update(
                "insert into orch_attempt (work, number, node, began, ended, error_type, error_text, trace)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?)",
                work,
                failed.number(),
                failed.node(),
                failed.began().toEpochMilli(),
                failed.ended().toEpochMilli(),
                failed.errorType(),
                failed.error(),
                failed.trace());
    }
}
