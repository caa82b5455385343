package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepositoryContext;
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
 * Claims due works for this process: only of tasks that are done here and worth a try, and no more than there are workers.
 *
 * <p>Called by db-scheduler, on its one thread for this. Recurring tasks are claimed apart, so that they wait for no worker
 * and are due too where no works are done.
 */
final class Claims {
    /** How many recurring tasks this process ticks at the same time. */
    static final int RECURRING = 8;

    /** So many priorities are looked at one by one; works with lower ones are looked for together. */
    private static final int MOST_PRIORITIES = 16;

    /** How a database locks due rows of these tasks with priorities in a range, and gives them. */
    interface Statement {
        List<Execution> lock(
                JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, int from, int to, int limit);
    }

    private final Works works;
    private final KindTable kinds;
    private final Recurring recurring;
    private final int workers;

    // Whether there may be more due works than there were workers free. Written by the claiming thread, read by those
    // whose work is over, who wake it; one that sees an old value leaves the waking to the next one or to the poll.
    private volatile boolean isMore;

    Claims(Works works, KindTable kinds, Recurring recurring, int workers) {
        this.works = works;
        this.kinds = kinds;
        this.recurring = recurring;
        this.workers = workers;
    }

    List<Execution> claim(JdbcTaskRepositoryContext context, Instant now, int most, Statement statement) {
        var claimed = new ArrayList<Execution>();
        List<String> ticking = recurring.tasks();
        if (!ticking.isEmpty() && !works.isClosed())
            claimed.addAll(lock(statement, context, now, ticking, Math.min(most, RECURRING)));
        int free = Math.min(most - claimed.size(), workers - works.claimed());
        if (free <= 0) {
            isMore = workers > 0;
            return claimed;
        }
        List<String> tasks = kinds.claimable();
        if (tasks.isEmpty()) {
            isMore = false;
            return claimed;
        }
        List<Execution> picked = works.claim(() -> lock(statement, context, now, tasks, free), List.<Execution>of());
        isMore = picked.size() == free;
        claimed.addAll(picked);
        return claimed;
    }

    /**
     * One priority after the other, so that the index leads to what is due: in the order of priority and time, a million works
     * that are not due would all be looked at.
     */
    private static List<Execution> lock(
            Statement statement, JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, int limit) {
        var locked = new ArrayList<Execution>();
        Integer priority = highest(context, null);
        for (int seen = 1; priority != null && locked.size() < limit; seen++) {
            int from = seen < MOST_PRIORITIES ? priority : Integer.MIN_VALUE;
            locked.addAll(statement.lock(context, now, tasks, from, priority, limit - locked.size()));
            priority = from == Integer.MIN_VALUE ? null : highest(context, from);
        }
        return locked;
    }

    /** The highest priority that waits in the queue, or the highest below that one. */
    private static @Nullable Integer highest(JdbcTaskRepositoryContext context, @Nullable Integer below) {
        return context.jdbcRunner.query(
                "select max(priority) from " + context.tableName + " where picked = ?"
                        + (below == null ? "" : " and priority < ?"),
                statement -> {
                    statement.setBoolean(1, false);
                    if (below != null) statement.setInt(2, below);
                },
                (ResultSetMapper<@Nullable Integer>) Claims::onlyNumber);
    }

    private static @Nullable Integer onlyNumber(ResultSet row) throws SQLException {
        if (!row.next()) return null;
        int number = row.getInt(1);
        return row.wasNull() ? null : number;
    }

    /** Whether to look for more now that a work is over: not for each one, so that several are claimed at once. */
    boolean isToClaimMore() {
        return isMore && works.claimed() <= workers / 2;
    }

    // ---- for the statements ----

    /** The condition for priorities in that range. */
    static String priorities(int from, int to) {
        return from == to ? "priority = " + to : "priority <= " + to;
    }

    /** One question mark for each. */
    static String marks(Collection<String> tasks) {
        return "?" + ", ?".repeat(tasks.size() - 1);
    }

    static int set(PreparedStatement statement, int first, Collection<String> tasks) throws SQLException {
        int index = first;
        for (String task : tasks) statement.setString(index++, task);
        return index;
    }
}
