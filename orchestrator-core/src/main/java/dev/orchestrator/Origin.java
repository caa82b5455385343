package dev.orchestrator;

/** Where the data of an event comes from. */
public enum Origin {
    /** From the work itself, just now. */
    LIVE,
    /** From a cache, and fresh enough. */
    CACHE,
    /** From a cache, and older than wished. */
    STALE,
    /** Made up, to be shown until there is something real. */
    PLACEHOLDER
}
