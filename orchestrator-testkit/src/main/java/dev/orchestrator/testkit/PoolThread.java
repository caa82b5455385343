package dev.orchestrator.testkit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread for one task after the other; ends when there has been none for a while. */
final class PoolThread extends Thread {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    final Scheduler scheduler;

    // Written under the scheduler's lock, by whoever hands the thread a task and by the thread when it is over; read
    // by the thread itself.
    volatile @Nullable Task task;

    PoolThread(Scheduler scheduler) {
        super("orchestrator-test");
        this.scheduler = scheduler;
        setDaemon(true);
    }

    /** So that the scheduler knows that a task which waits has to go on. */
    @Override
    public void interrupt() {
        super.interrupt();
        scheduler.interrupted(this);
    }

    @Override
    public void run() {
        while (true) {
            Task first = awaitTask();
            if (first == null) return;
            for (Task now = first; now != null; ) now = runOne(now);
        }
    }

    private @Nullable Task runOne(Task now) {
        Throwable thrown = null;
        try {
            now.run();
        } catch (Throwable ofTheTask) {
            thrown = ofTheTask;
        }
        Thread.interrupted(); // nothing of this task reaches the next one
        return scheduler.taskIsOver(this, now, thrown);
    }

    private @Nullable Task awaitTask() {
        long end = System.nanoTime() + IDLE_NANOS;
        while (true) {
            Task mine = task;
            if (mine != null) {
                while (!mine.awaitTurn(IDLE_NANOS)) if (mine.isReleased()) return null;
                return mine;
            }
            long left = end - System.nanoTime();
            if (left > 0 && !scheduler.isClosed()) LockSupport.parkNanos(this, left);
            else if (scheduler.retire(this)) return null;
        }
    }
}
