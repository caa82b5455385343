package dev.orchestrator.cache;

import dev.orchestrator.spi.SharedWork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A fetch that is under way for a key, and those who wait for it.
 *
 * <p>An invalidation that arrives meanwhile is noted here: the value that comes may be older than it.
 */
final class Flight<R extends @Nullable Object> {
    /** With more of them it is cheaper to fetch once more than to ask them all. */
    private static final int MOST_INVALIDATIONS = 64;

    private final long number;
    private final CacheKey key;
    private final SharedWork<R> work;
    private final @Nullable Set<Object> knownTags; // null if they come with the value

    // All guarded by the lock of the flights.
    private final List<Entries> invalidations = new ArrayList<>();
    private int noted;
    private boolean isStaleForSure;
    private boolean isDropped;
    private @Nullable Flight<?> follower;

    /** What went wrong when the value was kept; told by the first of those who wait, while its job is still open. */
    private final ConcurrentLinkedQueue<CacheTrouble> troubles = new ConcurrentLinkedQueue<>();

    // Written once, before anybody who waits is told; read by those.
    private volatile @Nullable Instant landed;
    private volatile boolean isFresh = true;

    /** @param number greater than those of all flights that began before */
    Flight(long number, CacheKey key, SharedWork<R> work, @Nullable Set<Object> knownTags) {
        this.number = number;
        this.key = key;
        this.work = work;
        this.knownTags = knownTags;
    }

    long number() {
        return number;
    }

    CacheKey key() {
        return key;
    }

    SharedWork<R> work() {
        return work;
    }

    /** That one starts when this one is over, in place of one before, which nobody waits for any more. */
    void isFollowedBy(Flight<?> next) {
        follower = next;
    }

    @Nullable
    Flight<?> follower() {
        return follower;
    }

    boolean mayBeMeantBy(Entries entries) {
        return entries.mayMean(key, knownTags);
    }

    /** What is meant may be the value of this flight. */
    void note(Entries invalidated) {
        noted++;
        if (isStaleForSure) return;
        invalidations.add(invalidated);
        isStaleForSure = invalidated.isSure() || invalidations.size() > MOST_INVALIDATIONS;
        if (isStaleForSure) invalidations.clear();
    }

    /** What was noted so far: whether it is for sure, and what has to be asked if not. */
    record Noted(int count, boolean isStaleForSure, List<Entries> toAsk, boolean isDropped) {
        /** Whether what was found then still holds. */
        boolean isNoNewsAfter(Noted seen) {
            return isDropped == seen.isDropped && (count == seen.count || seen.isStaleForSure);
        }
    }

    Noted noted() {
        return new Noted(noted, isStaleForSure, List.copyOf(invalidations), isDropped);
    }

    /** Its value is not to be kept at all. */
    void drop() {
        noted++;
        isDropped = true;
        isStaleForSure = true;
    }

    void landed(Instant at, boolean fresh) {
        isFresh = fresh;
        landed = at;
    }

    boolean isFresh() {
        return isFresh;
    }

    Instant landedAt() {
        return Objects.requireNonNull(landed, "told before it landed");
    }

    void trouble(CacheTrouble trouble) {
        troubles.add(trouble);
    }

    /** The next trouble that nobody has told; null if there is none. */
    @Nullable
    CacheTrouble untoldTrouble() {
        return troubles.poll();
    }
}
