package dev.orchestrator.spi;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A virtual thread for each job and each turn of a lane, and a few platform threads to tell what timers decided. */
final class StandardThreads implements Threads {
    static final StandardThreads INSTANCE = new StandardThreads();

    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory(); // a builder for each would be garbage

    private StandardThreads() {}

    @Override
    public void start(Role role, String name, Runnable task) {
        switch (role) {
            case WORKER, LANE -> startVirtual(name, task);
            case TELLER -> Tellers.execute(task);
        }
    }

    private static void startVirtual(String name, Runnable task) {
        Thread thread = VIRTUAL.newThread(task);
        thread.setName(name);
        if (task instanceof Thread.UncaughtExceptionHandler handler) thread.setUncaughtExceptionHandler(handler);
        thread.start();
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
        if (Thread.interrupted()) throw new InterruptedException();
        var future = stage.toCompletableFuture();
        if (future.isDone()) return true;
        try {
            future.get(Saturated.nanos(limit), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException endedBadly) {
            return true;
        } catch (TimeoutException waitIsOver) {
            return future.isDone();
        }
    }
}
