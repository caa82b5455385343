package dev.orchestrator.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** The first level: values in memory, on Caffeine. */
final class Memory {
    /**
     * A value with what Caffeine wants to know of it.
     *
     * @param weight as the user's weigher said, asked once and outside of all locks
     * @param flight the number of the flight that brought it; 0 if it comes from elsewhere
     * @param ages how long it is of use
     * @param until when it is of no use any more, by the count of the clock
     */
    record Slot(CacheEntry entry, int weight, long flight, Ages ages, long until) {}

    private static final long FOR_EVER = Long.MAX_VALUE / 2; // far from where a sum would overflow

    private final Time time;
    private final Cache<CacheKey, Slot> slots;

    Memory(Time time, long maximumSize, long maximumWeight) {
        this.time = time;
        Caffeine<Object, Object> plain = Caffeine.newBuilder()
                .ticker(time::nanos)
                .executor(Runnable::run); // its chores are short, and a thread of its own would need a clock of its own
        Caffeine<CacheKey, Slot> bounded = maximumWeight < 0
                ? plain.maximumSize(maximumSize).expireAfter(new UntilUseless())
                : plain.maximumWeight(maximumWeight)
                        .weigher((CacheKey key, Slot slot) -> slot.weight())
                        .expireAfter(new UntilUseless());
        this.slots = bounded.build();
    }

    private static final class UntilUseless implements Expiry<CacheKey, Slot> {
        @Override
        public long expireAfterCreate(CacheKey key, Slot slot, long currentTime) {
            return slot.until() == FOR_EVER ? FOR_EVER : Math.max(0, slot.until() - currentTime);
        }

        @Override
        public long expireAfterUpdate(CacheKey key, Slot slot, long currentTime, long currentDuration) {
            return expireAfterCreate(key, slot, currentTime);
        }

        @Override
        public long expireAfterRead(CacheKey key, Slot slot, long currentTime, long currentDuration) {
            return currentDuration;
        }
    }

    /** Null if nothing is kept for the key. */
    @Nullable
    CacheEntry get(CacheKey key) {
        Slot slot = slots.getIfPresent(key);
        return slot == null ? null : slot.entry();
    }

    /** Whether a flight that began later has brought a value. */
    boolean hasNewer(CacheKey key, long flight) {
        Slot slot = slots.getIfPresent(key);
        return slot != null && slot.flight() > flight;
    }

    Slot slot(CacheEntry entry, int weight, long flight, Ages ages) {
        return new Slot(entry, weight, flight, ages, untilOf(ages.keepUntil(entry)));
    }

    private Slot invalidated(Slot slot, Instant now) {
        return slot(slot.entry().invalidated(now), slot.weight(), slot.flight(), slot.ages());
    }

    private long untilOf(Instant keepUntil) {
        if (keepUntil.equals(Instant.MAX)) return FOR_EVER;
        try {
            long left = Duration.between(time.now(), keepUntil).toNanos();
            return left >= FOR_EVER / 2 ? FOR_EVER : time.nanos() + left;
        } catch (ArithmeticException tooFar) {
            return FOR_EVER;
        }
    }

    void put(CacheKey key, Slot slot) {
        slots.put(key, slot);
    }

    /** Puts a value that came from elsewhere, unless there is one; gives the one that there is then. */
    CacheEntry putIfAbsent(CacheKey key, Slot slot) {
        Slot before = slots.asMap().putIfAbsent(key, slot);
        return before == null ? slot.entry() : before.entry();
    }

    /** Makes the values of that test stale; each is asked about anew if it was replaced meanwhile. */
    void invalidate(Instant now, BiPredicate<CacheKey, CacheEntry> meant) {
        for (CacheKey key : slots.asMap().keySet()) invalidate(key, now, meant);
    }

    /** As {@link #invalidate(Instant, BiPredicate)}, of the values only that no flight has brought. */
    void invalidateReadFromDisk(Instant now, BiPredicate<CacheKey, CacheEntry> meant) {
        slots.asMap().forEach((key, slot) -> {
            if (slot.flight() == 0) invalidate(key, now, meant);
        });
    }

    void clearReadFromDisk() {
        slots.asMap().values().removeIf(slot -> slot.flight() == 0);
    }

    void invalidate(CacheKey key, Instant now, BiPredicate<CacheKey, CacheEntry> meant) {
        for (Slot slot; (slot = slots.getIfPresent(key)) != null; ) {
            if (slot.entry().invalidatedAt().isPresent() || !meant.test(key, slot.entry())) return;
            boolean done = slot.ages().keepStale()
                    ? slots.asMap().replace(key, slot, invalidated(slot, now))
                    : slots.asMap().remove(key, slot);
            if (done) return;
        }
    }

    void clear() {
        slots.invalidateAll();
    }

    long size() {
        slots.cleanUp();
        return slots.estimatedSize();
    }
}
