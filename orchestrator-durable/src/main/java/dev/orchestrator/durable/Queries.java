package dev.orchestrator.durable;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What people ask for. Pages go on by position; dead letters that are done with are in none. */
final class Queries {
    private static final Set<JobState> OPEN = EnumSet.of(JobState.WAITING, JobState.RUNNING, JobState.PARKED);
    private static final Set<JobState> RARE =
            EnumSet.of(JobState.PARKED, JobState.FAILED, JobState.CANCELLED, JobState.TIMED_OUT);

    private Queries() {}

    /** A condition in SQL, and its values. */
    private static final class Where {
        final StringBuilder sql = new StringBuilder(" where 1 = 1");
        final List<@Nullable Object> values = new ArrayList<>();

        Where and(String condition, @Nullable Object... more) {
            sql.append(" and ").append(condition);
            values.addAll(java.util.Arrays.asList(more));
            return this;
        }

        @Nullable
        Object[] values() {
            return values.toArray();
        }
    }

    private static Where where(JobFilter filter) {
        var where = new Where();
        if (filter.type() != null) where.and("j.type = ?", filter.type());
        if (filter.key() != null) where.and("j.job_key = ? and j.job_key is not null", filter.key());
        if (filter.owner() != null) where.and("j.owner = ?", filter.owner());
        if (filter.from() != null) where.and("j.accepted >= ?", Millis.before(filter.from()));
        if (filter.until() != null) where.and("j.accepted < ?", Millis.notBefore(filter.until()));
        if (filter.leavesOutDiscarded()) where.and("j.discarded = false");
        if (filter.errorText() != null) where.and("j.error_search like ? escape '!'", pattern(filter.errorText()));
        return where;
    }

    private static String pattern(String text) {
        String escaped = text.toLowerCase(Locale.ROOT)
                .replace("!", "!!")
                .replace("%", "!%")
                .replace("_", "!_");
        return "%" + escaped + "%";
    }

    /** Running is not in the job's row: it is what a worker has. The other conditions let indexes be used. */
    private static void states(Where where, Set<JobState> states) {
        if (states.isEmpty()) return;
        var either = new ArrayList<String>();
        for (JobState state : states)
            either.add(
                    switch (state) {
                        case RUNNING -> "(j.ended is null and q.picked = true)";
                        case WAITING, PARKED ->
                            "(j.state = '" + state + "' and (q.picked is null or q.picked = false))";
                        default -> "j.state = '" + state + "'";
                    });
        where.and("(" + String.join(" or ", either) + ")");
        if (OPEN.containsAll(states)) where.and("j.ended is null");
        if (RARE.containsAll(states)) where.and("j.state in ('PARKED', 'FAILED', 'CANCELLED', 'TIMED_OUT')");
    }

    static Page find(Session session, JobFilter filter, long after, int limit) throws SQLException {
        if (limit < 1) throw new IllegalArgumentException("a page must have room for one job at least, was " + limit);
        Where where = where(filter).and("j.position > ?", after);
        states(where, filter.states());
        List<DurableJob> jobs = session.list(
                JobRows.SELECT + JobRows.FROM + where.sql + " order by j.position limit " + (limit + 1L),
                JobRows::read,
                where.values());
        if (jobs.size() <= limit) return new Page(jobs, -1);
        List<DurableJob> page = jobs.subList(0, limit);
        return new Page(page, page.getLast().position());
    }

    /** All by the state of their rows, less the few that run: those are found from the queue. */
    static Map<JobState, Long> counts(Session session, JobFilter filter) throws SQLException {
        Where where = where(filter);
        Map<JobState, Long> counts = new EnumMap<>(JobState.class);
        for (JobState state : JobState.values()) counts.put(state, 0L);
        session.list(
                        "select j.state, count(*) from orch_job j" + where.sql + " group by j.state",
                        row -> Map.entry(JobRows.state(row.getString(1)), row.getLong(2)),
                        where.values())
                .forEach(count -> counts.merge(count.getKey(), count.getValue(), Long::sum));
        String running = " and j.ended is null and j.work in"
                + " (select task_instance from orch_queue where picked = true) group by j.state";
        for (var run : running(session, where, running)) {
            counts.merge(run.getKey(), -run.getValue(), Long::sum);
            counts.merge(JobState.RUNNING, run.getValue(), Long::sum);
        }
        if (!filter.states().isEmpty()) counts.keySet().retainAll(filter.states());
        return counts;
    }

    /** Jobs with a work of their own by their ids, and those that take part in another's by the index for these. */
    private static List<Map.Entry<JobState, Long>> running(Session session, Where where, String running)
            throws SQLException {
        List<Map.Entry<JobState, Long>> all = new ArrayList<>();
        for (String of : List.of(" and j.id = j.work", " and j.work <> j.id"))
            all.addAll(session.list(
                    "select j.state, count(*) from orch_job j" + where.sql + of
                            + (of.contains("<>") ? running : running.replace("j.work in", "j.id in")),
                    row -> Map.entry(JobRows.state(row.getString(1)), row.getLong(2)),
                    where.values()));
        return all;
    }

    static List<FailedAttempt> failedAttempts(Session session, String id) throws SQLException {
        return session.list(
                "select * from orch_attempt where work = (select work from orch_job where id = ?) order by place",
                JobRows::readAttempt,
                id);
    }
}
