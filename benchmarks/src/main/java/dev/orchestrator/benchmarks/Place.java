package dev.orchestrator.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * A database of durable jobs: a SQLite file that survives the loss of power, or a PostgreSQL database.
 *
 * @param address of JDBC
 */
record Place(String address) {
    private static final String SQLITE = "jdbc:sqlite:";
    private static final int BUSY_MILLIS = 30_000;

    static Place file(Path file) {
        return new Place(SQLITE + file);
    }

    boolean isSqlite() {
        return address.startsWith(SQLITE);
    }

    Path file() {
        return Path.of(address.substring(SQLITE.length()));
    }

    /** Connections for a peer. */
    HikariDataSource pool(int connections) {
        var config = new HikariConfig();
        config.setDataSource(connections());
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }

    /** A connection of the benchmark's own. */
    Connection connect() throws SQLException {
        return connections().getConnection();
    }

    long count(String query) {
        try (var connection = connect()) {
            return count(connection, query);
        } catch (SQLException failed) {
            throw new IllegalStateException(query, failed);
        }
    }

    static long count(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    void run(String... steps) {
        try (var connection = connect();
                var statement = connection.createStatement()) {
            for (String step : steps) statement.execute(step);
        } catch (SQLException failed) {
            throw new IllegalStateException(address, failed);
        }
    }

    private DataSource connections() {
        if (!isSqlite()) {
            var postgres = new PGSimpleDataSource();
            postgres.setUrl(address);
            postgres.setUser(PostgresServer.USER);
            return postgres;
        }
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(BUSY_MILLIS);
        var sqlite = new SQLiteDataSource(config);
        sqlite.setUrl(address);
        return sqlite;
    }
}
