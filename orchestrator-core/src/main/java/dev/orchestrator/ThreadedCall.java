package dev.orchestrator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The call of an asynchronous interceptor around code that stays on the job's thread.
 *
 * <p>That thread waits for the interceptor's answer. Where the interceptor proceeds on another thread, a timer's for
 * instance, its wish is handed to the waiting thread, which comes back into the code: so the code never runs where an
 * interrupt of the job would not reach it, and has left when the thread has.
 */
final class ThreadedCall implements AsyncJobCall<Job<?>, @Nullable Object> {
    private final Surrounded attempt;
    private final InterceptorChain.Inside<? extends @Nullable Object> inside;
    private final Thread thread = Thread.currentThread();

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock: written by whoever proceeds or answers, and by the job's thread, which reads them.
    private final ArrayDeque<CompletableFuture<@Nullable Object>> wishes = new ArrayDeque<>();
    private @Nullable Outcome answer;
    private boolean over;
    private CompletableFuture<@Nullable Void> news = new CompletableFuture<>(); // what the job's thread waits for

    ThreadedCall(Surrounded attempt, InterceptorChain.Inside<? extends @Nullable Object> inside) {
        this.attempt = attempt;
        this.inside = inside;
    }

    @Override
    public Job<?> job() {
        return attempt.job();
    }

    @Override
    public JobContext context() {
        return attempt.context();
    }

    // ---- the job's thread ----

    @Nullable
    Object surroundWith(AsyncJobInterceptor<Job<?>, @Nullable Object> interceptor) throws Exception {
        try {
            CompletionStage<?> begun = InterceptedStage.answerOf(interceptor, this);
            begun.whenComplete((value, error) -> answered(new Outcome(value, error)));
            return awaitAnswer(begun).valueOrThrow();
        } finally {
            for (var wish : end()) wish.completeExceptionally(refusal());
        }
    }

    private Outcome awaitAnswer(CompletionStage<?> begun) throws InterruptedException {
        while (true) {
            CompletableFuture<@Nullable Object> wish;
            CompletableFuture<@Nullable Void> next;
            lock.lock();
            try {
                if (answer != null) return answer;
                wish = wishes.poll();
                if (wish == null) news = new CompletableFuture<>();
                next = news;
            } finally {
                lock.unlock();
            }
            if (wish != null) {
                fulfil(wish);
                continue;
            }
            try {
                attempt.scope().threads().await(next, Dispatcher.LONG_ENOUGH);
            } catch (InterruptedException stopped) {
                InterceptedStage.cancel(begun, attempt);
                throw stopped;
            }
        }
    }

    private void fulfil(CompletableFuture<@Nullable Object> wish) {
        try {
            attempt.refuseIfOver();
            wish.complete(inside.run());
        } catch (Throwable thrown) {
            wish.completeExceptionally(thrown);
        }
    }

    private List<CompletableFuture<@Nullable Object>> end() {
        lock.lock();
        try {
            over = true;
            return new ArrayList<>(wishes);
        } finally {
            lock.unlock();
        }
    }

    // ---- any thread ----

    @Override
    public CompletionStage<@Nullable Object> proceed() {
        var wish = new CompletableFuture<@Nullable Object>();
        CompletableFuture<@Nullable Void> waiting = null;
        boolean late;
        lock.lock();
        try {
            late = over;
            if (!late && Thread.currentThread() != thread) {
                wishes.add(wish);
                waiting = news;
            }
        } finally {
            lock.unlock();
        }
        if (late) wish.completeExceptionally(refusal());
        else if (waiting != null) waiting.complete(null);
        else fulfil(wish);
        return wish;
    }

    private void answered(Outcome outcome) {
        CompletableFuture<@Nullable Void> waiting;
        lock.lock();
        try {
            answer = outcome;
            waiting = news;
        } finally {
            lock.unlock();
        }
        waiting.complete(null);
    }

    private JobCancelledException refusal() {
        return attempt.refusal(
                "it has answered for attempt " + attempt.context().attempt() + " already");
    }
}
