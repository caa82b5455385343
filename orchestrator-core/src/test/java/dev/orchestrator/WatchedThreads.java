package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** The standard threads, and a look at how many of the framework's waits are under way. */
final class WatchedThreads implements Threads {
    private final Threads standard = Threads.standard();
    private final AtomicInteger waiting = new AtomicInteger();

    @Override
    public void start(Role role, String name, Runnable task) {
        standard.start(role, name, task);
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
        waiting.incrementAndGet();
        try {
            return standard.await(stage, limit);
        } finally {
            waiting.decrementAndGet();
        }
    }

    int waiting() {
        return waiting.get();
    }

    /** Returns when so many threads wait. */
    void awaitWaiting(int threads) {
        TestWork.until(() -> waiting.get() == threads, "it is not " + threads + " threads that wait");
    }
}
