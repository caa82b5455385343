package dev.orchestrator.spi;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The one platform thread of all timers of this machine's time; started with the first timer. */
final class TimerThread implements Runnable {
    static final TimerThread SHARED = new TimerThread();

    /** How long it rests after the framework itself has failed, for want of memory. */
    private static final long AFTER_FAILURE = 10_000_000;

    /** It looks at least as often, in case that somebody who wanted to wake it had no stack or memory left for that. */
    private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(10);

    private final long began = System.nanoTime();
    private final Semaphore wakes = new Semaphore(0);
    private final TimerQueue queue = new TimerQueue(wakes::release);
    private final ReentrantLock starting = new ReentrantLock();

    private volatile boolean isStarted; // written once, under the lock

    private TimerThread() {}

    private long now() {
        return System.nanoTime() - began;
    }

    /** Keeps the task for later; where the thread cannot be started nothing is kept, and the next timer tries again. */
    Time.Timer schedule(long delay, Runnable task) {
        Time.Timer timer = queue.add(now() + delay, task);
        if (!isStarted) {
            try {
                start();
            } catch (Throwable failed) {
                timer.cancel();
                throw failed;
            }
        }
        return timer;
    }

    private void start() {
        starting.lock();
        try {
            if (isStarted) return;
            Thread.ofPlatform()
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .name("orchestrator-timer")
                    .start(this);
            isStarted = true;
        } finally {
            starting.unlock();
        }
    }

    @Override
    public void run() {
        while (true) {
            try {
                runDue();
                sleepUntilDue();
            } catch (Throwable failed) {
                report("the framework itself failed in its timer; the timer goes on", failed);
                sleep(AFTER_FAILURE);
            }
        }
    }

    private void runDue() {
        for (Runnable task; (task = queue.nextDue(now())) != null; ) {
            try {
                task.run();
            } catch (Throwable thrown) {
                report("a task of a timer threw; the timer goes on", thrown);
            }
        }
    }

    private void sleepUntilDue() {
        long until = queue.beginSleep();
        if (until > 0) sleep(Math.min(until - now(), LONGEST_SLEEP));
        queue.endSleep();
    }

    private void sleep(long nanos) {
        try {
            if (wakes.tryAcquire(nanos, TimeUnit.NANOSECONDS)) wakes.drainPermits();
        } catch (InterruptedException interrupted) {
            // Nobody has a reason to interrupt it; it looks whether something is due, and sleeps again.
        }
    }

    /** Tasks throw nothing; one that does, or a log that does, must not take the other timers with it. */
    private static void report(String what, Throwable thrown) {
        try {
            System.getLogger("dev.orchestrator").log(System.Logger.Level.ERROR, what, thrown);
        } catch (Throwable ofTheLog) {
            // There is nobody else to tell.
        }
    }
}
