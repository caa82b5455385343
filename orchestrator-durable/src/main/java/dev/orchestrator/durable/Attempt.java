package dev.orchestrator.durable;

import dev.orchestrator.JobHandle;
import dev.orchestrator.JobResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One claim of a work in this process, from the claim to the step that ends it; between the two, code may run.
 *
 * <p>There are three reasons to stop it: its claim is lost, somebody wishes so, or this process closes. Each is written
 * before the handle is read, and the handle is written before the reasons are read: so whoever comes second sees the first,
 * and code that has begun is cancelled in any case.
 */
final class Attempt {
    private final Store.Claim claim;

    private final AtomicReference<@Nullable String> wish = new AtomicReference<>();
    private volatile boolean lost;
    private volatile boolean handedBack;
    private volatile @Nullable JobHandle<?> handle;

    /** Completes when the attempt has its result, or nobody waits for it any more. */
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

    // When the lease was known to be ours, on the database's clock; written by whoever renewed it, latest wins.
    private volatile long renewed;

    Attempt(Store.Claim claim, long now) {
        this.claim = claim;
        this.renewed = now;
    }

    Store.Claim claim() {
        return claim;
    }

    // Written and read by the thread of the claim only.
    private boolean needsWorker = true;

    // ---- the code ----

    /** Whether it needed a worker until now; it needs none any more. */
    boolean leaveWorker() {
        boolean needed = needsWorker;
        needsWorker = false;
        return needed;
    }

    /** Waits for the code that was begun; a cancellation if nobody waits for it any more. */
    <R extends @Nullable Object> JobResult<R> await(JobHandle<R> begun) {
        var result = new AtomicReference<@Nullable JobResult<R>>();
        CompletionStage<JobResult<R>> ending = begun.result();
        ending.whenComplete((how, never) -> {
            result.set(how);
            over.complete(null);
        });
        handle = begun;
        String why = reasonToStop();
        if (why != null) begun.cancel(why);
        over.join();
        JobResult<R> ended = result.get();
        return ended != null ? ended : new JobResult.Cancelled<>("its code did not leave in time");
    }

    private @Nullable String reasonToStop() {
        if (lost) return "its claim is lost";
        String wished = wish.get();
        return wished == null && handedBack ? "its process closes" : wished;
    }

    private void cancelCode() {
        JobHandle<?> begun = handle;
        String why = reasonToStop();
        if (begun != null && why != null) begun.cancel(why);
    }

    /** Whether the code has left, so that nothing can be stopped any more. */
    boolean isOver() {
        return over.isDone();
    }

    boolean isStopping() {
        return reasonToStop() != null;
    }

    // ---- stopping it ----

    /** Somebody wishes so; false if it is too late. */
    boolean stop(String reason) {
        if (isOver()) return false;
        wish.compareAndSet(null, reason.isBlank() ? "cancelled" : reason);
        cancelCode();
        return true;
    }

    /** Why somebody wants it stopped; null if nobody does. */
    @Nullable
    String wish() {
        return wish.get();
    }

    /** Others may have the work by now. */
    void lose() {
        lost = true;
        cancelCode();
    }

    boolean isLost() {
        return lost;
    }

    /** This process closes: the work is for others. */
    void handBack() {
        handedBack = true;
        cancelCode();
    }

    boolean isHandedBack() {
        return handedBack;
    }

    /** Its work is handed back although its code is still inside. */
    void waitNoLonger() {
        over.complete(null);
    }

    // ---- its lease ----

    void renewed(long now) {
        renewed = now;
    }

    long renewed() {
        return renewed;
    }
}
