/**
 * Results of jobs kept for later, in memory and on disk.
 *
 * <p>A {@link dev.orchestrator.cache.CacheStore} is the second level, which outlives the process. A null argument is
 * refused with a {@link java.lang.NullPointerException}.
 */
@NullMarked
package dev.orchestrator.cache;

import org.jspecify.annotations.NullMarked;
