package dev.orchestrator.durable;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/** In what the SQL of the two databases differs; all else is one text. */
enum Dialect {
    /** One writer at a time: a transaction sees what is newest, and needs no locks of rows. */
    SQLITE("sqlite", "SQLite", "") {
        @Override
        void setTime(PreparedStatement statement, int place, long millis) throws SQLException {
            statement.setLong(place, millis); // as its driver stores a Timestamp
        }

        @Override
        long time(ResultSet row, String column) throws SQLException {
            return row.getLong(column);
        }

        @Override
        String text(String value) {
            return value;
        }

        @Override
        String jobsAmong() {
            return " from json_each(?) wanted join orch_job j on j.id = wanted.value";
        }

        @Override
        void setTexts(PreparedStatement statement, int place, List<?> texts) throws SQLException {
            statement.setString(place, Documents.text(texts));
        }
    },
    /** Many writers under READ COMMITTED: whoever decides by a row, or by its absence, locks first. */
    POSTGRES("postgres", "PostgreSQL", " for update") {
        @Override
        void setTime(PreparedStatement statement, int place, long millis) throws SQLException {
            statement.setObject(place, Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
        }

        @Override
        long time(ResultSet row, String column) throws SQLException {
            return row.getObject(column, OffsetDateTime.class).toInstant().toEpochMilli();
        }

        @Override
        String text(String value) {
            return value.indexOf('\0') < 0 ? value : value.replace('\0', '\uFFFD'); // which it cannot store
        }

        @Override
        String jobsAmong() {
            // Plans for "= any (?)" that were made when there were few jobs read all of them, and are kept for long.
            return " from unnest(?) wanted (id)"
                    + " cross join lateral (select * from orch_job where id = wanted.id offset 0) j";
        }

        @Override
        void setTexts(PreparedStatement statement, int place, List<?> texts) throws SQLException {
            statement.setArray(place, statement.getConnection().createArrayOf("text", texts.toArray()));
        }
    };

    private final String folder;
    private final String product;
    private final String forUpdate;

    Dialect(String folder, String product, String forUpdate) {
        this.folder = folder;
        this.product = product;
        this.forUpdate = forUpdate;
    }

    /** The folder of its schema's files. */
    String folder() {
        return folder;
    }

    /** What its driver calls it. */
    String product() {
        return product;
    }

    /** The end of a select that locks its rows; nothing where a transaction locks everything. */
    String forUpdate() {
        return forUpdate;
    }

    /** A time in the queue, as db-scheduler reads and writes it there. */
    abstract void setTime(PreparedStatement statement, int place, long millis) throws SQLException;

    abstract long time(ResultSet row, String column) throws SQLException;

    /** The text, without what the database cannot store. */
    abstract String text(String value);

    /** The rows {@code j} of the jobs whose ids {@link #setTexts} sets, as the beginning of what a query is from. */
    abstract String jobsAmong();

    abstract void setTexts(PreparedStatement statement, int place, List<?> texts) throws SQLException;
}
