package dev.orchestrator.spi;

import dev.orchestrator.Event;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import dev.orchestrator.Origin;
import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A job as whoever drives it sees it: everything that is told of it goes through here.
 *
 * <p>All methods may be called from any threads at once, from inside {@link JobDriver#start} and from handlers. None of those
 * that tell waits for a full mailbox: what is told goes to the owner all the same, and beyond the bound of a mailbox that
 * blocks its emitters, so a driver does not tell more than can be read (P11). After the ending what is told is dropped. Plain
 * subscribers of the bus are called on the telling thread, or on one that is just telling.
 *
 * <p>Whoever keeps a control keeps the job: let go of it with the ending.
 *
 * @param <R> what the job gives back
 */
public interface JobControl<R extends @Nullable Object> {
    /** The correlation id of the job. */
    String id();

    /** The options that hold: the dispatch's over the job's over the registration's. */
    JobOptions options();

    /** The options of the dispatch alone; with the key, where the owner dispatched with one of its own. */
    JobOptions asked();

    /** The {@linkplain dev.orchestrator.BaseOrchestrator#name name} of the orchestrator that owns the job; empty if none does or it is closed. */
    Optional<String> ownerName();

    /** The bus to which the job's events go. */
    SignalBus bus();

    /**
     * Says that the job has begun; told once, whoever says it again.
     *
     * <p>Progress, a value, a retry or an event says so too, and the job is told as started before that. A job that ends
     * before any of these has its terminal event alone (P4).
     */
    void started();

    /**
     * Says how far the job is; a report with a lower fraction than before is dropped.
     *
     * <p>At most one is told within the {@linkplain JobOptions#progressInterval() interval} of the options, the last one
     * before a success or a failure.
     */
    void progress(JobProgress progress);

    /** Tells a value before the ending. */
    void data(@Nullable Object value, Origin origin);

    /**
     * Says that an attempt failed and another one will be made.
     *
     * @param attempt which one failed; 1 for the first
     * @param limit how many there are at most
     * @param error why
     * @param delay how long until the next one begins
     */
    void retrying(int attempt, int limit, Throwable error, Duration delay);

    /**
     * Emits an event of the job: active for its owner, passive for everybody else.
     *
     * <p>A {@link dev.orchestrator.BaseEvent} with the correlation id of another job is about that one, as always.
     *
     * @throws IllegalArgumentException if {@code event} is a {@link dev.orchestrator.JobEvent}
     */
    void emit(Event event);

    /**
     * Says how many attempts there have been so far; the terminal event will say so. 0 unless said.
     *
     * @throws IllegalArgumentException if negative
     */
    void attempts(int count);

    /** Ends the job with a value; true if this call decided the ending. */
    boolean succeed(R value);

    /** Ends the job as failed; true if this call decided the ending. */
    boolean fail(Throwable error);

    /**
     * Ends the job as cancelled; true if this call decided the ending.
     *
     * @param reason why, in words for people
     * @throws IllegalArgumentException if {@code reason} is blank
     */
    boolean cancelled(String reason);

    /** Ends the job as timed out; true if this call decided the ending. */
    boolean timedOut(Duration limit);

    /**
     * Lets the job go without an ending: it goes on elsewhere, and nobody here is told more of it.
     *
     * <p>For a driver that is closed while its jobs live on. The owner and the bus forget the job, its token is left, and
     * whoever waits at its handle gets an {@link IllegalStateException} with that text. What was told before is still handled.
     * A patch of the owner that waits for the ending stays as it is, and a refetch of it goes on. Does nothing after the ending.
     *
     * @param why what became of the job and where its ending will be told, in words for people
     * @throws IllegalArgumentException if {@code why} is blank
     */
    void letGo(String why);

    /**
     * Does that when somebody wants the job to stop: its handle, its token or its owner's {@code cancel}, or its parent's end.
     *
     * <p>Called at most once, with the reason of the first wish, on a thread of the framework; at once if somebody has wished
     * so since {@link JobDriver#start} was called. The job goes on until the driver ends it. Without a handler a wish ends
     * the job as cancelled: at once, or when {@code start} returns. So declare the handler in there. A wish that comes before
     * ends the job, and its driver is not asked to start it. Where an attempt of a parent has failed, the next one waits until
     * the job has ended, as for any child.
     *
     * @throws IllegalStateException if there is a handler already
     */
    void onStop(Consumer<? super String> handler);

    /**
     * Completes when the owner has handled the ending: its handlers for it have returned, whatever they threw.
     *
     * <p>Also when the owner is closed before it handles the ending, and when the job is let go or its dispatch refused;
     * {@link #isOwned} says from then on which of the two it was. Without an owner it completes when the ending is told.
     * What is attached runs on the owner's lane, on the thread that closes it or on the telling one, so it should be short.
     */
    CompletionStage<@Nullable Void> handled();

    /**
     * Whether an owner handles the ending; false if the job has none, or the owner was closed before it handled it.
     *
     * <p>Once {@link #handled} has completed the answer is final: true means that the owner's handlers have had the ending.
     */
    boolean isOwned();
}
