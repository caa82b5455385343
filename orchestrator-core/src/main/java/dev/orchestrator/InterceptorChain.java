package dev.orchestrator;

import java.util.Objects;
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
