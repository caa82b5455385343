package dev.orchestrator.cache;

import dev.orchestrator.JobResult;
import dev.orchestrator.Origin;
import dev.orchestrator.cache.Ages.Use;
import dev.orchestrator.cache.CacheTrouble.Where;
import dev.orchestrator.spi.SharedWork;
import dev.orchestrator.spi.SharingContext;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One job with a key: what it is shown, whom it asks, and how it ends. */
final class CachedJob<J extends @Nullable Object, R extends @Nullable Object> {
    private final JobCache cache;
    private final J job;
    private final CacheKey key;
    private final CacheMode mode;
    private final SharingContext<R> context;
    private final JobCache.Keeping<R> keeping;
    private final Cached<J, R> executor;

    CachedJob(
            JobCache cache,
            J job,
            CacheKey key,
            CacheMode mode,
            SharingContext<R> context,
            JobCache.Keeping<R> keeping,
            Cached<J, R> executor) {
        this.cache = cache;
        this.job = job;
        this.key = key;
        this.mode = mode;
        this.context = context;
        this.keeping = keeping;
        this.executor = executor;
    }

    CompletionStage<? extends R> begin() {
        long clears = cache.flights().clears();
        long invalidations = cache.flights().invalidations();
        CacheEntry known = find();
        Use use = known == null ? Use.NONE : useOf(known);
        if (known != null && use == Use.FRESH && (mode.endsWithFresh() || mode == CacheMode.CACHE_ONLY))
            return endWith(known, Origin.CACHE);
        if (mode == CacheMode.CACHE_ONLY) {
            return known != null && use.isOfUse()
                    ? endWith(known, Origin.STALE)
                    : CompletableFuture.failedFuture(new NotCachedException(key.jobType()));
        }
        boolean isShown = false;
        if (known != null && use == Use.STALE && mode == CacheMode.STALE_WHILE_REVALIDATE) {
            context.data(known.value(), Origin.STALE, known.asOf());
            isShown = true;
        } else if (use == Use.NONE || use == Use.ON_ERROR) {
            executor.showPlaceholder(job, context);
        }
        return fetch(new Known(known, isShown, invalidations, clears));
    }

    /** What was kept when the job began, whether it was shown, and how much had been invalidated and cleared then. */
    private record Known(@Nullable CacheEntry entry, boolean isShown, long invalidations, long clears) {}

    private Use useOf(CacheEntry entry) {
        return keeping.ages().useOf(entry, context.time().now());
    }

    private @Nullable CacheEntry find() {
        try {
            CacheEntry inMemory = cache.inMemory(key);
            if (inMemory != null) return inMemory;
        } catch (Throwable thrown) {
            throw new Cached.BrokenKeyException(thrown);
        }
        try {
            return cache.onDisk(key, keeping);
        } catch (Throwable thrown) {
            executor.trouble(job, context, Where.LOAD, thrown);
            return null;
        }
    }

    private CompletionStage<R> endWith(CacheEntry entry, Origin origin) {
        context.data(entry.value(), origin, entry.asOf());
        context.origin(origin, entry.asOf(), null);
        return CompletableFuture.completedFuture(valueOf(entry));
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // the key has the class of the job; null is kept where R can be null
    private R valueOf(CacheEntry entry) {
        return (R) entry.value();
    }

    private CompletionStage<R> fetch(Known known) {
        Flights.Boarding<R> boarding;
        try {
            boarding = cache.flights()
                    .board(
                            key,
                            flight -> context.join(flight.work(), result -> ending(flight, result, known)),
                            this::freshSince,
                            this::flight);
        } catch (Throwable thrown) {
            throw new Cached.BrokenKeyException(thrown);
        }
        if (boarding.fresh() != null) return endWith(boarding.fresh(), Origin.CACHE);
        SharedWork<R> toStart = boarding.toStart();
        if (toStart != null) toStart.start();
        return Objects.requireNonNull(boarding.stage(), "who boards has a stage");
    }

    /** A fetch may have landed since this job has looked. */
    private @Nullable CacheEntry freshSince() {
        if (!mode.endsWithFresh()) return null;
        CacheEntry entry = cache.inMemory(key);
        return entry != null && useOf(entry) == Use.FRESH ? entry : null;
    }

    private Flight<R> flight(long number) {
        var landing = new Landing();
        var flight = new Flight<>(
                number, key, executor.work(job, context, result -> landing.land(result)), keeping.knownTags());
        landing.flight = flight;
        return flight;
    }

    /** Knows its flight before the work is started. */
    private final class Landing {
        private @Nullable Flight<R> flight;

        void land(JobResult<R> result) {
            cache.land(Objects.requireNonNull(flight), keeping, result);
        }
    }

    /** How this job ends when the fetch has ended like that. */
    private JobResult<R> ending(Flight<R> flight, JobResult<R> result, Known known) {
        for (CacheTrouble trouble; (trouble = flight.untoldTrouble()) != null; )
            cache.troubles().tell(context, trouble);
        if (result instanceof JobResult.Failure<R>(Throwable error)) return insteadOf(error, result, known);
        if (result instanceof JobResult.Success)
            context.origin(flight.isFresh() ? Origin.LIVE : Origin.STALE, flight.landedAt(), null);
        return result;
    }

    private JobResult<R> insteadOf(Throwable error, JobResult<R> failure, Known known) {
        Instant now = context.time().now();
        CacheEntry entry = standIn(known, now);
        if (entry == null) return failure;
        Origin origin = keeping.ages().useOf(entry, now) == Use.FRESH ? Origin.CACHE : Origin.STALE;
        context.origin(origin, entry.asOf(), error);
        return new JobResult.Success<>(valueOf(entry));
    }

    /** What is kept now, else what was kept when the job began; what the job has shown as stale will do in any case. */
    private @Nullable CacheEntry standIn(Known known, Instant now) {
        CacheEntry kept = cache.inMemory(key);
        if (kept != null && keeping.ages().mayStandIn(kept, now, mode)) return kept;
        CacheEntry entry = known.entry();
        if (entry == null || cache.flights().clears() != known.clears()) return null;
        if (known.isShown()) return entry;
        if (kept != null) return null;
        // It may have left memory because it was invalidated; what it was then is not known.
        boolean isAsItWas = cache.flights().invalidations() == known.invalidations();
        CacheEntry before = isAsItWas ? entry : entry.invalidated(now);
        return keeping.ages().mayStandIn(before, now, mode) ? before : null;
    }
}
