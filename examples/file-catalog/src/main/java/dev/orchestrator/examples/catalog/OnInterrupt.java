package dev.orchestrator.examples.catalog;

import java.util.concurrent.CountDownLatch;

/**
 * While this is open, Ctrl-C does not end the program at once: it runs a task, and then waits until this is closed.
 *
 * <p>The exit code stays the one that the system gives for the signal.
 */
final class OnInterrupt implements AutoCloseable {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;

    OnInterrupt(Runnable task) {
        hook = new Thread(() -> {
            task.run();
            awaitClose();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitClose() {
        try {
            closed.await();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException isEnding) {
            // The hook is running; it goes on now.
        }
    }
}
