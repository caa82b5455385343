package dev.orchestrator.cache;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How old a value may be, and for what.
 *
 * @param freshFor null for as long as nobody invalidates it
 * @param staleFor how long after that it may be shown while a newer one is on its way
 * @param staleIfError how long after that it may be given when there is no newer one
 */
record Ages(@Nullable Duration freshFor, Duration staleFor, Duration staleIfError) {
    static final Ages UNSET = new Ages(null, Duration.ZERO, Duration.ZERO);

    /** What a value is good for. */
    enum Use {
        /** As the answer. */
        FRESH,
        /** To be shown while a newer one is on its way. */
        STALE,
        /** If there is no newer one. */
        ON_ERROR,
        /** For nothing. */
        NONE;

        boolean isOfUse() {
            return this != NONE;
        }
    }

    Use useOf(CacheEntry entry, Instant now) {
        Instant freshUntil = freshUntil(entry);
        // One that was invalidated never is, and one from the future has an age that nobody knows: the clock went back.
        boolean canBeFresh = entry.invalidatedAt().isEmpty() && !now.isBefore(entry.asOf());
        if (canBeFresh && (freshUntil == null || now.isBefore(freshUntil))) return Use.FRESH;
        if (freshUntil == null) freshUntil = entry.asOf();
        if (now.isBefore(plus(freshUntil, staleFor))) return Use.STALE;
        return now.isBefore(plus(freshUntil, staleIfError)) ? Use.ON_ERROR : Use.NONE;
    }

    /** Whether it may be the answer because there is no newer one. */
    boolean mayStandIn(CacheEntry entry, Instant now, CacheMode mode) {
        Use use = useOf(entry, now);
        return switch (mode) {
            case REFRESH, CACHE_ONLY -> false;
            case NETWORK_FIRST -> use.isOfUse();
            case STALE_WHILE_REVALIDATE -> use == Use.STALE || use == Use.ON_ERROR;
            case CACHE_FIRST -> new Ages(freshFor, Duration.ZERO, staleIfError).useOf(entry, now) == Use.ON_ERROR;
        };
    }

    /** Null if it is fresh for ever. */
    private @Nullable Instant freshUntil(CacheEntry entry) {
        Instant byAge = freshFor == null ? null : plus(entry.asOf(), freshFor);
        Instant invalidated = entry.invalidatedAt().orElse(null);
        if (invalidated == null) return byAge;
        return byAge == null || invalidated.isBefore(byAge) ? invalidated : byAge;
    }

    /** When it is of no use any more; {@link Instant#MAX} if that may never be. */
    Instant keepUntil(CacheEntry entry) {
        Instant freshUntil = freshUntil(entry);
        if (freshUntil == null) return Instant.MAX;
        return plus(freshUntil, staleFor.compareTo(staleIfError) > 0 ? staleFor : staleIfError);
    }

    /** Whether it is of use after it was fresh. */
    boolean keepStale() {
        return !(staleFor.isZero() && staleIfError.isZero());
    }

    private static Instant plus(Instant moment, Duration length) {
        try {
            return moment.plus(length);
        } catch (DateTimeException | ArithmeticException tooFar) {
            return Instant.MAX;
        }
    }
}
