package dev.orchestrator.examples.catalog;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads that jobs do their work on: platform threads, since hashing computes and since what hangs in the system holds its
 * thread; and one more for each that is left behind there.
 *
 * <p>They are the threads of the bus and not a worker of the dispatcher, so that the end of a job that others wait for
 * hands the next one over without another thread in between. Where the bus has other threads, each job goes over to one of
 * these for its work: no work that hangs keeps anything else of the bus from its turn then.
 */
final class ReaderThreads implements Threads, AutoCloseable {
    private final ThreadPoolExecutor pool;
    private final ReentrantLock lock = new ReentrantLock(); // held to change the number of threads
    private final ThreadLocal<@Nullable Rest> rest = new ThreadLocal<>();

    /** What one of these threads does after a task. */
    private static final class Rest {
        private @Nullable Runnable work;
    }

    ReaderThreads(int wanted, ThreadFactory factory) {
        pool = new ThreadPoolExecutor(
                wanted, Integer.MAX_VALUE, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    }

    @Override
    public void start(Role role, String name, Runnable task) {
        switch (role) {
            case WORKER -> pool.execute(() -> runWithRest(task));
            case LANE, TELLER -> Threads.standard().start(role, name, task);
        }
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
        return Threads.standard().await(stage, limit);
    }

    private void runWithRest(Runnable task) {
        var after = new Rest();
        rest.set(after);
        task.run();
        rest.remove();
        if (after.work != null) after.work.run();
    }

    /** For a job that has just begun: if on one of these threads, that goes on with the work when the job is a stage. */
    void afterwards(Runnable work) {
        var after = rest.get();
        if (after == null) pool.execute(work);
        else after.work = work;
    }

    /** A thread is left behind, and another one takes its place. */
    void leaveBehind() {
        change(1);
    }

    /** One that was left behind is free again. */
    void takeBack() {
        change(-1);
    }

    private void change(int by) {
        lock.lock();
        try {
            pool.setCorePoolSize(pool.getCorePoolSize() + by);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
