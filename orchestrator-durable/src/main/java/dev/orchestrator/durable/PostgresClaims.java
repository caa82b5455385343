package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepositoryContext;
import com.github.kagkarlsson.scheduler.jdbc.PostgreSqlJdbcCustomization;
import com.github.kagkarlsson.scheduler.task.Execution;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** The queue on PostgreSQL, where a function of the schema claims: what it does in one call takes three or more statements. */
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

    private List<Execution> lock(JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, int limit) {
        return context.jdbcRunner.query(
                "select * from orch_claim(?, ?, ?, ?)",
                statement -> {
                    statement.setArray(1, statement.getConnection().createArrayOf("text", tasks.toArray()));
                    statement.setString(2, context.schedulerName.getName());
                    setInstant(statement, 3, now);
                    statement.setInt(4, limit);
                },
                context.resultSetMapper.get());
    }
}
