package dev.orchestrator.durable;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs the steps of many callers in one transaction, as a commit costs the same for one as for many.
 *
 * <p>While one batch is written, the next one gathers. No step takes another with it: a step that has written nothing when it
 * fails is just left out ({@link LostClaimException}, {@link AloneException}); after any other failure all is rolled back, and
 * each step is run in a transaction of its own. Only if a connection breaks all of them fail, since whether the commit was
 * done is not known then; and if there is none.
 */
final class GroupCommit implements AutoCloseable {
    private static final int MOST = 256;

    /** A step and who waits for it; the outcome is written and read by the thread that writes only. */
    private static final class Waiting<T extends @Nullable Object> {
        final String id;
        final Step<T> step;
        final boolean needsTransaction;
        final CompletableFuture<T> done = new CompletableFuture<>();
        Runnable told = () -> {};

        Waiting(String id, Step<T> step, boolean needsTransaction) {
            this.id = id;
            this.step = step;
            this.needsTransaction = needsTransaction;
        }

        void run(Session session, Database database) throws SQLException {
            try {
                T value = step.run(session);
                told = () -> done.complete(value);
            } catch (LostClaimException lost) {
                told = () -> done.completeExceptionally(lost);
            } catch (AloneException | ChangedMeanwhile alone) {
                told = () -> runAlone(database);
            }
        }

        void runAlone(Database database) {
            try {
                database.alone(step, done);
            } catch (RuntimeException closed) {
                done.completeExceptionally(closed);
            }
        }
    }

    private final Database database;
    private final Thread thread;
    private final LinkedBlockingQueue<Waiting<?>> queue = new LinkedBlockingQueue<>();
    private final Waiting<?> last = new Waiting<@Nullable Void>("", session -> null, false);

    /** Guards {@link #closed}, so that nothing is added behind {@link #last}, where nobody would run it. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean closed;

    GroupCommit(Database database, int number) {
        this.database = database;
        thread = Thread.ofPlatform()
                .daemon()
                .name("orchestrator-store-writer-" + number)
                .start(this::runAll);
    }

    /**
     * Has the step run soon.
     *
     * @param id of what: steps of a batch are run in the order of these, so that two batches cannot wait for each other
     * @param needsTransaction false if the step needs none where it is run alone, as it changes all by its first statement
     */
    <T extends @Nullable Object> CompletableFuture<T> add(String id, Step<T> step, boolean needsTransaction) {
        var waiting = new Waiting<T>(id, step, needsTransaction);
        lock.lock();
        try {
            if (closed) throw new DurableStoreException(database.where() + " is closed");
            queue.add(waiting);
        } finally {
            lock.unlock();
        }
        return waiting.done;
    }

    private void runAll() {
        var batch = new ArrayList<Waiting<?>>();
        boolean goesOn = true;
        while (goesOn) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException nobodysWish) {
                continue;
            }
            queue.drainTo(batch, MOST - 1);
            goesOn = !batch.remove(last);
            write(batch);
            batch.clear();
        }
    }

    private void write(List<Waiting<?>> batch) {
        if (batch.isEmpty()) return;
        // Stable: steps for the same id stay in their order.
        if (batch.size() > 1) batch.sort(Comparator.comparing(waiting -> waiting.id));
        try {
            database.group(
                    session -> {
                        for (Waiting<?> waiting : batch) waiting.run(session, database);
                        return true;
                    },
                    batch.size() > 1 || batch.getFirst().needsTransaction);
        } catch (Throwable failed) {
            // Where there was no connection for the batch, none of it was run, and each would wait as long again.
            boolean all = batch.size() == 1
                    || failed instanceof SQLTransientConnectionException
                    || (failed instanceof SQLException sql && Troubles.isBroken(sql, database.dialect()));
            if (all) {
                Throwable told =
                        failed instanceof SQLException sql ? Troubles.explained(sql, database.where()) : failed;
                for (Waiting<?> waiting : batch) waiting.done.completeExceptionally(told);
            } else {
                for (Waiting<?> waiting : batch) write(new ArrayList<>(List.of(waiting)));
            }
            return;
        }
        for (Waiting<?> waiting : batch) waiting.told.run();
    }

    /** Runs what is waiting, and then no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            queue.add(last);
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
