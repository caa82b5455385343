package dev.orchestrator.cache;

import java.util.Optional;

/**
 * The second level of a cache: keeps encoded values where they outlive the process.
 *
 * <p>All methods may be called from many threads at once, and may block. What one throws counts as a miss: a store that
 * is not there makes a cache slower, and nothing else. An invalidation that threw may have happened or not.
 *
 * <p>An invalidation that has returned is never lost: no later {@link #load}, of whichever process, gives a value that
 * was saved before as not invalidated.
 */
public interface CacheStore extends AutoCloseable {
    /**
     * Gives the value of a key.
     *
     * @return empty if there is none, or if it was to be kept until a moment that is over
     */
    Optional<StoredValue> load(StoreKey key) throws Exception;

    /** Keeps a value in place of the one before. */
    void save(StoreKey key, StoredValue value) throws Exception;

    /** Keeps the value of a key, which is never fresh again; if there is none, does nothing. */
    void invalidate(StoreKey key) throws Exception;

    /** Keeps the values that have this tag, which are never fresh again. */
    void invalidateTag(String tag) throws Exception;

    /** Keeps the values of this {@link StoreKey#kind()}, which are never fresh again. */
    void invalidateKind(String kind) throws Exception;

    /** Keeps all values, none of which is ever fresh again. */
    void invalidateAll() throws Exception;

    /** Takes the value of a key away; if there is none, does nothing. */
    void remove(StoreKey key) throws Exception;

    /** Takes all values away. */
    void clear() throws Exception;

    /** Lets go of what the store holds. Closing it again does nothing. */
    @Override
    void close();
}
