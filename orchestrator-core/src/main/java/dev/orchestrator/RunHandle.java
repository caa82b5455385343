package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The handle of a run. It lets the run go with the ending, so that keeping it keeps an id and a result (P10). */
final class RunHandle<R extends @Nullable Object> implements JobHandle<R> {
    private final String id;
    private final Threads threads;
    private final CompletableFuture<JobResult<R>> future = new CompletableFuture<>();

    // Written once by the run's maker and once, to null, by whoever tells the ending; read by cancellers.
    private volatile @Nullable JobRun<R> run;

    private volatile @Nullable CompletionStage<JobResult<R>>
            stage; // one for all who ask, since each is kept until the end

    // Written once, by whoever tells the ending; read by anyone.
    private volatile @Nullable JobResult<R> ended;

    RunHandle(String id, Threads threads, JobRun<R> run) {
        this.id = id;
        this.threads = threads;
        this.run = run;
    }

    /** From now on whoever asks is told; before the owner is, so that after its handling nobody finds the job open. */
    void know(JobResult<R> result) {
        ended = result;
        run = null;
    }

    /** Tells those who asked before. Runs what they attached. */
    void complete(JobResult<R> result) {
        know(result);
        future.complete(result);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletionStage<JobResult<R>> result() {
        JobResult<R> known = ended;
        if (known != null) return CompletableFuture.completedStage(known);
        CompletionStage<JobResult<R>> shown = stage;
        if (shown == null) stage = shown = future.minimalCompletionStage(); // two racing callers may get two: no harm
        return shown;
    }

    @Override
    public JobResult<R> await(Duration limit) throws TimeoutException, InterruptedException {
        Objects.requireNonNull(limit, "limit");
        JobResult<R> known = ended;
        if (known != null && !Thread.currentThread().isInterrupted()) return known;
        if (threads.await(future, limit)) return future.join();
        throw new TimeoutException("job " + id + " is still under way after a wait of " + limit + "; it goes on");
    }

    @Override
    public boolean cancel(String reason) {
        Ids.checked(reason, "the reason of a cancellation");
        JobRun<R> current = run;
        return current != null && current.cancel(reason);
    }

    @Override
    public String toString() {
        return "JobHandle(" + id + (ended != null ? ", ended" : "") + ")";
    }
}
