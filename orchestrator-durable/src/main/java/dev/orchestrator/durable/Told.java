package dev.orchestrator.durable;

import dev.orchestrator.JobHandle;
import dev.orchestrator.JobProgress;
import dev.orchestrator.Origin;
import dev.orchestrator.spi.JobControl;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A durable job that somebody in this process is told about, from its dispatch or adoption to its ending.
 *
 * <p>All that is told goes through {@link #inTurn}, one thing at a time and in order: an event that is in the database is
 * told before the ending that was recorded after it, whichever thread hears of which.
 */
final class Told {
    private final Object job;
    private final JobControl<Object> control;
    private final Kind<?, ?> kind;

    /** Who owned it when it came here: whose next life has to be told, should this one be closed before. */
    private final @Nullable String owner;

    private final boolean isAdopted;

    private final InTurn inTurn = new InTurn();

    // In turn only.
    private long lastEvent;
    private int lastRetry;

    private volatile boolean ended; // written in turn, read by anyone

    // Written by whoever hears of an event before that one is read in turn; read in turn.
    private volatile boolean hasEvents;

    /** Whether the user's own transaction acknowledges the ending. Written by any thread, read after the handlers. */
    private volatile boolean acknowledgedByUser;

    private volatile @Nullable JobHandle<?>
            handle; // written by the dispatching thread after the dispatch, read by anyone

    @SuppressWarnings("unchecked") // the kind's own type of results, tied to the job's by the registration
    Told(Object job, JobControl<?> control, Kind<?, ?> kind, @Nullable String owner, boolean isAdopted) {
        this.owner = owner;
        this.isAdopted = isAdopted;
        this.job = job;
        this.control = (JobControl<Object>) control;
        this.kind = kind;
    }

    String id() {
        return control.id();
    }

    Object job() {
        return job;
    }

    JobControl<Object> control() {
        return control;
    }

    Kind<?, ?> kind() {
        return kind;
    }

    @Nullable
    String owner() {
        return owner;
    }

    /** Whether it was stored before it came here, and not dispatched here. */
    boolean isAdopted() {
        return isAdopted;
    }

    @Nullable
    JobHandle<?> handle() {
        return handle;
    }

    void keep(JobHandle<?> made) {
        handle = made;
    }

    void inTurn(Runnable task) {
        inTurn.run(task);
    }

    void noteEvents() {
        hasEvents = true;
    }

    void noteAcknowledgedByUser() {
        acknowledgedByUser = true;
    }

    boolean isAcknowledgedByUser() {
        return acknowledgedByUser;
    }

    /** Whether its ending was told. */
    boolean isEnded() {
        return ended;
    }

    // ---- in turn ----

    boolean hasEvents() {
        return hasEvents;
    }

    long lastEvent() {
        return lastEvent;
    }

    void toldEvent(long position) {
        lastEvent = position;
    }

    void began(int attempt) {
        control.attempts(attempt);
        control.started();
    }

    void progress(JobProgress progress) {
        control.progress(progress);
    }

    void data(@Nullable Object value, Origin origin) {
        control.data(value, origin);
    }

    /** Told once per attempt, whoever hears of it first. */
    void retrying(int attempt, int limit, Throwable error, Duration delay) {
        if (attempt <= lastRetry) return;
        lastRetry = attempt;
        control.retrying(attempt, limit, error, delay);
    }

    /** True for the first ending. */
    boolean end(Store.Ending ending, int attempts, @Nullable Object value, @Nullable Throwable error) {
        if (ended) return false;
        ended = true;
        control.attempts(attempts);
        switch (ending) {
            case Store.Ending.Success success -> succeed(value);
            case Store.Ending.Failure failure ->
                control.fail(
                        error != null ? error : new StoredErrorException(failure.type(), failure.text(), "", null));
            case Store.Ending.Cancelled(String reason) -> control.cancelled(reason);
            case Store.Ending.TimedOut(Duration limit) -> control.timedOut(limit);
        }
        return true;
    }

    @SuppressWarnings("NullAway") // the type of the results may admit null, which nobody here can know
    private void succeed(@Nullable Object value) {
        control.succeed(value);
    }
}
