package dev.orchestrator.examples.mailroom;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.TreeMap;
import javax.sql.DataSource;

/**
 * What the mail room itself writes into the database, beside the durable jobs: runs, deliveries, and how letters ended.
 */
final class Books {
    /** What is booked for a letter that nobody could deliver. */
    static final String FAILED = "failed";

    private final DataSource database;

    Books(DataSource database) {
        this.database = database;
    }

    /** Something done with a connection. */
    @FunctionalInterface
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** Makes the tables, unless they are there; several processes may do so at once. */
    void open() {
        inTransaction(connection -> {
            try (var statement = connection.createStatement()) {
                statement.execute("select pg_advisory_xact_lock(3)");
                statement.execute("create table if not exists run (letter int, worker text)");
                statement.execute("create table if not exists delivery (letter int primary key, worker text)");
                // No primary key: what was booked twice would be seen in the report.
                statement.execute("create table if not exists ending (letter int, outcome text)");
                return true;
            }
        });
    }

    /** A worker begins with a letter, for the first time or again. */
    void noteRun(DeliverLetter letter, String worker) {
        inTransaction(connection -> write(connection, "insert into run values (?, ?)", letter, worker));
    }

    /** Delivers a letter; if it is delivered already, that stays as it is. */
    void deliver(DeliverLetter letter, String worker) {
        inTransaction(connection ->
                write(connection, "insert into delivery values (?, ?) on conflict do nothing", letter, worker));
    }

    /** Books how a letter ended, in the caller's transaction. */
    void enter(Connection connection, DeliverLetter letter, String outcome) throws SQLException {
        write(connection, "insert into ending values (?, ?)", letter, outcome);
    }

    private static boolean write(Connection connection, String sql, DeliverLetter letter, String text)
            throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setInt(1, letter.number());
            statement.setString(2, text);
            return statement.executeUpdate() > 0;
        }
    }

    /** How far the mail room was when it died, but for what was accepted. */
    MailRoomState state(int accepted) {
        return inTransaction(connection -> {
            int failed = 0;
            var sent = new TreeMap<String, Integer>();
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("select outcome, count(*) from ending group by outcome")) {
                while (rows.next()) {
                    if (rows.getString(1).equals(FAILED)) failed = rows.getInt(2);
                    else sent.put(rows.getString(1), rows.getInt(2));
                }
            }
            return new MailRoomState(accepted, failed, sent);
        });
    }

    /** How many endings are booked. */
    int endings() {
        return count("select count(*) from ending");
    }

    /** The number that a query gives. */
    int count(String query) {
        return inTransaction(connection -> {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery(query)) {
                rows.next();
                return rows.getInt(1);
            }
        });
    }

    /** Does it in one transaction: all of it, or nothing. */
    <T> T inTransaction(Work<T> work) {
        try (var connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.with(connection);
                connection.commit();
                return result;
            } catch (Throwable trouble) {
                connection.rollback();
                throw trouble;
            }
        } catch (SQLException trouble) {
            throw new IllegalStateException("the database did not do it: " + trouble.getMessage(), trouble);
        }
    }
}
