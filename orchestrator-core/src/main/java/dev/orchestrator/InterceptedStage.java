package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An attempt whose executor answers with a stage, as one stage, with what stands around it.
 *
 * <p>It completes as the outermost interceptor does; what is then still under way inside is cancelled. When it is
 * cancelled itself, it cancels what is under way, innermost first, and completes when all of that is complete: an attempt
 * that was stopped is down when its executor's stage is.
 *
 * <p>Whoever adds a stage looks afterwards whether it comes too late, and whoever cancels says so before looking for
 * stages; both under the lock, so none is missed.
 */
final class InterceptedStage<R extends @Nullable Object> extends CompletableFuture<R> {
    private record UnderWay(int depth, CompletionStage<?> stage) {}

    private final Surrounded attempt;
    private final InterceptorChain.Inside<? extends CompletionStage<?>> innermost;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock: written by whoever begins, completes or cancels a stage.
    private final List<UnderWay> underWay = new ArrayList<>();
    private boolean stopped;
    private @Nullable Outcome outcome;

    // Written by the thread of its own, if there is one, before that looks whether the attempt is open, and to null
    // when it has left; read by a stopper, who has closed the attempt before. So at least one of the two sees the
    // other.
    private volatile @Nullable InterruptDoor door;

    InterceptedStage(Surrounded attempt, InterceptorChain.Inside<? extends CompletionStage<?>> innermost) {
        this.attempt = attempt;
        this.innermost = innermost;
    }

    /**
     * Begins the attempt, once: without a thread if all that surrounds it has the form for that, else on a thread of its
     * own. Whoever may stop it knows this stage before.
     */
    void begin() {
        if (isAsyncThroughout()) walk();
        else walkOnItsOwnThread();
    }

    private boolean isAsyncThroughout() {
        for (Interceptor each : attempt.around()) if (each.async() == null) return false;
        return true;
    }

    // ---- without a thread ----

    private void walk() {
        try {
            step(0);
        } catch (Throwable thrown) {
            settle(new Outcome(null, thrown));
        }
    }

    @SuppressWarnings("unchecked") // as for InterceptorChain.call
    private CompletionStage<@Nullable Object> step(int depth) throws Exception {
        CompletionStage<?> begun = depth == attempt.depth()
                ? innermost.run()
                : answerOf(Objects.requireNonNull(attempt.around().get(depth).async()), new Call(depth + 1));
        watch(depth, begun);
        return (CompletionStage<@Nullable Object>) begun;
    }

    static CompletionStage<?> answerOf(
            AsyncJobInterceptor<Job<?>, @Nullable Object> interceptor, AsyncJobCall<Job<?>, @Nullable Object> call)
            throws Exception {
        return Objects.requireNonNull(
                interceptor.interceptAsync(call),
                () -> "the interceptor " + interceptor.getClass().getName()
                        + " returned null instead of a CompletionStage; return what proceed() gave, or a completed"
                        + " one");
    }

    private final class Call implements AsyncJobCall<Job<?>, @Nullable Object> {
        private final int next;

        Call(int next) {
            this.next = next;
        }

        @Override
        public Job<?> job() {
            return attempt.job();
        }

        @Override
        public JobContext context() {
            return attempt.context();
        }

        @Override
        public CompletionStage<@Nullable Object> proceed() {
            try {
                attempt.refuseIfOver();
                return step(next);
            } catch (Throwable thrown) {
                return CompletableFuture.failedFuture(thrown);
            }
        }
    }

    // ---- on a thread of its own, since an interceptor has the plain form only ----

    private void walkOnItsOwnThread() {
        attempt.scope().threads().start(Role.WORKER, attempt.context().jobId(), this::walkOnThisThread);
    }

    /** The thread that walks, if there is one. */
    @Nullable
    Thread thread() {
        InterruptDoor inside = door;
        return inside == null ? null : inside.thread();
    }

    private void walkOnThisThread() {
        var mine = new InterruptDoor(Thread.currentThread(), Running.doorOfThisThread());
        door = mine;
        Object before = Running.goThrough(mine);
        mine.enter();
        Outcome end;
        try {
            attempt.refuseIfOver();
            end = new Outcome(InterceptorChain.<@Nullable Object>call(attempt, this::beginAndWait), null);
        } catch (Throwable thrown) {
            end = new Outcome(null, thrown);
        }
        mine.leave();
        Running.goThrough(before);
        door = null;
        settle(end);
    }

    private @Nullable Object beginAndWait() throws Exception {
        CompletionStage<?> begun = innermost.run();
        watch(attempt.depth(), begun);
        var end = new CompletableFuture<Outcome>();
        begun.whenComplete((value, error) -> end.complete(new Outcome(value, error)));
        try {
            attempt.scope().threads().await(end, Dispatcher.LONG_ENOUGH);
        } catch (InterruptedException interrupted) {
            cancel(begun, attempt);
            throw interrupted;
        }
        return end.join().valueOrThrow();
    }

    // ---- what is under way ----

    private void watch(int depth, CompletionStage<?> begun) {
        var mine = new UnderWay(depth, begun);
        boolean late;
        lock.lock();
        try {
            underWay.add(mine);
            late = stopped || outcome != null;
        } finally {
            lock.unlock();
        }
        begun.whenComplete((value, error) -> {
            forget(mine);
            if (depth == 0) settle(new Outcome(value, error));
        });
        if (late) cancel(begun, attempt);
    }

    private void forget(UnderWay mine) {
        Outcome known;
        lock.lock();
        try {
            underWay.remove(mine);
            known = underWay.isEmpty() ? outcome : null;
        } finally {
            lock.unlock();
        }
        if (known != null) completeWith(known);
    }

    private void settle(Outcome known) {
        List<UnderWay> left;
        lock.lock();
        try {
            outcome = known;
            if (stopped && !underWay.isEmpty()) return; // whatever completes last completes this one
            left = innermostFirst();
        } finally {
            lock.unlock();
        }
        completeWith(known);
        for (UnderWay each : left) cancel(each.stage, attempt);
    }

    @SuppressWarnings("unchecked") // as for InterceptorChain.call
    private void completeWith(Outcome known) {
        if (known.error() != null) completeExceptionally(known.error());
        else complete((R) known.value());
    }

    private List<UnderWay> innermostFirst() {
        return underWay.stream()
                .sorted(Comparator.comparingInt(UnderWay::depth).reversed())
                .toList();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        List<UnderWay> all;
        lock.lock();
        try {
            if (stopped) return isCancelled(); // once: what is added from then on is cancelled by whoever adds it
            stopped = true;
            all = innermostFirst();
        } finally {
            lock.unlock();
        }
        InterruptDoor inside = door;
        if (inside != null) inside.interrupt();
        for (UnderWay each : all) cancel(each.stage, attempt);
        return isCancelled();
    }

    /** Cancelling a stage runs what its users attached to it; one that throws keeps nobody from the next. */
    static void cancel(CompletionStage<?> stage, Surrounded attempt) {
        attempt.scope()
                .wall()
                .run(
                        "a stage of job " + attempt.context().jobId(),
                        () -> stage.toCompletableFuture().cancel(true));
    }
}
