package dev.orchestrator.durable;

import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.AttemptReports;
import org.jspecify.annotations.Nullable;

/**
 * One registered type of durable jobs, as those see it who store its jobs, do them and tell of them.
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
interface Kind<J extends Job<R>, R extends @Nullable Object> {
    /** The stable name. */
    String name();

    /** The newest version, with which jobs are stored. */
    int version();

    /** The names in the queue that this program can read: {@code name@version} for each version it knows. */
    Iterable<String> tasks();

    Class<J> type();

    /** Whether this process does such jobs, and does not only dispatch them. */
    boolean isDoneHere();

    /** The condition that must hold for such a job to run; null for none. */
    @Nullable
    Condition condition();

    /** Whether an error says that what the job needs is not there, so that the attempt is not to count. */
    boolean isOffline(Throwable error);

    /**
     * The job that was stored, by the upcasters from that version on.
     *
     * @throws UnreadableException if the version is not known or the payload cannot be read
     */
    J decode(int version, String payload);

    /** The job as it is stored, and the attachments that it needs. */
    Payloads.Encoded encode(J job);

    String encodeResult(R value);

    /**
     * The value that was stored.
     *
     * @throws UnreadableException if it cannot be read
     */
    R decodeResult(String json);

    /** The options that hold: those of the dispatch, the job's own and the registration's. */
    JobOptions settle(J job, JobOptions asked);

    /** Makes an attempt here; on a bus of the module's own. */
    JobHandle<R> attempt(J job, String id, SignalBus bus, JobOptions options, AttemptReports reports);
}
