package dev.orchestrator;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is: the highest report so far.
 *
 * <p>Raising it and appending its event are one step under a lock, so the reports leave in the order of their fractions
 * whichever threads report, and one that was made before the job returned comes before its ending. No user code runs
 * under the lock.
 */
final class RunProgress {
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable JobProgress highest; // written under the lock, read by anyone

    @Nullable
    JobProgress latest() {
        return highest;
    }

    /** Appends the report if it is not lower than one before; false if it is, or if it could not be appended. */
    boolean report(JobProgress report, Predicate<JobProgress> append) {
        lock.lock();
        try {
            JobProgress before = highest;
            if (before != null && report.fraction() < before.fraction()) return false;
            highest = report;
            return append.test(report);
        } finally {
            lock.unlock();
        }
    }
}
