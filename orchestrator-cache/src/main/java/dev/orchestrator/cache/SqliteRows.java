package dev.orchestrator.cache;

import dev.orchestrator.cache.RowChecksum.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a store does with the rows of a session. */
final class SqliteRows {
    private SqliteRows() {}

    /** As it was read, sound or not. */
    private record Found(
            long id, Row row, long checksum, @Nullable Long fresh) {}

    /** @param damaged told of a row that is not as it was saved: it is removed, and counts as absent */
    static Optional<StoredValue> load(SqliteSession session, StoreKey key, Instant now, Runnable damaged)
            throws SQLException {
        Optional<Found> row = session.first(
                rows -> read(session, rows),
                "SELECT id, as_of, as_of_nanos, keep_until, keep_until_nanos, checksum, fresh, bytes"
                        + " FROM entry LEFT JOIN content ON content.entry = entry.id WHERE kind = ? AND parts = ?",
                key.kind(),
                key.parts());
        if (row.isEmpty()) return Optional.empty();
        Found found = row.get();
        if (found.checksum() != RowChecksum.of(session.fileId(), key, found.row())) {
            session.write(() ->
                    session.update("DELETE FROM entry WHERE id = ? AND checksum = ?", found.id(), found.checksum()));
            damaged.run();
            return Optional.empty();
        }
        StoredValue value = valueOf(found);
        return now.isBefore(value.keepUntil()) ? Optional.of(value) : Optional.empty();
    }

    private static Found read(SqliteSession session, ResultSet row) throws SQLException {
        long id = row.getLong("id");
        long fresh = row.getLong("fresh");
        boolean invalidated = row.wasNull();
        return new Found(
                id,
                new Row(
                        row.getBytes("bytes"),
                        row.getLong("as_of"),
                        row.getInt("as_of_nanos"),
                        row.getLong("keep_until"),
                        row.getInt("keep_until_nanos"),
                        Set.copyOf(session.texts("SELECT name FROM tag WHERE entry = ?", id))),
                row.getLong("checksum"),
                invalidated ? null : fresh);
    }

    private static StoredValue valueOf(Found found) {
        Row row = found.row();
        return new StoredValue(
                row.bytes(),
                Instant.ofEpochSecond(row.asOf(), row.asOfNanos()),
                Instant.ofEpochSecond(row.keepUntil(), row.keepUntilNanos()),
                found.fresh() == null || found.fresh() != found.checksum(),
                row.tags());
    }

    /** Within a transaction. */
    static void save(SqliteSession session, StoreKey key, StoredValue value) throws SQLException {
        Instant asOf = value.asOf();
        Instant keepUntil = value.keepUntil();
        var row = new Row(
                value.bytes(),
                asOf.getEpochSecond(),
                asOf.getNano(),
                keepUntil.getEpochSecond(),
                keepUntil.getNano(),
                value.tags());
        long checksum = RowChecksum.of(session.fileId(), key, row);
        remove(session, key);
        session.update(
                "INSERT INTO entry (kind, parts, as_of, as_of_nanos, keep_until, keep_until_nanos, checksum, fresh)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                key.kind(),
                key.parts(),
                row.asOf(),
                row.asOfNanos(),
                row.keepUntil(),
                row.keepUntilNanos(),
                checksum,
                value.invalidated() ? null : checksum);
        long id = session.number("SELECT last_insert_rowid()");
        if (row.bytes() != null) session.update("INSERT INTO content VALUES (?, ?)", id, row.bytes());
        for (String tag : row.tags()) session.update("INSERT INTO tag VALUES (?, ?)", id, tag);
    }

    static void remove(SqliteSession session, StoreKey key) throws SQLException {
        session.update("DELETE FROM entry WHERE kind = ? AND parts = ?", key.kind(), key.parts());
    }

    static void clear(SqliteSession session) throws SQLException {
        session.update("DELETE FROM entry");
    }

    private static final String INVALIDATE = "UPDATE entry SET fresh = NULL WHERE fresh IS NOT NULL";

    static void invalidate(SqliteSession session, StoreKey key) throws SQLException {
        session.update(INVALIDATE + " AND kind = ? AND parts = ?", key.kind(), key.parts());
    }

    static void invalidateTag(SqliteSession session, String tag) throws SQLException {
        session.update(INVALIDATE + " AND id IN (SELECT entry FROM tag WHERE name = ?)", tag);
    }

    static void invalidateKind(SqliteSession session, String kind) throws SQLException {
        session.update(INVALIDATE + " AND kind = ?", kind);
    }

    static void invalidateAll(SqliteSession session) throws SQLException {
        session.update(INVALIDATE);
    }

    /**
     * Within a transaction, takes away at most so many of those whose time is over.
     *
     * @return how many
     */
    static int purge(SqliteSession session, Instant now, int most) throws SQLException {
        return session.update(
                "DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE (keep_until, keep_until_nanos) <= (?, ?)"
                        + " ORDER BY keep_until, keep_until_nanos LIMIT ?)",
                now.getEpochSecond(),
                now.getNano(),
                most);
    }

    /**
     * Within a transaction, takes away at most so many of the oldest beyond a number; those whose time is over go first.
     *
     * @return how many
     */
    static int trim(SqliteSession session, Instant now, long maximum, int most) throws SQLException {
        if (surplus(session, maximum) <= 0) return 0;
        int purged = purge(session, now, most);
        long surplus = surplus(session, maximum);
        if (surplus <= 0) return purged;
        return purged
                + session.update(
                        "DELETE FROM entry WHERE id IN"
                                + " (SELECT id FROM entry ORDER BY as_of, as_of_nanos, id LIMIT ?)",
                        Math.min(surplus, most));
    }

    private static long surplus(SqliteSession session, long maximum) throws SQLException {
        return session.number("SELECT entries FROM total") - maximum;
    }
}
