package dev.orchestrator.cache;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The tables of a store, and the question whether a file has them. */
final class SqliteSchema {
    private static final int APPLICATION = 0x4F726343; // "OrcC"
    private static final int VERSION = 1;
    private static final int NO_VERSION_BEYOND = 10_000; // a larger one is damage

    /**
     * The values are apart from their entries, so that to invalidate is to write small rows.
     *
     * <p>An entry is fresh if {@code fresh} equals {@code checksum}: no damage makes an invalidated one fresh.
     *
     * <p>{@code steps} grows with each durable transaction, see {@link SqliteSession#durably}.
     */
    private static final List<String> TABLES = List.of(
            "CREATE TABLE orchestrator_cache (file_id INTEGER NOT NULL)",
            "CREATE TABLE total (entries INTEGER NOT NULL, steps INTEGER NOT NULL)",
            "CREATE TABLE entry (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, parts TEXT NOT NULL,"
                    + " as_of INTEGER NOT NULL, as_of_nanos INTEGER NOT NULL,"
                    + " keep_until INTEGER NOT NULL, keep_until_nanos INTEGER NOT NULL,"
                    + " checksum INTEGER NOT NULL, fresh INTEGER, UNIQUE (kind, parts))",
            "CREATE INDEX entry_by_age ON entry (as_of, as_of_nanos)",
            "CREATE INDEX entry_by_end ON entry (keep_until, keep_until_nanos)",
            "CREATE TABLE content (entry INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,"
                    + " bytes BLOB NOT NULL)",
            "CREATE TABLE tag (entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE, name TEXT NOT NULL,"
                    + " PRIMARY KEY (entry, name)) WITHOUT ROWID",
            "CREATE INDEX tag_by_name ON tag (name)",
            "CREATE TRIGGER entry_came AFTER INSERT ON entry" + " BEGIN UPDATE total SET entries = entries + 1; END",
            "CREATE TRIGGER entry_went AFTER DELETE ON entry" + " BEGIN UPDATE total SET entries = entries - 1; END");

    private SqliteSchema() {}

    /**
     * Makes the tables in an empty file, and checks a file that has some.
     *
     * <p>The check reads the whole file. It is what finds an index that misses an entry, and with it a tag that would
     * miss its values.
     *
     * @throws DamagedFileException if the file was ours
     * @throws IOException if it is somebody else's, or of a later version
     */
    static void prepare(SqliteSession session, StoreFile file) throws SQLException, IOException {
        Set<String> found = new HashSet<>(session.texts("SELECT coalesce(sql, '') FROM sqlite_schema"));
        if (found.isEmpty()) {
            session.useLog();
            session.write(() -> create(session));
            session.execute("PRAGMA wal_checkpoint(TRUNCATE)"); // now the file itself has its identity
            return;
        }
        refuseWhatIsNotOurs(session, file.path(), found);
        refuseAnotherLog(session, file);
        List<String> problems = session.texts("PRAGMA integrity_check(1)");
        if (!problems.equals(List.of("ok"))) throw new DamagedFileException(problems.toString(), null);
        found.remove(""); // the indexes that SQLite makes by itself
        if (!found.equals(Set.copyOf(TABLES))) throw new DamagedFileException("its tables have changed", null);
        session.useLog();
        // Both numbers by one statement, so of one moment: other stores are saving.
        if (session.number("SELECT entries = (SELECT count(*) FROM entry) FROM total") == 0)
            throw new DamagedFileException("it miscounts its entries", null);
    }

    private static void create(SqliteSession session) throws SQLException {
        for (String table : TABLES) session.execute(table);
        session.update("INSERT INTO orchestrator_cache VALUES (?)", new SecureRandom().nextLong());
        session.update("INSERT INTO total VALUES (0, 0)");
        session.execute("PRAGMA application_id = " + APPLICATION);
        session.execute("PRAGMA user_version = " + VERSION);
    }

    private static void refuseWhatIsNotOurs(SqliteSession session, Path file, Set<String> found)
            throws SQLException, IOException {
        long application = session.number("PRAGMA application_id");
        long version = session.number("PRAGMA user_version");
        boolean ours = application == APPLICATION || found.stream().anyMatch(TABLES::contains);
        if (!ours)
            throw new IOException("cache file " + file + ": it is a database of something else, and was left alone."
                    + " Choose another path.");
        if (version > VERSION && version < NO_VERSION_BEYOND)
            throw new IOException("cache file " + file + ": it has version " + version + ", and this library knows "
                    + VERSION + ". Choose another path, delete the file, or use a later version of the library.");
        if (application != APPLICATION || version != VERSION)
            throw new DamagedFileException("its header has changed", null);
    }

    /**
     * A log that another file has left behind is taken in, if its sums are right. The identity is written once, with the
     * tables, so the file without its log has the same.
     */
    private static void refuseAnotherLog(SqliteSession session, StoreFile file) throws SQLException, IOException {
        long withoutLog;
        try (var connection = SqliteSession.connect(file.uri() + "?immutable=1", 1);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT file_id FROM orchestrator_cache")) {
            if (!rows.next()) return;
            withoutLog = rows.getLong(1);
        } catch (SQLException unreadable) { // the log is just being moved into the file, or all is in the log
            return;
        }
        if (withoutLog != session.number("SELECT file_id FROM orchestrator_cache"))
            throw new DamagedFileException("the log beside it is of another file", null);
    }
}
