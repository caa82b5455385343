package dev.orchestrator.cache;

import dev.orchestrator.JobOptions;

/** In which order a cached job asks its cache and its executor. */
public enum CacheMode {
    /** A fresh value is the ending; otherwise the executor is asked. */
    CACHE_FIRST,
    /** The executor is asked; if it fails, the ending is whatever is kept, fresh or not. */
    NETWORK_FIRST,
    /**
     * As {@link #CACHE_FIRST}, and a stale value is told at once, before the executor is asked.
     *
     * <p>The idea and the name are those of RFC 5861.
     */
    STALE_WHILE_REVALIDATE,
    /** The executor is never asked; if nothing is kept, the job fails with a {@link NotCachedException}. */
    CACHE_ONLY,
    /** The executor is asked, whatever is kept, and its failure is the job's. */
    REFRESH;

    /** Options with this mode, for one dispatch, for a job or for a registration. */
    public JobOptions options() {
        return JobOptions.builder().extra(CacheMode.class, this).build();
    }

    boolean endsWithFresh() {
        return this == CACHE_FIRST || this == STALE_WHILE_REVALIDATE;
    }
}
