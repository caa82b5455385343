package dev.orchestrator;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a value comes from, since when it has been known, and why it is no newer.
 *
 * @param asOf null if it is as old as the event that brings it
 * @param refreshError null if nobody tried in vain to get a newer one
 */
record Provenance(
        Origin origin, @Nullable Instant asOf, @Nullable Throwable refreshError) {
    static final Provenance LIVE = new Provenance(Origin.LIVE, null, null);

    Provenance {
        Objects.requireNonNull(origin, "origin");
    }

    /** As old as the event that brings it. */
    static Provenance of(Origin origin) {
        return origin == Origin.LIVE ? LIVE : new Provenance(origin, null, null);
    }
}
