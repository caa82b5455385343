package dev.orchestrator.durable;

import java.nio.file.Path;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where durable jobs are kept: a SQLite file, or a PostgreSQL database that many machines share. A value.
 */
public final class DurableStore {
    /** What kind of database it is. */
    enum Kind {
        MEMORY,
        SQLITE,
        POSTGRES
    }

    private final Kind kind;
    private final @Nullable Path file;
    private final @Nullable String url;
    private final @Nullable String user;
    private final @Nullable String password;
    private final @Nullable DataSource dataSource;
    private final boolean notifies;
    private final boolean appliesSchema;

    private DurableStore(
            Kind kind,
            @Nullable Path file,
            @Nullable String url,
            @Nullable String user,
            @Nullable String password,
            @Nullable DataSource dataSource,
            boolean notifies,
            boolean appliesSchema) {
        this.kind = kind;
        this.file = file;
        this.url = url;
        this.user = user;
        this.password = password;
        this.dataSource = dataSource;
        this.notifies = notifies;
        this.appliesSchema = appliesSchema;
    }

    /**
     * A SQLite file, made if it is not there; several processes of one machine may share it. What was accepted survives the
     * loss of power.
     *
     * @throws IllegalArgumentException if there is a question mark in the path
     */
    public static DurableStore sqlite(Path file) {
        if (Objects.requireNonNull(file, "file").toString().indexOf('?') >= 0)
            throw new IllegalArgumentException("the name of a SQLite file cannot have a question mark in it, since what"
                    + " stands behind one is read as settings: " + file + ". Give the file or its folder another name");
        return new DurableStore(Kind.SQLITE, Objects.requireNonNull(file, "file"), null, null, null, null, false, true);
    }

    /** A database in memory, for tests: it is gone with its {@link Durable}. */
    public static DurableStore inMemory() {
        return new DurableStore(Kind.MEMORY, null, null, null, null, null, false, true);
    }

    /**
     * A PostgreSQL database, with a pool of connections of its own.
     *
     * @param url a JDBC address, {@code jdbc:postgresql://host/database}
     */
    public static DurableStore postgres(String url, String user, String password) {
        return new DurableStore(
                Kind.POSTGRES,
                null,
                Objects.requireNonNull(url, "url"),
                Objects.requireNonNull(user, "user"),
                Objects.requireNonNull(password, "password"),
                null,
                true,
                true);
    }

    /** A PostgreSQL database by connections of the user's, at least eight of which it may hold at the same time. */
    public static DurableStore postgres(DataSource connections) {
        return new DurableStore(
                Kind.POSTGRES, null, null, null, null, Objects.requireNonNull(connections, "connections"), true, true);
    }

    /**
     * The same without LISTEN and NOTIFY, behind a connection pooler that shares connections between transactions: polling
     * alone brings the news. With an address, statements are not prepared on the server either, unless the address says
     * {@code prepareThreshold}; connections of the user's are used as they are.
     */
    public DurableStore withoutNotify() {
        return new DurableStore(kind, file, url, user, password, dataSource, false, appliesSchema);
    }

    /** The same, with a schema that somebody else applies: {@link Durable} only looks whether it fits. */
    public DurableStore withSchemaApplied() {
        return new DurableStore(kind, file, url, user, password, dataSource, notifies, false);
    }

    Kind kind() {
        return kind;
    }

    @Nullable
    Path file() {
        return file;
    }

    @Nullable
    String url() {
        return url;
    }

    @Nullable
    String user() {
        return user;
    }

    @Nullable
    String password() {
        return password;
    }

    @Nullable
    DataSource dataSource() {
        return dataSource;
    }

    boolean notifies() {
        return notifies;
    }

    boolean appliesSchema() {
        return appliesSchema;
    }

    /** What it is and where; no password. */
    @Override
    public String toString() {
        return switch (kind) {
            case MEMORY -> "a database in memory";
            case SQLITE -> "the SQLite file " + file;
            case POSTGRES -> "PostgreSQL" + (url == null ? "" : " at " + url);
        };
    }
}
