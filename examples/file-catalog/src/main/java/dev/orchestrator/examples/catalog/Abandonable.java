package dev.orchestrator.examples.catalog;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Does the work of an executor on a thread that can be left behind.
 *
 * <p>What the system does on a dead network mount, or when it opens a pipe that nobody writes to, hears no interrupt and
 * may never return. An attempt that is a stage is over all the same when its time is up or its job is cancelled: the
 * framework cancels the stage, the next job takes the place in the limit, and only the thread stays.
 */
record Abandonable<J, R>(JobExecutor<J, R> work, ReaderThreads threads) implements AsyncJobExecutor<J, R> {
    @Override
    public CompletionStage<R> execute(J job, JobContext context) {
        var result = new CompletableFuture<R>();
        result.whenComplete((value, error) -> {
            if (result.isCancelled()) threads.leaveBehind();
        });
        threads.afterwards(() -> {
            // Either the work completes the stage, or who stopped the job did: then this thread was counted as lost.
            if (!complete(result, job, context)) threads.takeBack();
        });
        return result;
    }

    private boolean complete(CompletableFuture<R> result, J job, JobContext context) {
        if (result.isDone()) return false;
        try {
            return result.complete(work.execute(job, context));
        } catch (Throwable error) {
            return result.completeExceptionally(error);
        }
    }
}
