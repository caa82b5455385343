package dev.orchestrator.durable;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one after the other, in order of arrival, on whichever thread finds nobody running them.
 *
 * <p>Whoever adds a task raises the count after that; the one who raised it from zero runs tasks until it is zero again. So
 * each task is in the queue when somebody comes to it, and two never overlap.
 */
final class InTurn {
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Runs the task now, or leaves it to the thread that is just running one. */
    void run(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() != 0) return;
        do {
            runOne();
        } while (waiting.decrementAndGet() != 0);
    }

    private void runOne() {
        Runnable next = tasks.remove();
        try {
            next.run();
        } catch (Throwable thrown) {
            DurableLog.error(
                    "telling about a durable job failed; its ending comes again to the next life of its owner", thrown);
        }
    }
}
