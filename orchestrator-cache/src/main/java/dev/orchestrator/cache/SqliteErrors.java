package dev.orchestrator.cache;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

/** What SQLite's result codes mean for the store, and in words for people. */
final class SqliteErrors {
    private static final int ERROR = 1;
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int READONLY = 8;
    static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANTOPEN = 14;
    private static final int TOOBIG = 18;
    private static final int CONSTRAINT = 19;
    private static final int NOTADB = 26;

    private SqliteErrors() {}

    /** Whether the file is damaged for certain. */
    static boolean isDamage(SQLException error) {
        return error.getErrorCode() == CORRUPT || error.getErrorCode() == NOTADB;
    }

    /** Whether the file has to be checked: in a sound one, no statement of ours fails like that. */
    static boolean isSuspicious(SQLException error) {
        return isDamage(error) || error.getErrorCode() == ERROR || error.getErrorCode() == CONSTRAINT;
    }

    static IOException inWords(Path file, SQLException error) {
        String what = switch (error.getErrorCode()) {
            case FULL -> "there is no room left. Nothing was changed. Free some; the store goes on by itself.";
            case BUSY, LOCKED ->
                "another process or store keeps it locked. Nothing was changed. Try again, or end that one.";
            case READONLY -> "it cannot be written. Let this process write the file and its folder, or choose another.";
            case CANTOPEN ->
                "it cannot be opened. Let this process read and write the file and its folder, or choose another.";
            case TOOBIG ->
                "the value is larger than SQLite takes. Nothing was changed. Keep smaller values, or not this one.";
            default -> "SQLite says: " + error.getMessage();
        };
        return new IOException("cache file " + file + ": " + what, error);
    }
}
