package dev.orchestrator.spi;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The one platform thread of all timers of this machine's time; started when this class is loaded, with the first timer. */
final class TimerThread implements Runnable {
    static final TimerThread SHARED = new TimerThread();

    /** How long it rests after the framework itself has failed, for want of memory. */
    private static final long AFTER_FAILURE = 10_000_000;

    private final long began = System.nanoTime();
    private final Thread thread = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("orchestrator-timer")
            .unstarted(this);
    private final Semaphore wakes = new Semaphore(0);
    private final TimerQueue queue = new TimerQueue(wakes::release);

    static {
        SHARED.thread.start();
    }

    private TimerThread() {}

    private long now() {
        return System.nanoTime() - began;
    }

    Time.Timer schedule(long delay, Runnable task) {
        return queue.add(now() + delay, task);
    }

    @Override
    public void run() {
        while (true) {
            try {
                runDue();
                sleep();
            } catch (Throwable failed) {
                report(failed);
                sleep(AFTER_FAILURE);
            }
        }
    }

    private void runDue() {
        for (Runnable task; (task = queue.nextDue(now())) != null; ) {
            try {
                task.run();
            } catch (Throwable thrown) {
                report(thrown);
            }
        }
    }

    private void sleep() {
        long until = queue.beginSleep();
        if (until > 0) sleep(until - now());
        queue.endSleep();
    }

    private void sleep(long nanos) {
        try {
            if (wakes.tryAcquire(nanos, TimeUnit.NANOSECONDS)) wakes.drainPermits();
        } catch (InterruptedException interrupted) {
            // Nobody has a reason to interrupt it; it looks whether something is due, and sleeps again.
        }
    }

    /** Tasks throw nothing; one that does must not take the others with it. */
    private void report(Throwable thrown) {
        thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    }
}
