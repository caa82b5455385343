package dev.orchestrator.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Many jobs that are due tomorrow: one that the peer itself has stored, copied within the database. */
final class Backlog {
    private Backlog() {}

    static void multiply(Place place, List<DurableRoundTrip.Rows> tables, int count) {
        try (var connection = place.connect();
                var statement = connection.createStatement()) {
            for (var rows : tables) {
                statement.execute(copy(place, connection, rows, count));
                long there = Place.count(connection, "select count(*) from " + rows.table());
                if (there != count + 1)
                    throw new IllegalStateException(rows.table() + " has " + there + " rows, not " + (count + 1));
            }
            // What each database does by itself, sooner or later.
            statement.execute(place.isSqlite() ? "pragma optimize" : "vacuum analyze");
            if (place.isSqlite()) statement.execute("pragma wal_checkpoint(truncate)");
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static String copy(Place place, Connection connection, DurableRoundTrip.Rows rows, int count)
            throws SQLException {
        var columns = new ArrayList<String>();
        var values = new ArrayList<String>();
        // A number as text is an id for everybody, and the same one in each of the tables.
        String id = place.isSqlite() ? "printf('%036d', i)" : "lpad(i::text, 36, '0')";
        try (var found = connection.getMetaData().getColumns(null, null, rows.table(), null)) {
            while (found.next()) {
                String column = found.getString("COLUMN_NAME");
                if (column.equals("position")) continue; // counted by the database
                columns.add(column);
                values.add(rows.ids().contains(column) ? id : column);
            }
        }
        String numbers = place.isSqlite()
                ? "(with recursive n(i) as (select 1 union all select i + 1 from n where i < " + count
                        + ") select i from n)"
                : "generate_series(1, " + count + ") n(i)";
        return "insert into " + rows.table() + " (" + String.join(", ", columns) + ") select "
                + String.join(", ", values) + " from " + rows.table() + ", " + numbers;
    }
}
