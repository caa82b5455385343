package dev.orchestrator.spi;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A few platform threads to tell what timers decided; loaded with the first task, so that a program without one has none.
 *
 * <p>Telling calls users, and one that does not return must not hold up what others wait for. So while tasks wait and
 * none has been completed for a moment, there are more threads: as many as are stuck, and a few.
 */
final class Tellers {
    private static final int FEW = 4;
    private static final Duration MOMENT = Duration.ofMillis(20);

    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            FEW,
            FEW,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // bounded by the jobs whose ending a timer decided
            Thread.ofPlatform().daemon().name("orchestrator-teller-", 1).factory());

    static {
        POOL.allowCoreThreadTimeOut(true);
    }

    /** Whether somebody looks after the queue: raised by whoever queues, lowered by the timer when the queue is empty. */
    private static final AtomicBoolean WATCHED = new AtomicBoolean();

    private Tellers() {}

    static void execute(Runnable task) {
        POOL.execute(task);
        if (!POOL.getQueue().isEmpty() && WATCHED.compareAndSet(false, true)) watch(POOL.getCompletedTaskCount());
    }

    private static void watch(long completedBefore) {
        Time.system().schedule(MOMENT, () -> {
            long completed = POOL.getCompletedTaskCount();
            if (POOL.getQueue().isEmpty()) {
                POOL.setCorePoolSize(FEW);
                WATCHED.set(false);
                if (POOL.getQueue().isEmpty() || !WATCHED.compareAndSet(false, true)) return;
            } else if (completed == completedBefore) {
                int more = POOL.getCorePoolSize() + FEW;
                POOL.setMaximumPoolSize(more);
                POOL.setCorePoolSize(more); // starts threads for what waits
            }
            watch(completed);
        });
    }
}
