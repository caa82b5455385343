package dev.orchestrator.spi;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import dev.orchestrator.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * The registration of a {@link JobDriver}, and the way to have an attempt at one of its jobs made here.
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
public interface DrivenType<J, R extends @Nullable Object> extends Subscription {
    /**
     * The options that hold for a job: those over the job's own over the registration's.
     *
     * @throws IllegalArgumentException if the options have what belongs to a registration
     */
    JobOptions settle(J job, JobOptions asked);

    /**
     * Makes one attempt, as a job of this dispatcher that belongs to nobody, with its interceptors around it.
     *
     * <p>Of the options count the attempt's time limit, the total one, the grace, the interval of progress, the worker and
     * what was set for other modules: whoever drives the job tries again, and obeys keys and limits. What the executor emits,
     * reports and tells goes to {@code reports} and not to the bus; its children and the job events of the attempt itself,
     * started and terminal, go to the bus. Closing the dispatcher stops it like any job; closing this registration does not,
     * and makes no difference to this method.
     *
     * @param job what is wanted
     * @param id the id of the driven job, which must not be in flight on that bus; it wins over an id that the job has
     * @param executor who does it
     * @param bus a bus of the driver's own
     * @param options how; nothing is added from the job or the registration
     * @param reports where it goes what the attempt says
     * @return the way to the attempt's ending
     * @throws IllegalArgumentException if {@code id} is blank
     * @throws IllegalStateException if the id is in flight on that bus, or the dispatcher is closed
     */
    JobHandle<R> attempt(
            J job,
            String id,
            JobExecutor<? super J, ? extends R> executor,
            SignalBus bus,
            JobOptions options,
            AttemptReports reports);

    /** As the other one, with an executor that answers with a stage. */
    JobHandle<R> attemptAsync(
            J job,
            String id,
            AsyncJobExecutor<? super J, ? extends R> executor,
            SignalBus bus,
            JobOptions options,
            AttemptReports reports);
}
