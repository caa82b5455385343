package dev.orchestrator.durable;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** The pools of connections: one for those who read, one for those who write; the same on PostgreSQL and in memory. */
final class Pools implements AutoCloseable {
    private static final int SQLITE_READERS = 4;
    private static final int POSTGRES_CONNECTIONS = 16;
    private static final int BUSY_MILLIS = 10_000;
    private static final int CONNECT_MILLIS = 10_000;

    private static final int SQLITE_USERS = 8;

    private final DataSource writing;
    private final DataSource reading;
    private final DataSource users;

    /** Whether they were made here, and are closed here. */
    private final boolean ours;

    private final boolean inMemory;

    private Pools(DurableStore where, DataSource writing, DataSource reading, DataSource users) {
        ours = where.dataSource() == null;
        inMemory = where.kind() == DurableStore.Kind.MEMORY;
        this.writing = writing;
        this.reading = reading;
        this.users = users;
    }

    static Pools open(DurableStore where) {
        return switch (where.kind()) {
            case MEMORY -> {
                HikariDataSource one = sqlite(where, "jdbc:sqlite::memory:", 1);
                yield new Pools(where, one, one, one);
            }
            case SQLITE -> {
                String url =
                        "jdbc:sqlite:" + Objects.requireNonNull(where.file()).toAbsolutePath();
                yield new Pools(
                        where,
                        sqlite(where, url, 1),
                        sqlite(where, url, SQLITE_READERS),
                        sqlite(where, url, SQLITE_USERS));
            }
            case POSTGRES -> {
                DataSource given = where.dataSource();
                DataSource pool = given != null ? given : postgres(where);
                yield new Pools(where, pool, pool, pool);
            }
        };
    }

    private static HikariDataSource sqlite(DurableStore where, String url, int size) {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        var source = new SQLiteDataSource(config);
        source.setUrl(url);
        if (where.kind() == DurableStore.Kind.SQLITE) tried(where, source);
        HikariConfig pool = pool("orchestrator-sqlite", size);
        pool.setDataSource(source);
        pool.setConnectionInitSql("pragma fullfsync = 1"); // means something on macOS only: there, fsync alone does not
        return new HikariDataSource(pool);
    }

    /** The pool would go on trying for a while, and say less. */
    private static void tried(DurableStore where, DataSource source) {
        long until = System.nanoTime() + BUSY_MILLIS * 1_000_000L;
        while (true) {
            try (Connection connection = source.getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("select count(*) from sqlite_master");
                return;
            } catch (SQLException failed) {
                // Whoever switches a new file to WAL cannot wait for the others who do so at the same time.
                boolean busy = Troubles.sqliteCode(failed) == 5 && System.nanoTime() < until;
                if (!busy) throw Troubles.explained(failed, where);
                LockSupport.parkNanos(2_000_000);
            }
        }
    }

    private static HikariDataSource postgres(DurableStore where) {
        HikariConfig pool = pool("orchestrator-postgres", POSTGRES_CONNECTIONS);
        pool.setMinimumIdle(2);
        pool.setMaxLifetime(30 * 60_000L);
        pool.setJdbcUrl(where.url());
        pool.setUsername(where.user());
        pool.setPassword(where.password());
        pool.addDataSourceProperty("ApplicationName", "orchestrator");
        pool.addDataSourceProperty("tcpKeepAlive", "true");
        // Behind a pooler the next transaction may be on another connection of the server, which knows no statement by
        // name.
        if (!where.notifies()) pool.addDataSourceProperty("prepareThreshold", "0");
        return new HikariDataSource(pool);
    }

    private static HikariConfig pool(String name, int size) {
        var pool = new HikariConfig();
        pool.setPoolName(name);
        pool.setMaximumPoolSize(size);
        pool.setConnectionTimeout(CONNECT_MILLIS);
        pool.setInitializationFailTimeout(-1); // who asks for a connection hears of the trouble
        if (size > 1) pool.setMinimumIdle(1);
        pool.setMaxLifetime(0);
        pool.setIdleTimeout(0);
        return pool;
    }

    DataSource writing() {
        return writing;
    }

    DataSource reading() {
        return reading;
    }

    /** For transactions of the users' own: a file's single writer is not theirs to hold. */
    DataSource users() {
        return users;
    }

    /** Connections that were made before now are of no use; a database in memory is its connection, and stays. */
    void broken() {
        if (inMemory) return;
        evicted(writing);
        evicted(reading);
        evicted(users);
    }

    private static void evicted(DataSource source) {
        if (source instanceof HikariDataSource pool && pool.getHikariPoolMXBean() != null)
            pool.getHikariPoolMXBean().softEvictConnections();
    }

    @Override
    public void close() {
        if (!ours) return;
        if (writing instanceof HikariDataSource pool) pool.close();
        if (reading instanceof HikariDataSource pool) pool.close();
        if (users instanceof HikariDataSource pool) pool.close();
    }
}
