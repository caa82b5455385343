package dev.orchestrator;

import dev.orchestrator.spi.AttemptReports;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An attempt at a driven job: a run whose code reports to {@link AttemptReports}, while its job events go to its bus.
 *
 * <p>Events and values go there on the thread that says them. A report of progress is kept under the lock of {@link
 * RunProgress}, where no user may be called, and told outside of it by one thread at a time, so they come in order.
 */
final class ReportingRun<R extends @Nullable Object> extends JobRun<R> {
    private final AttemptReports reports;
    private final int number;

    // Written under the lock of the reports, in their order; taken by whoever tells. So what is taken is never lower
    // than what was taken before.
    private final AtomicReference<@Nullable JobProgress> kept = new AtomicReference<>();

    private final ConcurrentLinkedQueue<Runnable> keptValues =
            new ConcurrentLinkedQueue<>(); // of a work of several jobs

    // Raised by whoever has kept something. Who raises it from 0 tells, for those too who come meanwhile, until it is
    // 0.
    private final AtomicInteger untold = new AtomicInteger();

    ReportingRun(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            long cause,
            @Nullable Chain chain,
            JobOptions options,
            AttemptReports reports) {
        super(id, job, route, bus, null, cause, chain, null, options);
        this.reports = reports;
        this.number = reports.number();
    }

    @Override
    int nameOf(int ignored) {
        return number;
    }

    /** The one event that is appended to the outbox before the ending. */
    @Override
    void started() {
        if (appendStarted()) super.announce();
    }

    @Override
    void emit(Event event) {
        if (isRunning()) reports.emit(event);
    }

    @Override
    void data(@Nullable Object value, Provenance from) {
        if (isRunning()) reports.data(value, from.origin());
    }

    /** Nobody here has a mailbox. */
    @Override
    boolean letsPass(JobProgress report) {
        return isRunning();
    }

    @Override
    boolean letsPassData(@Nullable Object value, Provenance from) {
        return isRunning();
    }

    /** From a work that several jobs take part in, under its lock. */
    @Override
    boolean appendData(@Nullable Object value, Provenance from) {
        if (!isRunning()) return false;
        keptValues.add(() -> data(value, from));
        return true;
    }

    @Override
    boolean appendProgress(JobProgress report) {
        if (!isRunning()) return false;
        kept.set(report);
        return true;
    }

    /** What the reports throw goes to the code that has said something just now. */
    @Override
    void announce() {
        if (untold.getAndIncrement() != 0) return;
        Throwable first = null;
        int seen = 1;
        do {
            for (Runnable value; (value = keptValues.poll()) != null; ) first = firstOf(first, thrownBy(value));
            JobProgress report = kept.getAndSet(null);
            if (report != null) first = firstOf(first, thrownBy(() -> tell(report)));
        } while ((seen = untold.addAndGet(-seen)) != 0);
        if (first != null) throw Thrown.asIs(first);
    }

    private void tell(JobProgress report) {
        if (isRunning()) reports.progress(report);
    }

    private static @Nullable Throwable thrownBy(Runnable call) {
        try {
            call.run();
            return null;
        } catch (Throwable thrown) {
            return thrown;
        }
    }

    private static @Nullable Throwable firstOf(@Nullable Throwable first, @Nullable Throwable second) {
        return first != null ? first : second;
    }

    /** There is no code to throw to: it has left, or this is a thread of ours, or one of another job. */
    @Override
    void announceKept() {
        bus().scope().wall().run("the reports of an attempt at " + named(), this::announce);
    }
}
