package dev.orchestrator.cache;

import dev.orchestrator.cache.CacheTrouble.Where;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The second level: what a store keeps, as long as it can be trusted.
 *
 * <p>Writes come one at a time, so an invalidation either is seen by a save ({@code isCurrent}) or comes after it. The lock
 * is held while the store works, and nobody is told of trouble under it.
 */
final class Disk {
    private final CacheStore store;
    private final Troubles troubles;
    private final List<DiskKind<?>> kinds = new CopyOnWriteArrayList<>();
    private final ReentrantLock writing = new ReentrantLock();

    // Guarded by writing. Types that were invalidated before their kind was known; weak, as for all classes.
    private final Set<Class<?>> invalidatedTypes = Collections.newSetFromMap(new WeakHashMap<>());

    private volatile boolean isUsed = true; // to false when it cannot be trusted, or is closed; never back

    Disk(CacheStore store, Troubles troubles) {
        this.store = store;
        this.troubles = troubles;
    }

    void register(DiskKind<?> kind) {
        var met = new ArrayList<CacheTrouble>();
        writing.lock();
        try {
            for (DiskKind<?> other : kinds) {
                if (other.name().equals(kind.name()) && other.jobType() != kind.jobType())
                    throw new IllegalArgumentException("the name " + kind.name() + " stands for jobs of type "
                            + other.jobType().getName() + " on this disk already; give "
                            + kind.jobType().getName() + " another one");
            }
            kinds.removeIf(other -> other.name().equals(kind.name()));
            kinds.add(kind);
            boolean isOutdated = invalidatedTypes.stream().anyMatch(type -> isRelated(type, kind.jobType()));
            if (isOutdated) invalidate(kind.name(), () -> store.invalidateKind(kind.name()), met);
        } finally {
            writing.unlock();
        }
        met.forEach(troubles::tell);
    }

    private static boolean isRelated(Class<?> one, Class<?> other) {
        return one.isAssignableFrom(other) || other.isAssignableFrom(one);
    }

    /** Takes a value away that is older than one which could not be saved. */
    void remove(StoreKey key) throws Exception {
        writing.lock();
        try {
            if (isUsed) store.remove(key);
        } finally {
            writing.unlock();
        }
    }

    Optional<StoredValue> load(DiskKind<?> kind, CacheKey key) throws Exception {
        return isUsed ? store.load(kind.keyOf(key)) : Optional.empty();
    }

    /**
     * Saves a value.
     *
     * @param isCurrent asked when no other write can come between
     * @return false if it is not, and then nothing was saved
     */
    boolean save(StoreKey key, StoredValue value, BooleanSupplier isCurrent) throws Exception {
        writing.lock();
        try {
            if (!isCurrent.getAsBoolean()) return false;
            if (isUsed) store.save(key, value);
            return true;
        } finally {
            writing.unlock();
        }
    }

    @FunctionalInterface
    private interface Write {
        void run() throws Exception;
    }

    void invalidate(Entries entries) {
        var met = new ArrayList<CacheTrouble>();
        writing.lock();
        try {
            switch (entries.meaning()) {
                case Entries.Meaning.OfKey(CacheKey key) -> invalidateKey(key, met);
                case Entries.Meaning.OfType(Class<?> type) -> invalidateType(type, met);
                case Entries.Meaning.Tagged(Object tag) -> {
                    String text = textOf(tag);
                    if (text != null) invalidate("a tag", () -> store.invalidateTag(text), met);
                }
                case Entries.Meaning.Where where -> invalidate("a predicate", store::invalidateAll, met);
                case Entries.Meaning.All all -> invalidate("all", store::invalidateAll, met);
                case Entries.Meaning.None none -> {}
            }
        } finally {
            writing.unlock();
        }
        met.forEach(troubles::tell);
    }

    private void invalidateKey(CacheKey key, List<CacheTrouble> met) {
        boolean isKnown = false;
        for (DiskKind<?> kind : kinds) {
            if (!kind.jobType().isAssignableFrom(key.jobType())) continue;
            isKnown = true;
            StoreKey stored;
            try {
                stored = kind.keyOf(key);
            } catch (Throwable cannotBeThere) {
                continue;
            }
            invalidate(kind.name(), () -> store.invalidate(stored), met);
        }
        if (!isKnown) invalidatedTypes.add(key.jobType());
    }

    private void invalidateType(Class<?> type, List<CacheTrouble> met) {
        for (DiskKind<?> kind : kinds)
            if (isRelated(type, kind.jobType())) invalidate(kind.name(), () -> store.invalidateKind(kind.name()), met);
        invalidatedTypes.add(type); // members of a family may come later
    }

    /** Null if no value on disk can have that tag. */
    private static @Nullable String textOf(Object tag) {
        try {
            return KeyText.ofTag(tag);
        } catch (Throwable notForTheDisk) {
            return null;
        }
    }

    static Set<String> textsOf(Set<Object> tags) {
        var texts = new HashSet<String>();
        for (Object tag : tags) texts.add(KeyText.ofTag(tag));
        return texts;
    }

    static StoredValue valueOf(CacheEntry entry, byte @Nullable [] bytes, Instant keepUntil) {
        return new StoredValue(
                bytes, entry.asOf(), keepUntil, entry.invalidatedAt().isPresent(), textsOf(entry.tags()));
    }

    /** What could not be invalidated is emptied; what cannot be emptied either is not read any more. */
    private void invalidate(String what, Write write, List<CacheTrouble> met) {
        if (!isUsed) return;
        try {
            write.run();
        } catch (Throwable failed) {
            met.add(new CacheTrouble(Where.INVALIDATION, what, failed));
            emptyOrStop(met);
        }
    }

    private void emptyOrStop(List<CacheTrouble> met) {
        try {
            store.clear();
        } catch (Throwable failed) {
            isUsed = false;
            met.add(new CacheTrouble(Where.STORE, "all jobs; the store is not used any more", failed));
        }
    }

    void clear() {
        var met = new ArrayList<CacheTrouble>();
        writing.lock();
        try {
            if (isUsed) emptyOrStop(met);
        } finally {
            writing.unlock();
        }
        met.forEach(troubles::tell);
    }

    void close() {
        writing.lock();
        try {
            isUsed = false;
            store.close();
        } finally {
            writing.unlock();
        }
    }
}
