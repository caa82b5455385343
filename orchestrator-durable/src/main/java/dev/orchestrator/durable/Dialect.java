package dev.orchestrator.durable;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** In what the SQL of the two databases differs; all else is one text. */
enum Dialect {
    /** One writer at a time: a transaction sees what is newest, and needs no locks of rows. */
    SQLITE("sqlite", "") {
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
    },
    /** Many writers under READ COMMITTED: whoever decides by a row, or by its absence, locks first. */
    POSTGRES("postgres", " for update") {
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
    };

    private final String folder;
    private final String forUpdate;

    Dialect(String folder, String forUpdate) {
        this.folder = folder;
        this.forUpdate = forUpdate;
    }

    /** The folder of its schema's files. */
    String folder() {
        return folder;
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
}
