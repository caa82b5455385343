/**
 * Guards around jobs: circuit breaker, rate limiter and bulkhead of Resilience4j as interceptors.
 *
 * <p>{@link dev.orchestrator.resilience4j.Resilience} makes them. A null argument is refused with a
 * {@link java.lang.NullPointerException}.
 */
@NullMarked
package dev.orchestrator.resilience4j;

import org.jspecify.annotations.NullMarked;
