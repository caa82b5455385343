package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
    private static final VarHandle FUTURE;

    static {
        try {
            FUTURE = MethodHandles.lookup().findVarHandle(RunHandle.class, "future", CompletableFuture.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    // Made by the first who waits, by compareAndSet, who then looks at the ending; whoever tells the ending writes that
    // and then looks here. Both are volatile, so at least one of them sees the other, and completes it.
    private volatile @Nullable CompletableFuture<JobResult<R>> future;

    // Written once by the run's maker and once, to null, by whoever tells the ending; read by cancellers.
    private volatile @Nullable JobRun<R> run;

    private volatile @Nullable CompletionStage<JobResult<R>>
            stage; // one for all who ask, since each is kept until the end

    // Written once, by whoever tells the ending or lets the job go without one; read by anyone. The JobResult, or the
    // IllegalStateException that says why there is none: one field, because of a million runs in flight.
    private volatile @Nullable Object ended;

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

    /** From now on whoever asks is told that nobody here will know the ending. */
    void know(IllegalStateException why) {
        ended = why;
        run = null;
    }

    /** Tells those who asked before. Runs what they attached. */
    void complete(JobResult<R> result) {
        know(result);
        CompletableFuture<JobResult<R>> waitedFor = future;
        if (waitedFor != null) waitedFor.complete(result);
    }

    /** As the other one, for {@link #know(IllegalStateException)}. */
    void complete(IllegalStateException why) {
        CompletableFuture<JobResult<R>> waitedFor = future;
        if (waitedFor != null) waitedFor.completeExceptionally(why);
    }

    /** The ending; null if it is not known. */
    @SuppressWarnings("unchecked") // a result in there is one of R
    private static <R extends @Nullable Object> @Nullable JobResult<R> resultIn(@Nullable Object known) {
        return known instanceof JobResult<?> result ? (JobResult<R>) result : null;
    }

    boolean isEnded() {
        return ended != null;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletionStage<JobResult<R>> result() {
        Object known = ended;
        JobResult<R> result = resultIn(known);
        if (result != null) return CompletableFuture.completedStage(result);
        if (known instanceof IllegalStateException why) return CompletableFuture.failedStage(why);
        CompletionStage<JobResult<R>> shown = stage;
        if (shown == null) stage = shown = future().minimalCompletionStage(); // two racing callers may get two: no harm
        return shown;
    }

    private CompletableFuture<JobResult<R>> future() {
        CompletableFuture<JobResult<R>> made = future;
        if (made == null) {
            var fresh = new CompletableFuture<JobResult<R>>();
            made = FUTURE.compareAndSet(this, (CompletableFuture<?>) null, fresh) ? fresh : future;
        }
        Object known = ended;
        if (known == null && made != null) return made;
        return known instanceof IllegalStateException why
                ? CompletableFuture.failedFuture(why)
                : CompletableFuture.completedFuture(resultIn(known));
    }

    @Override
    public JobResult<R> await(Duration limit) throws TimeoutException, InterruptedException {
        Objects.requireNonNull(limit, "limit");
        JobResult<R> known = resultIn(ended);
        if (known != null && !Thread.currentThread().isInterrupted()) return known;
        CompletableFuture<JobResult<R>> ending = future();
        if (threads.await(ending, limit)) {
            if (ended instanceof IllegalStateException why) throw why;
            return ending.join();
        }
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
        return "JobHandle(" + id + (isEnded() ? ", ended" : "") + ")";
    }
}
