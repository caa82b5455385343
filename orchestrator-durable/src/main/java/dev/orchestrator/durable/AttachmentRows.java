package dev.orchestrator.durable;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The contents of attachments, in pieces, and which jobs need them. A content is found by its hash once it is complete. */
final class AttachmentRows {
    static final int PIECE = 256 * 1024;

    private static final Pattern HASH = Pattern.compile("\\b[0-9a-f]{64}\\b");

    private AttachmentRows() {}

    /** A content without a hash: nobody finds it, and it is removed if nobody completes it. */
    static long begin(Session session, long now) throws SQLException {
        return session.first(
                        "insert into orch_content (hash, size, asked) values (null, 0, ?) returning id",
                        row -> row.getLong(1),
                        now)
                .orElseThrow();
    }

    static void add(Session session, long content, int place, byte[] bytes, long now) throws SQLException {
        there(session.update("update orch_content set asked = ? where id = ?", now, content));
        session.update("insert into orch_chunk (content, place, bytes) values (?, ?, ?)", content, place, bytes);
    }

    /** The housekeeping removes what looks like the beginning of a content that nobody goes on with. */
    private static void there(int changed) {
        if (changed == 0)
            throw new DurableStoreException("the attachment came so slowly that it was taken for one that was given up,"
                    + " and was removed. Store it again.");
    }

    /** Gives the content its hash, or throws it away where there is one with that hash. */
    static void complete(Session session, long content, String hash, long size, long now) throws SQLException {
        if (touch(session, hash, now)) {
            drop(session, content);
            return;
        }
        there(session.update(
                "update orch_content set hash = ?, size = ?, asked = ? where id = ?", hash, size, now, content));
    }

    static void drop(Session session, long content) throws SQLException {
        session.update("delete from orch_chunk where content = ?", content);
        session.update("delete from orch_content where id = ?", content);
    }

    private static boolean touch(Session session, String hash, long now) throws SQLException {
        return session.update("update orch_content set asked = ? where hash = ?", now, hash) > 0;
    }

    /** The content with that hash, which is not removed for a while. */
    static Optional<Long> asked(Session session, String hash, long now) throws SQLException {
        touch(session, hash, now);
        return session.first("select id from orch_content where hash = ?", row -> row.getLong(1), hash);
    }

    static Optional<byte[]> piece(Session session, long content, int place) throws SQLException {
        return session.first(
                "select bytes from orch_chunk where content = ? and place = ?", row -> row.getBytes(1), content, place);
    }

    /** Notes that a job needs a content, whose row is locked so that nobody removes it meanwhile. */
    static void need(Session session, String hash, String job, long now) throws SQLException {
        long content = asked(session, hash, now)
                .orElseThrow(() -> new IllegalArgumentException(
                        "attachment " + hash + " is not stored, or was removed. Store it before dispatching."));
        need(session, content, job);
    }

    /** Notes that a job needs all contents that its JSON, which somebody has edited, may speak of; more are no harm. */
    static void needAllIn(Session session, String json, String job, long now) throws SQLException {
        var hashes = new TreeSet<String>();
        HASH.matcher(json).results().forEach(found -> hashes.add(found.group()));
        for (String hash : hashes) {
            Optional<Long> content = asked(session, hash, now);
            if (content.isPresent()) need(session, content.get(), job);
        }
    }

    private static void need(Session session, long content, String job) throws SQLException {
        session.update(
                "insert into orch_need (content, job) values (?, ?) on conflict (content, job) do nothing",
                content,
                job);
    }

    static List<Long> unneeded(Session session, long before, int limit) throws SQLException {
        return session.list(
                "select id from orch_content c where asked < ?"
                        + " and not exists (select 1 from orch_need n where n.content = c.id) order by id limit ?",
                row -> row.getLong(1),
                before,
                limit);
    }

    /** Locks first, then looks again: whoever needs it holds that lock while saying so. */
    static boolean removeUnneeded(Session session, long content, long before) throws SQLException {
        boolean old = session.first(
                        "select asked from orch_content where id = ?"
                                + session.dialect().forUpdate(),
                        row -> row.getLong(1) < before,
                        content)
                .orElse(false);
        if (!old || session.number("select count(*) from orch_need where content = ?", content) > 0) return false;
        drop(session, content);
        return true;
    }
}
