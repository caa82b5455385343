package dev.orchestrator;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is: the highest report so far, told in the order of the fractions whichever threads report.
 *
 * <p>A report raises {@code highest} by compareAndSet or is dropped. Who then raises {@code untold} from 0 tells for all
 * who come meanwhile, so two threads never tell at once, and what is told is never lower than what was told before.
 */
final class RunProgress {
    private final AtomicReference<@Nullable JobProgress> highest = new AtomicReference<>();
    private final AtomicInteger untold = new AtomicInteger();

    @Nullable
    JobProgress latest() {
        return highest.get();
    }

    void report(JobProgress report, Consumer<JobProgress> tell) {
        if (!raise(report) || untold.getAndIncrement() != 0) return;
        int seen = 1;
        do {
            JobProgress now = highest.get();
            if (now != null) tell.accept(now);
            seen = untold.addAndGet(-seen);
        } while (seen != 0);
    }

    private boolean raise(JobProgress report) {
        while (true) {
            JobProgress before = highest.get();
            if (before != null && report.fraction() < before.fraction()) return false;
            if (highest.compareAndSet(before, report)) return true;
        }
    }
}
