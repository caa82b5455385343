package dev.orchestrator.durable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection while one thread works with it. */
final class Session {
    /** What a row of a result is read to. */
    @FunctionalInterface
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** A time for a column of the queue. */
    record Time(long millis) {}

    private final Connection connection;
    private final Dialect dialect;

    /** The statements that were prepared on the connection, by their text; null where its driver keeps them. */
    private final @Nullable Map<String, PreparedStatement> kept;

    private final boolean isGroup;

    Session(Connection connection, Dialect dialect, @Nullable Map<String, PreparedStatement> kept, boolean isGroup) {
        this.isGroup = isGroup;
        this.connection = connection;
        this.dialect = dialect;
        this.kept = kept;
    }

    Dialect dialect() {
        return dialect;
    }

    Connection connection() {
        return connection;
    }

    /** Whether others' steps are in the same transaction. */
    boolean isGroup() {
        return isGroup;
    }

    boolean isPostgres() {
        return dialect == Dialect.POSTGRES;
    }

    /** Changes rows; gives how many. */
    int update(String sql, @Nullable Object... values) throws SQLException {
        if (kept != null)
            return withKept(kept, sql, statement -> bound(statement, values).executeUpdate());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return bound(statement, values).executeUpdate();
        }
    }

    /** Changes rows by the same statement with each of these values, on one way to the database; gives how many each time. */
    int[] updateEach(String sql, List<Object[]> values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Object[] each : values) bound(statement, each).addBatch();
            return statement.executeBatch();
        }
    }

    /** All rows of a query, or of a change that returns rows. */
    <T> List<T> list(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        if (kept != null) return withKept(kept, sql, statement -> rows(bound(statement, values), row));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return rows(bound(statement, values), row);
        }
    }

    /** The first row of a query; empty if there is none. */
    <T> Optional<T> first(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        List<T> all = list(sql, row, values);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
    }

    /** The number that a query gives. */
    long number(String sql, @Nullable Object... values) throws SQLException {
        return first(sql, row -> row.getLong(1), values).orElse(0L);
    }

    private static <T> List<T> rows(PreparedStatement statement, Row<T> row) throws SQLException {
        try (ResultSet result = statement.executeQuery()) {
            var all = new ArrayList<T>();
            while (result.next()) all.add(row.read(result));
            return all;
        }
    }

    private interface Running<T> {
        T run(PreparedStatement statement) throws SQLException;
    }

    /** One that failed is kept no longer: after some failures, such as of a full disk, its driver has thrown it away. */
    private <T> T withKept(Map<String, PreparedStatement> statements, String sql, Running<T> running)
            throws SQLException {
        PreparedStatement statement = prepared(statements, sql);
        try {
            return running.run(statement);
        } catch (SQLException failed) {
            statements.remove(sql);
            try (statement) {
                throw failed;
            }
        }
    }

    private PreparedStatement prepared(Map<String, PreparedStatement> statements, String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known != null) return known;
        PreparedStatement prepared = connection.prepareStatement(sql);
        statements.put(sql, prepared);
        return prepared;
    }

    private PreparedStatement bound(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            int place = i + 1;
            switch (values[i]) {
                case null -> statement.setNull(place, Types.NULL);
                case String text -> statement.setString(place, dialect.text(text));
                case Long number -> statement.setLong(place, number);
                case Integer number -> statement.setInt(place, number);
                case Boolean truth -> statement.setBoolean(place, truth);
                case Time time -> dialect.setTime(statement, place, time.millis());
                case byte[] bytes -> statement.setBytes(place, bytes);
                case List<?> texts -> dialect.setTexts(statement, place, texts);
                case Object other -> throw new IllegalArgumentException("no value for SQL: " + other.getClass());
            }
        }
        return statement;
    }

    static @Nullable Long longOrNull(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
