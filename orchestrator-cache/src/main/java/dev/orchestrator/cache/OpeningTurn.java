package dev.orchestrator.cache;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * One opening at a time, of all stores of all processes on one file.
 *
 * <p>So nobody opens a file that is half put aside, or puts aside what another has just begun. Stores that have the file
 * open need no turn: see {@link SqliteStore}.
 *
 * <p>The lock is SQLite's, on an empty file beside the store, which stays empty: it works between processes and within
 * one, is free again when its owner is killed, and no interrupt breaks it, as it would a lock of a file channel.
 */
final class OpeningTurn implements AutoCloseable {
    private static final int WAIT_MILLIS = 60_000; // another one may check a large file

    private final Connection connection;

    private OpeningTurn(Connection connection) {
        this.connection = connection;
    }

    static OpeningTurn await(StoreFile file) throws SQLException, IOException {
        var turn = new OpeningTurn(SqliteSession.connect(file.uriOfTurns(), WAIT_MILLIS));
        try (Statement statement = turn.connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = MEMORY"); // no second file
            statement.execute("BEGIN EXCLUSIVE");
            return turn;
        } catch (Throwable error) {
            turn.close();
            throw error;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
