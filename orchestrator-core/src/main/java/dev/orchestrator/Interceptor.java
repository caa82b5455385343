package dev.orchestrator;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A declared interceptor as the engine calls it, around the jobs of a type; at least one of its two forms is there.
 *
 * <p>Not a record: the same object may be declared twice, and each declaration equals itself only.
 */
final class Interceptor {
    private final Class<?> type;
    private final @Nullable JobInterceptor<Job<?>, @Nullable Object> plain;
    private final @Nullable AsyncJobInterceptor<Job<?>, @Nullable Object> async;

    @SuppressWarnings("unchecked") // it is called for jobs of its type only, and whoever declared it tied its result
    Interceptor(Class<?> type, Object interceptor) {
        this.type = Objects.requireNonNull(type, "type");
        Objects.requireNonNull(interceptor, "interceptor");
        this.plain = interceptor instanceof JobInterceptor<?, ?>
                ? (JobInterceptor<Job<?>, @Nullable Object>) interceptor
                : null;
        this.async = interceptor instanceof AsyncJobInterceptor<?, ?>
                ? (AsyncJobInterceptor<Job<?>, @Nullable Object>) interceptor
                : null;
    }

    boolean fits(Job<?> job) {
        return type.isInstance(job);
    }

    /** The form that runs on the job's thread. */
    @Nullable
    JobInterceptor<Job<?>, @Nullable Object> plain() {
        return plain;
    }

    /** The form that answers with a stage. */
    @Nullable
    AsyncJobInterceptor<Job<?>, @Nullable Object> async() {
        return async;
    }
}
