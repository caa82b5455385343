package dev.orchestrator.durable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the database and the threads that work with them.
 *
 * <p>Nothing of the database is done on the caller's thread: it may be virtual, and is interrupted when its job is to stop;
 * an interrupt would close the connection's socket under it. Callers wait, and their interrupt stays set.
 */
final class Database implements AutoCloseable {
    private static final int READERS = 4;
    private static final int LONERS = 4;
    private static final int POSTGRES_WRITERS = 4;
    private static final int MOST_RUNS = 10;

    private final DurableStore where;
    private final Dialect dialect;
    private final Pools pools;
    private final ExecutorService readers;

    /** Apart from those that read: all of them may have to wait for a lock that a user's transaction has. */
    private final ExecutorService loners;

    private final List<GroupCommit> writers = new ArrayList<>();

    /**
     * SQLite's prepared statements by connection; those of PostgreSQL are kept by its driver. The map is guarded by the lock,
     * a map in it by having the connection.
     */
    private final Map<Connection, Map<String, PreparedStatement>> kept = new HashMap<>();

    private final ReentrantLock keptLock = new ReentrantLock();

    private Database(DurableStore where, Pools pools) {
        this.where = where;
        this.pools = pools;
        this.dialect = where.kind() == DurableStore.Kind.POSTGRES ? Dialect.POSTGRES : Dialect.SQLITE;
        readers = Executors.newFixedThreadPool(READERS, named("orchestrator-store-reader-"));
        loners = Executors.newFixedThreadPool(LONERS, named("orchestrator-store-alone-"));
        int many = dialect == Dialect.POSTGRES ? POSTGRES_WRITERS : 1;
        for (int i = 0; i < many; i++) writers.add(new GroupCommit(this, i));
    }

    private static ThreadFactory named(String prefix) {
        return Thread.ofPlatform().daemon().name(prefix, 0).factory();
    }

    static Database open(DurableStore where) {
        return new Database(where, Pools.open(where));
    }

    DurableStore where() {
        return where;
    }

    Dialect dialect() {
        return dialect;
    }

    /** Autocommit connections for db-scheduler. Those of SQLite are the one that writes, so that nobody waits for a file lock. */
    DataSource queue() {
        return pools.writing();
    }

    /** For transactions of the users' own. */
    DataSource users() {
        return pools.users();
    }

    /** Does it in a transaction, together with what others do; returns when it is on disk. */
    <T extends @Nullable Object> T write(String id, Step<T> step) {
        return done(writeLater(id, step));
    }

    /** As {@link #write} without waiting; the stage may be completed on the thread that writes. */
    <T extends @Nullable Object> CompletableFuture<T> writeLater(String id, Step<T> step) {
        return writeLater(id, step, true);
    }

    /** The same; for {@code needsTransaction} see {@link GroupCommit#add}. */
    <T extends @Nullable Object> CompletableFuture<T> writeLater(String id, Step<T> step, boolean needsTransaction) {
        return writers.get(Math.floorMod(id.hashCode(), writers.size())).add(id, step, needsTransaction);
    }

    /** Does it in a transaction that may wait for others: of its own where that is possible. */
    <T extends @Nullable Object> T writeAlone(Step<T> step) {
        if (dialect == Dialect.SQLITE) return write("", step);
        var result = new CompletableFuture<T>();
        alone(step, result);
        return done(result);
    }

    <T extends @Nullable Object> void alone(Step<T> step, CompletableFuture<T> result) {
        onThread(loners, () -> again(() -> inTransaction(step, false)), result);
    }

    /** Reads with autocommit. */
    <T extends @Nullable Object> T read(Step<T> step) {
        var result = new CompletableFuture<T>();
        onThread(readers, () -> reading(step), result);
        return done(result);
    }

    /** The same on this thread, which is one of db-scheduler's. */
    <T extends @Nullable Object> T readHere(Step<T> step) {
        try {
            return reading(step);
        } catch (SQLException failed) {
            throw Troubles.explained(failed, where);
        }
    }

    private <T extends @Nullable Object> T reading(Step<T> step) throws SQLException {
        try (Connection connection = pools.reading().getConnection()) {
            return inStatements(connection, step, false);
        }
    }

    private interface Work<T extends @Nullable Object> {
        T run() throws SQLException;
    }

