package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * What an executor may do beside its work: report, emit, ask for more work, and look whether it should stop.
 *
 * <p>Valid while its job runs. Once the ending is decided, what is reported or emitted here is dropped. Methods may be
 * called from any thread that works for the job.
 *
 * <p>None of them waits for other jobs, but for {@link #dispatch(Job, JobOptions)} at a limit that makes callers wait.
 * {@link #emit} and {@link #progress} wait while a mailbox that
 * {@linkplain OverflowRule#block blocks} is full, or while 65,536 events of this job wait for its owner; stopping the job
 * ends that wait, and the event is dropped (P11). On a thread that is running a handler they do not wait: for a full
 * mailbox they throw, and the owner takes what comes. For an owner that has not begun they throw in any case.
 */
public interface JobContext {
    /** The correlation id of the job. */
    String jobId();

    /** Which attempt this is; 1 for the first. */
    int attempt();

    /**
     * Reports how far the job is.
     *
     * @param fraction from 0 to 1; a lower one than before is dropped
     */
    default void progress(double fraction) {
        progress(JobProgress.of(fraction));
    }

    /**
     * Reports how far the job is, and what it is doing.
     *
     * @param fraction from 0 to 1; a lower one than before is dropped
     * @param message what the job is doing, in words for people
     */
    default void progress(double fraction, String message) {
        progress(JobProgress.of(fraction).withMessage(message));
    }

    /**
     * Reports how far the job is.
     *
     * @param progress the report; one with a lower fraction than before is dropped
     * @throws IllegalStateException if there is no room for the report, and this thread must not wait or is interrupted
     */
    void progress(JobProgress progress);

    /**
     * Tells a value before the ending, as a {@link JobDataEvent}: what a cache has, or a placeholder.
     *
     * @param value the value, of the type that the job gives back; null is one
     * @param origin where it comes from
     * @throws IllegalStateException if there is no room for the event, and this thread must not wait or is interrupted
     */
    void data(@Nullable Object value, Origin origin);

    /**
     * Says where the value comes from that this attempt will give; {@link Origin#LIVE} unless said.
     *
     * @param origin what {@link JobSuccessEvent#origin} will say
     */
    void origin(Origin origin);

    /**
     * Emits an event of this job: active for its owner, passive for everybody else on its bus.
     *
     * <p>An event that brings another job's correlation id (a {@link BaseEvent}) is an event of that job instead.
     *
     * @throws IllegalArgumentException if {@code event} is a {@link JobEvent}; those come from runs alone
     * @throws IllegalStateException if there is no room for the event, and this thread must not wait or is interrupted
     */
    void emit(Event event);

    /**
     * Dispatches a child job: with an id of its own, and this job's owner, bus and cancellation.
     *
     * <p>When this job ends otherwise than by success, its children that still run are cancelled. A successful job
     * neither waits for nor stops its children: {@link JobHandle#await} them.
     *
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws IllegalStateException if this job was stopped, its id is in flight already, or its dispatcher is closed
     */
    <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job);

    /**
     * Dispatches a child job with options; otherwise as {@link #dispatch(Job)}.
     *
     * <p>At a limit that was chosen to wait, and with ten thousand jobs waiting there, this call waits too. A child takes
     * no slot of a limit of which this job or an ancestor holds one, so waiting for it cannot deadlock.
     *
     * @throws ExecutorNotFoundException if the job's type has no executor
     * @throws JobRejectedException if a policy turns the job away
     * @throws IllegalArgumentException if the options have what belongs to a registration
     * @throws IllegalStateException if this job was stopped, its id is in flight already, or its dispatcher is closed
     */
    <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options);

    /**
     * Closes something when this attempt is stopped: a socket, a statement, a call of a library that knows no interrupts.
     *
     * <p>It is closed once, on a thread of the framework, when the job is cancelled, when its time or that of the attempt is
     * up, or at once if that is so already; and it is forgotten when the attempt is over. What it throws is logged.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="on-cancel"}
     *
     * @param closeable what to close
     * @return the way to take it back before
     */
    Subscription onCancel(AutoCloseable closeable);

    /**
     * Whether the time of this attempt, or that of the job in all, is up: a stop that says something about whoever was too
     * slow, and not about a wish.
     */
    boolean isTimeUp();

    /** Whether the job was stopped or the time of this attempt is up: what it still says is dropped, and it should return. */
    boolean isCancelled();

    /**
     * Leaves the work if the job was stopped.
     *
     * @throws JobCancelledException if {@link #isCancelled}
     */
    void throwIfCancelled();
}
