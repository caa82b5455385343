package dev.orchestrator.durable;

import dev.orchestrator.Event;
import dev.orchestrator.JobProgress;
import dev.orchestrator.Origin;
import dev.orchestrator.spi.AttemptReports;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Takes what the code of an attempt says: events to disk, progress to those who look, values to those who are here. */
final class Reports implements AttemptReports {
    private final Tools tools;
    private final Attempt attempt;
    private final int number;
    private final @Nullable ProgressWriter progress;
    private final AtomicLong events = new AtomicLong(); // how many were said in this attempt

    /** {@code isReadElsewhere}: whether somebody on another node wants to hear of it. */
    Reports(Tools tools, Attempt attempt, int number, boolean isReadElsewhere) {
        this.tools = tools;
        this.attempt = attempt;
        this.number = number;
        this.progress = isReadElsewhere ? new ProgressWriter(tools.bus(), this::store) : null;
    }

    @Override
    public int number() {
        return number;
    }

    /** Returns when the event is on disk; waits for the database if it is gone, until the attempt is to stop. */
    @Override
    public void emit(Event event) {
        EncodedEvent encoded = tools.events().apply(event);
        long said = events.incrementAndGet();
        Store.Claim claim = attempt.claim();
        try {
            tools.patience()
                    .until(
                            () -> {
                                tools.store().event(claim, said, encoded.type(), encoded.version(), encoded.payload());
                                return true;
                            },
                            () -> !attempt.isStopping());
        } catch (LostClaimException lost) {
            attempt.lose();
            throw lost;
        }
        tools.listener().event(claim.work());
        if (progress != null) tools.store().wakeOthers();
    }

    @Override
    public void progress(JobProgress report) {
        tools.listener().progress(attempt.claim().work(), report);
        if (progress != null) progress.say(report);
    }

    /** A report that cannot be stored is followed by another one, or by the ending. */
    private void store(JobProgress report) {
        if (attempt.isLost()) return;
        try {
            tools.store().progress(attempt.claim(), tools.payloads().encodeProgress(report));
            tools.store().wakeOthers();
        } catch (LostClaimException lost) {
            if (!attempt.isOver()) attempt.lose();
        } catch (DurableStoreException gone) {
            // The database is gone; those who wait for it say so.
        } catch (RuntimeException broken) {
            EngineLog.warning("a report of progress cannot be stored", broken);
        }
    }

    @Override
    public void data(@Nullable Object value, Origin origin) {
        tools.listener().data(attempt.claim().work(), value, origin);
    }

    /** The code has left: what it said last is written. */
    void close() {
        if (progress != null) progress.close();
    }
}
