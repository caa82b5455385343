package dev.orchestrator.cache;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/**
 * One connection to the file, from its opening until the file is closed or put aside.
 *
 * <p>Used by one thread at a time. No call is interruptible: SQLite's waits and reads are native, so an interrupt of the
 * calling thread stays where it is and harms no connection.
 */
final class SqliteSession implements AutoCloseable {
    private static final int BUSY_MILLIS = 10_000;
    private static final int LOG_BYTES = 16 << 20; // what the log is cut to when it has been moved into the file

    private final SQLiteConnection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final Object identity;
    private final long fileId;

    private SqliteSession(StoreFile file) throws SQLException, IOException {
        connection = connect(file.uri(), BUSY_MILLIS);
        try {
            execute("PRAGMA cell_size_check = ON"); // finds damage before it is followed
            execute("PRAGMA fullfsync = ON"); // a sync of macOS stops at the drive's cache otherwise
            execute("PRAGMA foreign_keys = ON");
            execute("PRAGMA journal_size_limit = " + LOG_BYTES);
            SqliteSchema.prepare(this, file);
            fileId = number("SELECT file_id FROM orchestrator_cache");
            identity = file.identity();
        } catch (Throwable error) {
            closeAfter(error, this);
            throw error;
        }
    }

    /** @throws DamagedFileException if the file has to be put aside */
    static SqliteSession open(StoreFile file) throws SQLException, IOException {
        try {
            return new SqliteSession(file);
        } catch (SQLException error) {
            if (SqliteErrors.isDamage(error)) throw new DamagedFileException(String.valueOf(error.getMessage()), error);
            throw error;
        }
    }

    static SQLiteConnection connect(String uri, int busyMillis) throws SQLException, IOException {
        try {
            var connection = JDBC.createConnection(JDBC.PREFIX + uri, new Properties());
            connection.setBusyTimeout(busyMillis);
            return connection;
        } catch (LinkageError missing) {
            throw new IOException("a SqliteStore needs org.xerial:sqlite-jdbc. Add it to your dependencies.", missing);
        }
    }

    /** Of the file that was opened, whatever has its name by now; see {@link StoreFile#identity()}. */
    Object identity() {
        return identity;
    }

    /** Of the content: goes with it wherever it is copied. */
    long fileId() {
        return fileId;
    }

    /**
     * With a log, readers wait for nobody, and a commit survives the end of the process as soon as it has returned: what
     * is not synced is in the hands of the operating system.
     */
    void useLog() throws SQLException, IOException {
        String mode = texts("PRAGMA journal_mode = WAL").get(0);
        if (!mode.equals("wal"))
            throw new IOException("SQLite cannot keep a log beside its file here. Choose a folder on a local disk.");
        execute("PRAGMA synchronous = NORMAL");
    }

    interface Work {
        void run() throws SQLException;
    }

    /**
     * Does all of it or nothing. Without a sync: a power loss may take the latest of these transactions, in the order of
     * their commits, but never a part of one. That is enough for what is saved in a cache.
     */
    void write(Work work) throws SQLException {
        execute("BEGIN IMMEDIATE"); // waits its turn here; one that begins to read and then writes may be refused
        try {
            work.run();
            execute("COMMIT");
        } catch (Throwable error) {
            rollbackAfter(error);
            throw error;
        }
    }

    /**
     * As {@link #write}, and it survives a power loss.
     *
     * <p>FULL syncs the log when it commits, and with it all transactions before. So that there is something to sync,
     * each changes {@code steps}: else one that finds nothing to change would sync nothing, and a power loss could take
     * the transaction before it which is the reason why there is nothing, and bring back what that had replaced.
     */
    void durably(Work work) throws SQLException {
        execute("PRAGMA synchronous = FULL");
        try {
            write(() -> {
                work.run();
                update("UPDATE total SET steps = steps + 1");
            });
        } finally {
            execute("PRAGMA synchronous = NORMAL");
        }
    }

    private void rollbackAfter(Throwable error) {
        try {
            execute("ROLLBACK");
        } catch (SQLException another) { // a full disk has done it already
            error.addSuppressed(another);
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    int update(String sql, @Nullable Object... values) throws SQLException {
        return with(PreparedStatement::executeUpdate, sql, values);
    }

    interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    /** Reads the first row while it is current: what {@code reader} asks besides is of the same moment. */
    <T> Optional<T> first(Reader<T> reader, String sql, @Nullable Object... values) throws SQLException {
        return query(rows -> rows.next() ? Optional.of(reader.read(rows)) : Optional.empty(), sql, values);
    }

    long number(String sql, @Nullable Object... values) throws SQLException {
        return first(row -> row.getLong(1), sql, values)
                .orElseThrow(() -> new SQLException("no row where there must be one", null, SqliteErrors.CORRUPT));
    }

    List<String> texts(String sql, @Nullable Object... values) throws SQLException {
        return query(
                rows -> {
                    var texts = new ArrayList<String>();
                    while (rows.next()) texts.add(String.valueOf(rows.getString(1)));
                    return texts;
                },
                sql,
                values);
    }

    private <T> T query(Reader<T> reader, String sql, @Nullable Object... values) throws SQLException {
        return with(
                statement -> {
                    try (ResultSet rows = statement.executeQuery()) {
                        return reader.read(rows);
                    }
                },
                sql,
                values);
    }

    private interface Use<T> {
        T of(PreparedStatement statement) throws SQLException;
    }

    private <T> T with(Use<T> use, String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        try {
            for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
            T result = use.of(statement);
            statement.clearParameters(); // which may be large
            return result;
        } catch (Throwable error) {
            prepared.remove(sql); // the driver has closed it after some errors
            closeAfter(error, statement);
            throw error;
        }
    }

    /** For tests. */
    void limitValues(int bytes) throws SQLException {
        connection.setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, bytes);
    }

    private static void closeAfter(Throwable error, AutoCloseable it) {
        try {
            it.close();
        } catch (Exception another) {
            error.addSuppressed(another);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
