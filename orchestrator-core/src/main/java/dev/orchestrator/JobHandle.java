package dev.orchestrator;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The caller's side of one dispatched job: its id, its ending, and the way to stop it.
 *
 * <p>A handle is a view. Dropping it neither stops the job nor keeps anything alive, and after the ending it holds its
 * id and its result only (P10). All methods may be called from any thread and from inside a handler; only
 * {@link #await} blocks.
 *
 * @param <R> what the job gives back; {@link Void} if nothing
 */
public interface JobHandle<R extends @Nullable Object> {
    /** The correlation id of everything that comes of the job. */
    String id();

    /**
     * The ending, as a stage that nobody but the job can complete.
     *
     * <p>It completes when the ending is in its owner's mailbox, before any plain subscriber of the bus is called, and
     * waits for no handler: an orchestrator's state may not show the ending yet. A failure is a {@link JobResult}, so it
     * never completes exceptionally, with one exception: whoever {@linkplain Dispatcher#drive drives} the job has let it go,
     * and its ending will not be known here; then it completes with an {@link IllegalStateException} that says why. What is attached without an executor of its own runs on the thread that tells the
     * ending, so it should be short.
     */
    CompletionStage<JobResult<R>> result();

    /**
     * Waits for the ending.
     *
     * @param limit how long to wait at most; zero or less looks without waiting
     * @return how the job ended; its own time limit is {@link JobResult.TimedOut}, not an exception
     * @throws TimeoutException if only the wait is over; the job goes on
     * @throws InterruptedException if the waiting thread is interrupted; the job goes on
     * @throws IllegalStateException if whoever drives the job has let it go: it goes on elsewhere, and nobody here is told
     *     of its ending
     */
    JobResult<R> await(Duration limit) throws TimeoutException, InterruptedException;

    /**
     * Asks the job to stop, and interrupts it if it is running.
     *
     * <p>A job that has not started, or waits for its next attempt, never starts, and is told as cancelled at once. One
     * whose code runs is interrupted, and what it gave to {@link JobContext#onCancel} is closed; it is told when its code
     * has returned, or after its {@linkplain JobOptions.Builder#grace grace}; until then it counts as running and
     * {@link #result()} stays open. What it still returns, throws or emits is dropped (P1, P7).
     *
     * <p>A job that {@linkplain JobOptions.Builder#joinRunning takes part} in the work of another dispatch is told at once,
     * and the work goes on for the others.
     *
     * <p>A job that somebody {@linkplain Dispatcher#drive drives} is not ended by this: its driver is told the wish, once, and
     * ends the job when it is done. Such a job counts as running until then.
     *
     * @param reason why, in words for people; it is in the event
     * @return whether this call decided the ending; false if it was decided before. For a job that is driven, whether this
     *     was the first wish to stop it, and it had not ended
     * @throws IllegalArgumentException if {@code reason} is blank
     */
    boolean cancel(String reason);
}
