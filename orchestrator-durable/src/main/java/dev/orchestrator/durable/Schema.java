package dev.orchestrator.durable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The tables: files {@code 1.sql}, {@code 2.sql} and so on for each database, applied in order. Many processes may start at
 * once: on PostgreSQL they wait for a lock that the transaction has, on SQLite for the transaction itself, and find it done.
 */
final class Schema {
    /** The newest one that this program knows. */
    static final int VERSION = 1;

    private static final long LOCK = 0x6f72636865737472L; // "orchestr"

    private Schema() {}

    static void applyOrCheck(Database database) {
        DurableStore where = database.where();
        boolean applies = where.appliesSchema();
        int found = database.read(Schema::version);
        if (found < VERSION && applies) found = database.writeAlone(session -> apply(session, where));
        if (found > VERSION)
            throw new DurableStoreException(where + " has version " + found + " of the schema of durable jobs, and this"
                    + " program knows version " + VERSION + ". Update the program.");
        if (found < VERSION)
            throw new DurableStoreException(where + " has "
                    + (found == 0 ? "no schema of durable jobs" : "version " + found + " of the schema of durable jobs")
                    + ", and this program needs version " + VERSION + ". Apply the files " + files(database, found)
                    + " that are in its jar, or leave withSchemaApplied() out.");
    }

    private static String files(Database database, int found) {
        var names = new StringBuilder();
        for (int version = found + 1; version <= VERSION; version++)
            names.append(names.isEmpty() ? "" : ", ")
                    .append("dev/orchestrator/durable/")
                    .append(path(database.dialect(), version));
        return names.toString();
    }

    private static String path(Dialect dialect, int version) {
        return dialect.folder() + "/" + version + ".sql";
    }

    /** 0 if there is none. */
    private static int version(Session session) throws SQLException {
        boolean there = session.isPostgres()
                ? session.number("select count(*) from pg_class where oid = to_regclass('orch_schema')") > 0
                : session.number("select count(*) from sqlite_master where type = 'table' and name = 'orch_schema'")
                        > 0;
        return there ? (int) session.number("select max(version) from orch_schema") : 0;
    }

    private static int apply(Session session, DurableStore where) throws SQLException {
        if (session.isPostgres()) session.first("select pg_advisory_xact_lock(?)", row -> true, LOCK);
        int found = version(session);
        for (int version = found + 1; version <= VERSION; version++) {
            for (String statement : statements(session.dialect(), version, where)) {
                try (Statement running = session.connection().createStatement()) {
                    running.execute(statement);
                }
            }
        }
        return Math.max(found, VERSION);
    }

    private static String[] statements(Dialect dialect, int version, DurableStore where) {
        String path = path(dialect, version);
        try (InputStream file = Schema.class.getResourceAsStream(path)) {
            if (file == null) throw new DurableStoreException(where + ": " + path + " is missing in the jar");
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .split(";\\R", -1);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
