package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * Is asked at each dispatch for an interceptor that brings something of the dispatching thread along: a logging context,
 * a span, a {@code ScopedValue}.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="intercept-dispatch"}
 *
 * @see Dispatcher#interceptDispatch
 */
@FunctionalInterface
public interface DispatchInterceptor {
    /**
     * Makes what stands around every attempt of one job, outside of the interceptors that were declared.
     *
     * <p>Called once per accepted dispatch, on the dispatching thread, for a child job on its parent's; before the job
     * starts. An object that is an {@link AsyncJobInterceptor} as well surrounds an asynchronous job in that form. What
     * this throws refuses the dispatch: it is thrown to whoever dispatches, and nothing of the job stays.
     *
     * @param job what is dispatched
     * @return the interceptor; null for none around this job
     */
    @Nullable
    JobInterceptor<Job<?>, @Nullable Object> around(Job<?> job);
}
