package dev.orchestrator.durable;

import dev.orchestrator.durable.Store.News;
import dev.orchestrator.durable.Store.StoredEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What readers have not heard of. The counter of a job is raised by whoever changes the job, in the same transaction, and set
 * to zero only by a reader that names the count that it has read: what came meanwhile stays news.
 */
final class NewsRows {
    private static final int AT_ONCE = 200;

    /** Of rows that are found by their ids, as with {@link JobRows#OPEN}. */
    private static final String NOT_ACKNOWLEDGED = " and reader = ? and news <> 0 and coalesce(ended, 0) <> 0";

    private NewsRows() {}

    static List<News> news(Session session, String reader, long behind, Collection<String> butNot, int limit)
            throws SQLException {
        Set<String> known = new HashSet<>(butNot);
        var found = new ArrayList<News>();
        long after = behind;
        while (found.size() < limit) {
            List<News> some = some(session, reader, after);
            for (News news : some)
                if (found.size() < limit && !known.contains(news.job().id())) found.add(news);
            if (some.size() < AT_ONCE) break;
            after = some.getLast().job().position();
        }
        for (int i = 0; i < found.size(); i++) found.set(i, withLastFailure(session, found.get(i)));
        return found;
    }

    private static List<News> some(Session session, String reader, long after) throws SQLException {
        return session.list(
                JobRows.SELECT + ", j.options, j.news, j.error, j.timeout, l.progress" + JobRows.FROM
                        + " left join orch_job l on l.id = j.work where j.reader = ? and j.news > 0"
                        + " and j.position > ? order by j.position limit ?",
                NewsRows::read,
                reader,
                after,
                AT_ONCE);
    }

    private static News read(ResultSet row) throws SQLException {
        Long timeout = Session.longOrNull(row, "timeout");
        return new News(
                JobRows.read(row),
                row.getString("options"),
                row.getLong("news"),
                row.getString("error"),
                timeout == null ? null : Duration.ofMillis(timeout),
                row.getString("progress"),
                null);
    }

    private static News withLastFailure(Session session, News news) throws SQLException {
        if (news.job().state().isEnded() || news.job().attempts() == 0) return news;
        FailedAttempt last = session.first(
                        "select * from orch_attempt where work = (select work from orch_job where id = ?)"
                                + " order by place desc limit 1",
                        JobRows::readAttempt,
                        news.job().id())
                .orElse(null);
        return new News(news.job(), news.options(), news.news(), news.error(), news.timeout(), news.progress(), last);
    }

    static List<StoredEvent> events(Session session, String id, long after) throws SQLException {
        return session.list(
                "select position, type, version, payload from orch_event where job = ? and position > ?"
                        + " order by position",
                row -> new StoredEvent(row.getLong(1), row.getString(2), row.getInt(3), row.getString(4)),
                id,
                after);
    }

    static void read(Session session, String id, String reader, long news) throws SQLException {
        session.update(
                "update orch_job set news = 0 where id = ? and reader = ? and news = ?" + JobRows.OPEN,
                id,
                reader,
                news);
    }

    static boolean acknowledge(Session session, String id, String reader) throws SQLException {
        Optional<Acknowledged> acknowledged = session.first(
                "update orch_job set news = 0 where id = ?" + NOT_ACKNOWLEDGED + " returning id, events",
                Acknowledged::read,
                id,
                reader);
        if (acknowledged.isEmpty()) return false;
        acknowledged.get().removeEvents(session);
        return true;
    }

    /** Many, mostly by one way to the database. */
    static void acknowledgeEach(Session session, List<String> ids, String reader) throws SQLException {
        int[] acknowledged = session.updateEach(
                "update orch_job set news = 0 where id = ?" + NOT_ACKNOWLEDGED + " and events = 0",
                ids.stream().map(id -> new Object[] {id, reader}).toList());
        for (int i = 0; i < acknowledged.length; i++)
            if (acknowledged[i] == 0) acknowledge(session, ids.get(i), reader);
    }

    private record Acknowledged(String id, long events) {
        static Acknowledged read(ResultSet row) throws SQLException {
            return new Acknowledged(row.getString(1), row.getLong(2));
        }

        void removeEvents(Session session) throws SQLException {
            if (events > 0) session.update("delete from orch_event where job = ?", id);
        }
    }

    static int takeOver(Session session, String owner, String reader, long now) throws SQLException {
        List<String> theirs = session.list(
                "select id from orch_job where owner = ? and (ended is null or news > 0) and (reader is null"
                        + " or reader <> ? and reader not in (select id from orch_node where alive_until > ?))"
                        + " order by id" + session.dialect().forUpdate(),
                row -> row.getString(1),
                owner,
                reader,
                now);
        for (String id : theirs)
            session.update("update orch_job set reader = ?, news = news + 1 where id = ?", reader, id);
        return theirs.size();
    }

    /** What is told about every job of a work that is parked or let go on by somebody. */
    static void raise(Session session, String work) throws SQLException {
        session.update(
                "update orch_job set news = news + 1 where (id = ? or work = ? and work <> id)" + JobRows.OPEN
                        + " and reader is not null",
                work,
                work);
    }
}
