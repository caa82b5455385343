package dev.orchestrator.spi;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobResult;
import dev.orchestrator.Origin;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A job's context as a {@link SharingExecutor} sees it.
 *
 * @param <R> what the job gives back
 */
public interface SharingContext<R extends @Nullable Object> extends JobContext {
    /**
     * A context that a dispatcher gave, as one that can share.
     *
     * @param <R> what the job gives back; nothing checks it
     * @throws IllegalArgumentException if {@code context} is not one that a dispatcher gave
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // whoever registers an executor ties it to the job
    static <R extends @Nullable Object> SharingContext<R> of(JobContext context) {
        if (context instanceof SharingContext<?> sharing) return (SharingContext<R>) sharing;
        throw new IllegalArgumentException("this executor needs the context that a dispatcher gives, was a "
                + context.getClass().getName());
    }

    /** The clock of the job's bus. */
    Time time();

    /**
     * What the job's options say for another module.
     *
     * @see dev.orchestrator.JobOptions.Builder#extra
     */
    <T> Optional<T> extra(Class<T> type);

    /**
     * Tells a value before the ending, as {@link #data(Object, Origin)}, that has been known for some time.
     *
     * @param asOf since when
     */
    void data(@Nullable Object value, Origin origin, Instant asOf);

    /**
     * Says where the value comes from that this job will give.
     *
     * @param asOf since when it has been known
     * @param refreshError why there is no newer one; null if nobody tried in vain
     */
    void origin(Origin origin, Instant asOf, @Nullable Throwable refreshError);

    /**
     * Makes a work out of this job, for it and others to take part in.
     *
     * @param executor what is to be done; called with a context of the work's own
     * @param beforeTelling called once when the ending of the work was decided, before anybody is told: on the thread that
     *     ended it, which must not be held up for long
     */
    SharedWork<R> share(JobExecutor<?, ? extends R> executor, Consumer<? super JobResult<R>> beforeTelling);

    /** As {@link #share}, with an executor that answers with a stage. */
    SharedWork<R> shareAsync(AsyncJobExecutor<?, ? extends R> executor, Consumer<? super JobResult<R>> beforeTelling);

    /**
     * Takes part in a work, which was made for this job or for another one of its type.
     *
     * @param work the work, under way or not yet started
     * @param ending makes this job's ending out of that of the work; called once if this job was not stopped before, and
     *     may say where the value comes from. What it throws becomes the job's failure.
     * @return the stage of this job; null if the work is over or is being stopped
     */
    @Nullable
    CompletionStage<R> join(SharedWork<R> work, UnaryOperator<JobResult<R>> ending);

    /**
     * Waits for a stage; an interrupt of the waiting thread cancels it.
     *
     * @return the stage's value
     * @throws Exception the stage's error, as it was thrown
     * @throws InterruptedException if the waiting thread was interrupted
     */
    R await(CompletionStage<? extends R> stage) throws Exception;
}
