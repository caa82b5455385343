package dev.orchestrator.durable;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Each claim gets a virtual thread. The engine itself waits for the claims when it closes; none is interrupted, since each
 * ends with a step in the database.
 */
final class WorkThreads extends AbstractExecutorService {
    private final Thread.Builder.OfVirtual threads = Thread.ofVirtual().name("durable-work-", 0);

    private volatile boolean isShutdown;

    @Override
    public void execute(Runnable task) {
        threads.start(task);
    }

    @Override
    public void shutdown() {
        isShutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        isShutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return isShutdown;
    }

    @Override
    public boolean isTerminated() {
        return isShutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
