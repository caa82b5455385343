package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is: the highest report so far, across its attempts.
 *
 * <p>Reports are appended under a lock, so they leave in the order of their fractions whichever threads report, and one
 * that was made before the job returned comes before its ending. No user code runs under the lock.
 *
 * <p>Where an interval was chosen, one report is told at once and opens it; those that come until it is over only raise
 * {@code highest}, without lock or clock, and the timer tells the last of them. Of a fraction alone not even a report is
 * made then: it raises {@code kept}, and is the highest where that is above {@code highest}. Why none is forgotten: who
 * reports writes {@code highest} or {@code kept} and then looks at {@code interval is open}; the timer closes the interval
 * and then looks at the two. Whichever of them comes second sees the other.
 */
final class RunProgress {
    private static final VarHandle HIGHEST;
    private static final VarHandle KEPT;

    static {
        try {
            var lookup = MethodHandles.lookup();
            HIGHEST = lookup.findVarHandle(RunProgress.class, "highest", JobProgress.class);
            KEPT = lookup.findVarHandle(RunProgress.class, "kept", double.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final JobRun<?> run;
    private final @Nullable Duration interval;
    private final ReentrantLock lock = new ReentrantLock();

    // Each raised by compareAndSet, by whoever reports; read by anyone.
    private volatile @Nullable JobProgress highest;
    private volatile double kept = -1;

    private volatile boolean intervalIsOpen; // written under the lock, read by whoever reports

    // Guarded by lock.
    private @Nullable JobProgress told;
    private Time.@Nullable Timer timer;
    private boolean closed;

    RunProgress(JobRun<?> run, @Nullable Duration interval) {
        this.run = run;
        this.interval = interval;
    }

    @Nullable
    JobProgress latest() {
        double fraction = kept;
        JobProgress report = highest;
        return report == null || report.fraction() >= fraction ? report : JobProgress.of(fraction);
    }

    /** As {@link #report(JobProgress)}; allocates nothing while the report can only be kept back. */
    void report(double fraction) {
        if (!intervalIsOpen || !keep(JobProgress.clamped(fraction))) report(JobProgress.of(fraction));
        else if (!intervalIsOpen) tellKept(); // it is over since, and may have overlooked this one
    }

    /** Tells the report now or within the interval, unless it is lower than one before or the job is not under way. */
    void report(JobProgress report) {
        if (interval == null) {
            if (appendNow(report)) run.announce();
            return;
        }
        if (!run.isRunning() || report.fraction() < kept || !raise(report)) return;
        if (!intervalIsOpen) tellKept();
    }

    private void tellKept() {
        if (interval != null && openInterval(interval)) run.announce();
    }

    /** False if it is the same fraction as that of a report that has more to say, which it replaces. */
    private boolean keep(double fraction) {
        JobProgress report = highest;
        if (report != null && fraction <= report.fraction()) return fraction < report.fraction() || report.isPlain();
        double before;
        do {
            before = kept;
            if (fraction <= before) return true;
        } while (!KEPT.compareAndSet(this, before, fraction));
        return true;
    }

    private boolean appendNow(JobProgress report) {
        lock.lock();
        try {
            return run.isRunning() && raise(report) && run.appendProgress(report);
        } finally {
            lock.unlock();
        }
    }

    /** False if there was a higher one before. */
    private boolean raise(JobProgress report) {
        JobProgress before;
        do {
            before = highest;
            if (before != null && report.fraction() < before.fraction()) return false;
        } while (!HIGHEST.compareAndSet(this, before, report));
        return true;
    }

    /** Appends what was not told and begins an interval; false if there was nothing to tell. */
    private boolean openInterval(Duration length) {
        lock.lock();
        try {
            if (closed || intervalIsOpen || !appendUntold()) return false;
            intervalIsOpen = true;
            timer = run.bus().scope().time().schedule(length, () -> intervalIsOver(length));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** On the timer's thread: appends; the telling is for a thread of ours. */
    private void intervalIsOver(Duration length) {
        lock.lock();
        try {
            intervalIsOpen = false;
        } finally {
            lock.unlock();
        }
        if (openInterval(length)) run.bus().scope().threads().start(Role.TELLER, run.id(), run::announceKept);
    }

    @SuppressWarnings("ReferenceEquality") // whether it is the one that was told, not one like it
    private boolean appendUntold() {
        JobProgress reached = latest();
        if (reached != null)
            raise(reached); // what was kept is one report from now on, or there is a higher one already
        JobProgress now = highest;
        if (now == null || now == told || !run.appendProgress(now)) return false;
        told = now;
        return true;
    }

    /** Tells what the interval has kept back: the job is about to end well, or to fail. */
    void tellLast() {
        if (interval == null) return;
        boolean appended;
        lock.lock();
        try {
            appended = !closed && appendUntold();
        } finally {
            lock.unlock();
        }
        if (appended) run.announceKept();
    }

    /** The run has ended: no timer is left. */
    void close() {
        lock.lock();
        try {
            closed = true;
            if (timer != null) timer.cancel();
        } finally {
            lock.unlock();
        }
    }
}
