package dev.orchestrator.durable.crash;

import dev.orchestrator.durable.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A database of a test, as the test itself looks into it: with a table of the owner's, and a trap for endings that are recorded
 * a second time.
 *
 * @param argument how a {@link CrashChild} is told of it
 * @param url how JDBC is
 */
record CrashDatabase(String argument, String url) {
    private static final String CHANGED =
            "old.ended is not null and (new.ended %1$s old.ended or new.state %1$s old.state"
                    + " or new.result %1$s old.result or new.error_text %1$s old.error_text)";

    static CrashDatabase sqlite(Path file) {
        return new CrashDatabase(file.toString(), "jdbc:sqlite:" + file);
    }

    /** A fresh one. */
    static CrashDatabase postgres(PostgresServer server) {
        String url = server.newDatabase();
        return new CrashDatabase(url, url);
    }

    boolean isPostgres() {
        return url.startsWith("jdbc:postgresql:");
    }

    Connection connect() throws SQLException {
        if (isPostgres()) return DriverManager.getConnection(url, "postgres", "");
        Connection connection = DriverManager.getConnection(url);
        try (var statement = connection.createStatement()) {
            statement.execute("pragma busy_timeout = 20000");
        }
        return connection;
    }

    /** The table of the owner's; before the first child starts. */
    void prepare() {
        if (!isPostgres()) execute("pragma journal_mode = wal");
        execute("create table crash_handled (id text not null, outcome text not null)");
        execute("create table crash_rewritten (id text not null)");
    }

    /** Sets the trap, once the schema is there. */
    void watchEndings() {
        if (isPostgres()) {
            execute("create function crash_note() returns trigger language plpgsql as"
                    + " 'begin insert into crash_rewritten values (old.id); return new; end'");
            execute("create trigger crash_watch before update on orch_job for each row when ("
                    + CHANGED.formatted("is distinct from") + ") execute function crash_note()");
        } else {
            execute("create trigger crash_watch before update on orch_job when " + CHANGED.formatted("is not")
                    + " begin insert into crash_rewritten values (old.id); end");
        }
    }

    /** Does it while nobody is inside of a write to the SQLite file. */
    void betweenWrites(Runnable task) {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            statement.execute("begin immediate");
            task.run();
            statement.execute("rollback");
        } catch (SQLException trouble) {
            throw new IllegalStateException(trouble);
        }
    }

    int execute(String sql, Object... values) {
        try (Connection connection = connect();
                var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
            statement.execute();
            return statement.getUpdateCount();
        } catch (SQLException trouble) {
            throw new IllegalStateException(sql + ": " + trouble.getMessage(), trouble);
        }
    }

    /** The rows of a query, the texts of a row with a blank between them. */
    List<String> rows(String sql, Object... values) {
        try (Connection connection = connect();
                var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
            try (var rows = statement.executeQuery()) {
                var all = new ArrayList<String>();
                while (rows.next()) {
                    var row = new ArrayList<String>();
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) row.add(rows.getString(i));
                    all.add(String.join(" ", row));
                }
                return all;
            }
        } catch (SQLException trouble) {
            throw new IllegalStateException(sql + ": " + trouble.getMessage(), trouble);
        }
    }

    long count(String sql, Object... values) {
        return Long.parseLong(rows(sql, values).getFirst());
    }
}
