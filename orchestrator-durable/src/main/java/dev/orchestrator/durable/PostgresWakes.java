package dev.orchestrator.durable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Wakes the other nodes by NOTIFY, and hears of theirs by LISTEN on a connection of its own.
 *
 * <p>A NOTIFY takes a lock of the whole instance at its commit, so it is sent outside of all other transactions, carries
 * nothing, and not more often than every 20 ms. It may be lost: readers poll as well.
 */
final class PostgresWakes implements AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.orchestrator");
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int LISTEN_MILLIS = 1_000;

    private final DataSource connections;

    /** Has a permit if somebody is to be woken; more than one mean the same. */
    private final Semaphore wanted = new Semaphore(0);

    private final CopyOnWriteArrayList<Runnable> tasks = new CopyOnWriteArrayList<>();

    /** The backends by which this process notifies: what they send is not for it. As many as the pool has connections. */
    private final Set<Integer> own = ConcurrentHashMap.newKeySet();

    private final Thread notifier;
    private final Thread listener;

    /** Written once by who closes, read by both threads. */
    private volatile boolean closed;

    PostgresWakes(DataSource connections) {
        this.connections = connections;
        notifier =
                Thread.ofPlatform().daemon().name("orchestrator-store-notify").start(this::notifyAlways);
        listener =
                Thread.ofPlatform().daemon().name("orchestrator-store-listen").start(this::listenAlways);
    }

    void wakeOthers() {
        if (wanted.availablePermits() == 0) wanted.release();
    }

    void onWake(Runnable task) {
        tasks.add(task);
    }

    private void notifyAlways() {
        while (!closed) {
            wanted.acquireUninterruptibly();
            wanted.drainPermits(); // whatever is wanted from here on is told next time
            if (closed) return;
            try (Connection connection = connections.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet sent = statement.executeQuery("select pg_backend_pid()")) {
                if (sent.next()) own.add(sent.getInt(1));
                statement.execute("notify orch_wake");
            } catch (SQLException lost) {
                LOG.log(Level.DEBUG, "other nodes could not be woken; they poll", lost);
            }
            LockSupport.parkNanos(BETWEEN_NANOS);
        }
    }

    private void listenAlways() {
        while (!closed) {
            try (Connection connection = connections.getConnection()) {
                listen(connection);
            } catch (SQLException broken) {
                if (closed) return;
                LOG.log(
                        Level.DEBUG,
                        "the connection that listens for other nodes is broken; another one is made",
                        broken);
                LockSupport.parkNanos(RECONNECT_NANOS);
            }
        }
    }

    private void listen(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("listen orch_wake");
        }
        tell(); // something may have happened while nobody listened
        PGConnection postgres = connection.unwrap(PGConnection.class);
        try {
            while (!closed) {
                PGNotification @Nullable [] heard = postgres.getNotifications(LISTEN_MILLIS);
                if (heard == null) continue;
                boolean ofOthers = false;
                for (PGNotification one : heard) ofOthers |= !own.contains(one.getPID());
                if (ofOthers) tell();
            }
        } finally {
            unlisten(connection);
        }
    }

    private static void unlisten(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("unlisten orch_wake");
        } catch (SQLException broken) {
            // Then it does not listen any more either.
        }
    }

    private void tell() {
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (RuntimeException failed) {
                LOG.log(Level.WARNING, "a reader failed when it was woken", failed);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        wanted.release();
        LockSupport.unpark(notifier);
        LockSupport.unpark(listener);
    }
}
