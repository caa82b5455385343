package dev.orchestrator.cache;

import dev.orchestrator.spi.SharedWork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The fetches that are under way: at most one that a job with a key may join.
 *
 * <p>Why nothing older than an invalidation is ever fresh: a value gets into memory in {@link #land} or {@link #ifQuiet},
 * under the lock, where an invalidation is noted too. So each invalidation either comes before, and the value is kept as
 * stale, or after, and then it finds the value in memory.
 *
 * <p>Why no two fetch at the same time: who finds none under way looks into memory once more under the lock, and a fetch
 * leaves in the same step in which its value is kept.
 *
 * <p>A fetch that is being stopped since nobody waits for it any more is not joined: the next one starts when it was told,
 * which is when its code has left or its grace is over.
 *
 * <p>Under the lock no user code is called but {@code equals} of keys.
 */
final class Flights {
    private final ReentrantLock lock = new ReentrantLock();

    // All guarded by lock.
    private final Map<CacheKey, Flight<?>> joinable = new HashMap<>();
    private final Map<CacheKey, Flight<?>> leaving = new HashMap<>(); // being stopped, and found so by the next one
    private final Set<Flight<?>> inTheAir = Collections.newSetFromMap(new IdentityHashMap<>());
    private long invalidations;
    private long clears;
    private long begun;

    /**
     * What came of a wish to board: a stage and perhaps a work that is to be started, or a value that is fresh since.
     */
    record Boarding<R extends @Nullable Object>(
            @Nullable CompletionStage<R> stage,
            @Nullable SharedWork<R> toStart,
            @Nullable CacheEntry fresh) {}

    @SuppressWarnings("unchecked") // the flights of a key are those of jobs of one type
    <R extends @Nullable Object> Boarding<R> board(
            CacheKey key,
            Function<Flight<R>, @Nullable CompletionStage<R>> join,
            Supplier<@Nullable CacheEntry> freshSince,
            LongFunction<Flight<R>> make) {
        lock.lock();
        try {
            var known = (Flight<R>) joinable.get(key);
            CompletionStage<R> joined = known == null ? null : join.apply(known);
            if (joined != null) return new Boarding<>(joined, null, null);
            CacheEntry fresh = freshSince.get();
            if (fresh != null) return new Boarding<>(null, null, fresh);
            Flight<R> flight = make.apply(++begun);
            joinable.put(key, flight);
            inTheAir.add(flight);
            Flight<?> before = known == null ? leaving.get(key) : leaving.computeIfAbsent(key, same -> known);
            if (before != null) before.isFollowedBy(flight);
            return new Boarding<>(join.apply(flight), before == null ? flight.work() : null, null);
        } finally {
            lock.unlock();
        }
    }

    /** What was invalidated since the flight began. */
    Flight.Noted noted(Flight<?> flight) {
        lock.lock();
        try {
            return flight.noted();
        } finally {
            lock.unlock();
        }
    }

    boolean isUnchanged(Flight<?> flight, Flight.Noted seen) {
        return noted(flight).isNoNewsAfter(seen);
    }

    /** The flight is over, and its value is kept, unless something was invalidated since that look; then false. */
    boolean land(Flight<?> flight, Flight.Noted seen, Runnable keep) {
        lock.lock();
        try {
            if (!flight.noted().isNoNewsAfter(seen)) return false;
            keep.run();
            leave(flight);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The flight is over, whether or not there was something to keep of it; those that wait for that start. */
    void end(Flight<?> flight) {
        Flight<?> next;
        lock.lock();
        try {
            leave(flight);
            next = flight.follower();
        } finally {
            lock.unlock();
        }
        if (next != null) next.work().start();
    }

    private void leave(Flight<?> flight) {
        if (!inTheAir.remove(flight)) return;
        joinable.remove(flight.key(), flight);
        leaving.remove(flight.key(), flight);
    }

    /** Those that may be meant are not joined any more: what they bring may be older than this. */
    void note(Entries invalidated) {
        lock.lock();
        try {
            invalidations++;
            for (Flight<?> flight : new ArrayList<>(inTheAir)) {
                if (!flight.mayBeMeantBy(invalidated)) continue;
                flight.note(invalidated);
                joinable.remove(flight.key(), flight);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What was read from the disk before this is not taken into memory any more. */
    void noteOnDisk() {
        lock.lock();
        try {
            invalidations++;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing of what is under way is kept. */
    void clear(Runnable memory) {
        lock.lock();
        try {
            invalidations++;
            clears++;
            inTheAir.forEach(Flight::drop);
            joinable.clear();
            memory.run();
        } finally {
            lock.unlock();
        }
    }

    /** How many invalidations there were. */
    long invalidations() {
        lock.lock();
        try {
            return invalidations;
        } finally {
            lock.unlock();
        }
    }

    /** How often all was cleared. */
    long clears() {
        lock.lock();
        try {
            return clears;
        } finally {
            lock.unlock();
        }
    }

    /** Does that if there was no invalidation since that look; null if there was one. */
    <T> @Nullable T ifQuiet(long invalidationsSeen, Supplier<T> action) {
        lock.lock();
        try {
            return invalidations == invalidationsSeen ? action.get() : null;
        } finally {
            lock.unlock();
        }
    }

    /** How many are under way. */
    int count() {
        lock.lock();
        try {
            return inTheAir.size();
        } finally {
            lock.unlock();
        }
    }
}
