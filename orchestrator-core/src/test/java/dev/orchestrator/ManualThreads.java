package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Threads that are none: each task runs when the test says so, on the test's thread, in the order in which they came. */
final class ManualThreads implements Threads {
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public void start(Role role, String name, Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
        return Threads.standard().await(stage, limit);
    }

    /** Runs everything that waits, and what that brings. */
    void runAll() {
        for (Runnable task; (task = tasks.poll()) != null; ) task.run();
    }
}
