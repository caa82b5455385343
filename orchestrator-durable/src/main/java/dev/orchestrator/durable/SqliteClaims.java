package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepositoryContext;
import com.github.kagkarlsson.scheduler.jdbc.SqliteJdbcCustomization;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.shaded.jdbc.ResultSetMapper;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queue on SQLite: claims many works with one statement, which db-scheduler does not offer there. Times are milliseconds.
 *
 * <p>Two processes never claim the same row: SQLite has one writer at a time, and the statement reads inside of its write.
 */
final class SqliteClaims extends SqliteJdbcCustomization {
    /** So many priorities are looked at one by one; works with lower ones are looked for together. */
    private static final int MOST_PRIORITIES = 16;

    private final Claims claims;

    SqliteClaims(Claims claims) {
        this.claims = claims;
    }

    @Override
    public boolean supportsSingleStatementLockAndFetch() {
        return true;
    }

    @Override
    public List<Execution> lockAndFetchSingleStatement(
            JdbcTaskRepositoryContext context, Instant now, int limit, boolean orderByPriority) {
        return claims.claim(context, now, limit, this::lock);
    }

    private List<Execution> lock(JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, int limit) {
        var locked = new ArrayList<Execution>();
        Integer priority = highest(context, null);
        for (int seen = 1; priority != null; seen++) {
            boolean rest = seen == MOST_PRIORITIES;
            locked.addAll(lock(context, now, tasks, (rest ? "<= " : "= ") + priority, limit - locked.size()));
            priority = rest || locked.size() == limit ? null : highest(context, priority);
        }
        return locked;
    }

    /** The highest priority that waits in the queue, or the highest below that one. */
    private static @Nullable Integer highest(JdbcTaskRepositoryContext context, @Nullable Integer below) {
        return context.jdbcRunner.query(
                "select max(priority) from " + context.tableName + " where picked = 0"
                        + (below == null ? "" : " and priority < ?"),
                statement -> {
                    if (below != null) statement.setInt(1, below);
                },
                (ResultSetMapper<@Nullable Integer>) SqliteClaims::onlyNumber);
    }

    private static @Nullable Integer onlyNumber(ResultSet row) throws SQLException {
        if (!row.next()) return null;
        int number = row.getInt(1);
        return row.wasNull() ? null : number;
    }

    private List<Execution> lock(
            JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, String priorities, int limit) {
        return context.jdbcRunner.query(
                "update " + context.tableName
                        + " set picked = 1, picked_by = ?, last_heartbeat = ?, version = version + 1"
                        + " where rowid in (select rowid from " + context.tableName
                        + " where picked = 0 and execution_time <= ? and priority " + priorities
                        + " and task_name in (?" + ", ?".repeat(tasks.size() - 1) + ")"
                        + " order by priority desc, execution_time, rowid limit " + limit + ") returning *",
                statement -> {
                    statement.setString(1, context.schedulerName.getName());
                    statement.setLong(2, now.toEpochMilli());
                    statement.setLong(3, now.toEpochMilli());
                    int index = 4;
                    for (String task : tasks) statement.setString(index++, task);
                },
                context.resultSetMapper.get());
    }

    @Override
    public void setInstant(PreparedStatement statement, int index, @Nullable Instant value) throws SQLException {
        statement.setObject(index, value == null ? null : value.toEpochMilli());
    }

    @Override
    public @Nullable Instant getInstant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }
}