    private <T extends @Nullable Object> void onThread(
            ExecutorService threads, Work<T> work, CompletableFuture<T> result) {
        try {
            threads.execute(() -> {
                try {
                    result.complete(work.run());
                } catch (SQLException failed) {
                    result.completeExceptionally(Troubles.explained(failed, where));
                } catch (Throwable failed) {
                    result.completeExceptionally(failed);
                }
            });
        } catch (RejectedExecutionException closed) {
            throw new DurableStoreException(where + " is closed", closed);
        }
    }

    /** What the future has. Waits without heeding interrupts, which stay set. */
    static <T extends @Nullable Object> T done(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case LostClaimException lost -> throw lost;
                case DurableStoreException trouble -> {
                    trouble.addSuppressed(new CallerTrace());
                    throw trouble;
                }
                case RuntimeException other -> throw other;
                case Error error -> throw error;
                case null, default -> throw failed;
            }
        }
    }

    /** Where the caller was, as the exception is from another thread. */
    private static final class CallerTrace extends RuntimeException {
        private static final long serialVersionUID = 1;

        CallerTrace() {
            super("asked for here");
        }
    }

    /** Steps of many, on this thread. */
    <T extends @Nullable Object> T group(Step<T> steps, boolean needsTransaction) throws SQLException {
        return again(() -> needsTransaction ? inTransaction(steps, true) : inStatements(steps));
    }

    /** Again if the database chose it as the victim of a deadlock. */
    private static <T extends @Nullable Object> T again(Work<T> work) throws SQLException {
        for (int run = 1; ; run++) {
            try {
                return work.run();
            } catch (SQLException failed) {
                if (run == MOST_RUNS || !Troubles.isLostRace(failed)) throw failed;
            } catch (ChangedMeanwhile changed) {
                if (run == MOST_RUNS) throw new DurableStoreException("a job changes all the time; try again", changed);
            }
        }
    }

    private <T extends @Nullable Object> T inTransaction(Step<T> step, boolean isGroup) throws SQLException {
        try (Connection connection = pools.writing().getConnection()) {
            try {
                connection.setAutoCommit(false);
                T result = step.run(session(connection, isGroup));
                connection.commit();
                return result;
            } catch (SQLException failed) {
                rolledBack(connection, failed);
                forget(connection, failed);
                throw failed;
            } catch (Throwable failed) {
                rolledBack(connection, failed);
                throw failed;
            } finally {
                restored(connection);
            }
        }
    }

    private <T extends @Nullable Object> T inStatements(Step<T> step) throws SQLException {
        try (Connection connection = pools.writing().getConnection()) {
            return inStatements(connection, step, true);
        }
    }

    private <T extends @Nullable Object> T inStatements(Connection connection, Step<T> step, boolean isGroup)
            throws SQLException {
        try {
            return step.run(session(connection, isGroup));
        } catch (SQLException failed) {
            forget(connection, failed);
            throw failed;
        }
    }

    private static void rolledBack(Connection connection, Throwable why) {
        try {
            connection.rollback();
        } catch (SQLException alsoFailed) {
            why.addSuppressed(alsoFailed);
        }
    }

    private static void restored(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException broken) {
            // The pool throws it away, or the next user of the connection hears of it.
        }
    }

    private Session session(Connection connection, boolean isGroup) throws SQLException {
        if (dialect == Dialect.POSTGRES) return new Session(connection, dialect, null, isGroup);
        Connection bare = connection.unwrap(org.sqlite.SQLiteConnection.class);
        keptLock.lock();
        try {
            if (!kept.containsKey(bare)) forgetClosed();
            return new Session(bare, dialect, kept.computeIfAbsent(bare, none -> new HashMap<>()), isGroup);
        } finally {
            keptLock.unlock();
        }
    }

    private void forgetClosed() throws SQLException {
        for (Connection known : List.copyOf(kept.keySet())) if (known.isClosed()) kept.remove(known);
    }

    /** After some failures the connection, or all, are of no use. */
    private void forget(Connection connection, SQLException failed) throws SQLException {
        if (!Troubles.isBroken(failed, dialect)) return;
        if (dialect == Dialect.SQLITE) {
            keptLock.lock();
            try {
                kept.remove(connection.unwrap(org.sqlite.SQLiteConnection.class));
            } finally {
                keptLock.unlock();
            }
        }
        pools.broken();
    }

    @Override
    public void close() {
        for (GroupCommit writer : writers) writer.close();
        loners.close();
        readers.close();
        pools.close();
    }
}
