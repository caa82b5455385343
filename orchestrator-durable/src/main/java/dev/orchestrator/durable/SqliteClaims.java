package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepositoryContext;
import com.github.kagkarlsson.scheduler.jdbc.SqliteJdbcCustomization;
import com.github.kagkarlsson.scheduler.task.Execution;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queue on SQLite: claims many works with one statement, which db-scheduler does not offer there. Times are milliseconds.
 *
 * <p>Two processes never claim the same row: SQLite has one writer at a time, and the statement reads inside of its write.
 */
final class SqliteClaims extends SqliteJdbcCustomization {
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

    private List<Execution> lock(
            JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, int from, int to, int limit) {
        return context.jdbcRunner.query(
                "update " + context.tableName
                        + " set picked = 1, picked_by = ?, last_heartbeat = ?, version = version + 1"
                        + " where rowid in (select rowid from " + context.tableName
                        + " where picked = 0 and execution_time <= ? and " + Claims.priorities(from, to)
                        + " and task_name in (" + Claims.marks(tasks) + ")"
                        + " order by priority desc, execution_time, rowid limit " + limit + ") returning *",
                statement -> {
                    statement.setString(1, context.schedulerName.getName());
                    statement.setLong(2, now.toEpochMilli());
                    statement.setLong(3, now.toEpochMilli());
                    Claims.set(statement, 4, tasks);
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
