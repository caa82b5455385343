package dev.orchestrator.durable;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What an exception of JDBC means for people, and for those who go on. */
final class Troubles {
    private Troubles() {}

    /** In words: what was wrong and what to do. */
    static DurableStoreException explained(SQLException error, DurableStore where) {
        return new DurableStoreException(
                where + ": " + (where.kind() == DurableStore.Kind.POSTGRES ? ofPostgres(error) : ofSqlite(error)) + " ("
                        + error.getMessage() + ")",
                error);
    }

    private static String ofSqlite(SQLException error) {
        return switch (sqliteCode(error)) {
            case 3, 23 -> "access is refused. Give this process the right to read and write it and its folder.";
            case 5, 6 -> "it is locked by another process for too long. What was to be stored was not; try again.";
            case 8 -> "it is read-only. Give this process the right to write the file and its folder.";
            case 10 -> "reading or writing failed. Look at the disk; what was to be stored may not be.";
            case 11 -> "it is damaged. Restore it from a copy, or have SQLite's .recover save what can be saved.";
            case 13 -> "the disk is full, or the file's limit is reached. What was to be stored was not; make room.";
            case 14 -> "it cannot be opened. Its folder must exist and be writable, and it must be a file.";
            case 26 -> "that is no SQLite database. Choose another file.";
            default ->
                isNoTable(error)
                        ? "its schema is not there. Apply it, or, if the connection is the caller's, use one to this"
                                + " file."
                        : "the database refused.";
        };
    }

    private static String ofPostgres(SQLException error) {
        String state = state(error);
        if (state.startsWith("08") || state.startsWith("57P"))
            return "the connection is broken or cannot be made. What was asked may or may not have been done; try"
                    + " again.";
        return switch (state) {
            case "28000", "28P01" -> "it does not accept this user or password.";
            case "3D000" -> "there is no such database. Create it first.";
            case "42501" -> "this user may not do that. Grant it the rights on the tables named orch_...";
            case "42P01", "42703", "42883" ->
                "the schema is not as expected. Apply it, look at the search_path, or, if the connection is the"
                        + " caller's, use one to this database.";
            case "53100" -> "its disk is full. What was to be stored was not; make room.";
            case "53300" -> "it has no connection left. Raise max_connections, or use smaller pools.";
            case "55P03", "57014" -> "it did not answer in time. What was to be stored was not; try again.";
            case "25006" -> "it is read-only, as a standby is. Connect to the one that may be written.";
            default -> "the database refused.";
        };
    }

    /** SQLite has no code for it. */
    private static boolean isNoTable(SQLException error) {
        return String.valueOf(error.getMessage()).contains("no such table");
    }

    /** The primary result code of SQLite, of the exception or of what caused it; 0 if it has none. */
    static int sqliteCode(SQLException error) {
        for (Throwable at = error; at != null; at = at.getCause())
            if (at instanceof SQLException sql && sql.getErrorCode() != 0) return sql.getErrorCode() & 0xff;
        return 0;
    }

    private static String state(SQLException error) {
        for (Throwable at = error; at != null; at = at.getCause())
            if (at instanceof SQLException sql && sql.getSQLState() != null && !isOfThePool(sql))
                return sql.getSQLState();
        return at(error);
    }

    /** The pool says "no connection" with the state of what was wrong, or with none at all. */
    private static boolean isOfThePool(SQLException error) {
        return error instanceof java.sql.SQLTransientConnectionException && error.getCause() != null;
    }

    private static String at(SQLException error) {
        return error instanceof java.sql.SQLTransientConnectionException ? "08000" : "";
    }

    /** Whether the connection is of no use any more: whether a commit under way was done is not known then. */
    static boolean isBroken(SQLException error, Dialect dialect) {
        if (dialect == Dialect.SQLITE)
            return switch (sqliteCode(error)) {
                case 8, 10, 11, 14, 26 -> true; // the file may be another one by now
                default -> false;
            };
        String state = state(error);
        return state.startsWith("08") || state.startsWith("57P");
    }

    /** Whether the database rolled it back because of another transaction, so that it can be run again. */
    static boolean isLostRace(@Nullable Throwable error) {
        return error instanceof SQLException sql
                && ("40P01".equals(sql.getSQLState()) || "40001".equals(sql.getSQLState()));
    }
}
