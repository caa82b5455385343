package dev.orchestrator;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What {@code call.proceed()} walks along on the thread of an attempt; the executor is innermost.
 *
 * <p>It has no state: each step is a call of its own, so an interceptor may take it twice.
 */
final class InterceptorChain {
    /** What an interceptor surrounds. */
    interface Inside<T extends @Nullable Object> {
        T run() throws Exception;
    }

    private final Surrounded attempt;
    private final Inside<? extends @Nullable Object> innermost;

    private InterceptorChain(Surrounded attempt, Inside<? extends @Nullable Object> innermost) {
        this.attempt = attempt;
        this.innermost = innermost;
    }

    /** Runs an attempt on this thread, which may wait, and gives its value; throws what came out of it. */
    // What surrounds a job of R gives an R, null only if R admits it; where nothing checks that, its declaration says
    // so.
    @SuppressWarnings({"unchecked", "NullAway"})
    static <R extends @Nullable Object> R call(Surrounded attempt, Inside<? extends R> innermost) throws Exception {
        return (R) new InterceptorChain(attempt, innermost).step(0);
    }

    /**
     * Runs an attempt whose executor answers with a stage: without a thread if all that surrounds it has the form for
     * that, else on a thread of its own. Cancelling the stage that it gives stops all that is under way inside.
     */
    static <R extends @Nullable Object> CompletionStage<R> callAsync(
            Surrounded attempt, Inside<? extends CompletionStage<? extends R>> innermost) {
        var whole = new InterceptedStage<R>(attempt, innermost);
        if (isAsyncThroughout(attempt.around())) whole.walk();
        else whole.walkOnItsOwnThread();
        return whole;
    }

    private static boolean isAsyncThroughout(List<Interceptor> around) {
        for (Interceptor each : around) if (each.async() == null) return false;
        return true;
    }

    private @Nullable Object step(int depth) throws Exception {
        if (depth == attempt.depth()) return innermost.run();
        Interceptor next = attempt.around().get(depth);
        if (next.plain() != null) return next.plain().intercept(new Call(depth + 1));
        return new ThreadedCall(attempt, () -> step(depth + 1)).surroundWith(Objects.requireNonNull(next.async()));
    }

    private final class Call implements JobCall<Job<?>, @Nullable Object> {
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
        public @Nullable Object proceed() throws Exception {
            attempt.refuseIfOver();
            return step(next);
        }
    }
}
