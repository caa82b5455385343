package dev.orchestrator.resilience4j;

import dev.orchestrator.AsyncJobInterceptor;
import dev.orchestrator.Job;
import dev.orchestrator.JobInterceptor;
import org.jspecify.annotations.Nullable;

/**
 * An interceptor in both forms: it waits on the thread of a job that has one, and holds none for a job that has none.
 *
 * <p>It fits into every {@code intercept} method of a dispatcher, and has no state of its own: what is shared or not is
 * the part of Resilience4j that it was made of.
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 * @see Resilience
 */
public sealed interface JobGuard<J extends Job<?>, R extends @Nullable Object>
        extends JobInterceptor<J, R>, AsyncJobInterceptor<J, R> permits BreakerGuard, LimiterGuard, BulkheadGuard {}
