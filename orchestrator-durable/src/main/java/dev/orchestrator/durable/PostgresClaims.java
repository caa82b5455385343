package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepositoryContext;
import com.github.kagkarlsson.scheduler.jdbc.PostgreSqlJdbcCustomization;
import com.github.kagkarlsson.scheduler.task.Execution;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** The queue on PostgreSQL: as db-scheduler claims there, but only works that are done here. */
final class PostgresClaims extends PostgreSqlJdbcCustomization {
    private final Claims claims;

    PostgresClaims(Claims claims) {
        super(false, false);
        this.claims = claims;
    }

    @Override
    public List<Execution> lockAndFetchSingleStatement(
            JdbcTaskRepositoryContext context, Instant now, int limit, boolean orderByPriority) {
        return claims.claim(context, now, limit, this::lock);
    }

    private List<Execution> lock(
            JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, int from, int to, int limit) {
        return context.jdbcRunner.query(
                "with due as materialized (select task_name, task_instance from " + context.tableName
                        + " where not picked and execution_time <= ? and " + Claims.priorities(from, to)
                        + " and task_name in (" + Claims.marks(tasks) + ")"
                        + " order by priority desc, execution_time limit " + limit + " for update skip locked)"
                        + " update " + context.tableName + " queued"
                        + " set picked = true, picked_by = ?, last_heartbeat = ?, version = version + 1"
                        + " from due where queued.task_name = due.task_name"
                        + " and queued.task_instance = due.task_instance returning queued.*",
                statement -> {
                    setInstant(statement, 1, now);
                    int index = Claims.set(statement, 2, tasks);
                    statement.setString(index, context.schedulerName.getName());
                    setInstant(statement, index + 1, now);
                },
                context.resultSetMapper.get());
    }
}
