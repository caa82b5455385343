package dev.orchestrator.cache;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobResult;
import dev.orchestrator.SignalBus;
import dev.orchestrator.Subscription;
import dev.orchestrator.cache.CacheTrouble.Where;
import dev.orchestrator.spi.Time;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what jobs brought, for those that come later: in memory, and where it was given a {@link CacheStore} on disk too.
 *
 * <p>One cache serves many types of jobs; {@link Cached} puts it around an executor. All methods may be called from any
 * thread; where there is a store, those that invalidate or clear wait for the disk.
 *
 * <p>No trouble in a cache decides how a job ends: it counts as "nothing is kept", and is told as a {@link CacheTrouble}.
 *
 * {@snippet class="dev.orchestrator.cache.Snippets" region="cache"}
 */
public final class JobCache implements AutoCloseable {
    private static final long MAXIMUM_SIZE = 10_000;

    private final SignalBus bus;
    private final Time time;
    private final Memory memory;
    private final @Nullable ToIntFunction<? super CacheEntry> weigher;
    private final Flights flights = new Flights();
    private final Troubles troubles;
    private final @Nullable Disk disk;
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();

    private volatile boolean isClosed;

    private JobCache(Builder builder) {
        bus = builder.bus;
        time = bus.time();
        weigher = builder.weigher;
        memory = new Memory(time, builder.maximumSize, weigher == null ? -1 : builder.maximumWeight);
        troubles = new Troubles(bus);
        disk = builder.store == null ? null : new Disk(builder.store, troubles);
    }

    /**
     * A cache in memory, of at most 10,000 values.
     *
     * @param bus whose clock it reads, and whose events may invalidate what is in it
     */
    public static JobCache create(SignalBus bus) {
        return builder(bus).build();
    }

    /**
     * Begins to make a cache.
     *
     * @param bus whose clock it reads, and whose events may invalidate what is in it
     */
    public static Builder builder(SignalBus bus) {
        return new Builder(bus);
    }

    /** Makes a cache. Not for use by several threads at once. */
    public static final class Builder {
        private final SignalBus bus;
        private long maximumSize = MAXIMUM_SIZE;
        private long maximumWeight;
        private @Nullable ToIntFunction<? super CacheEntry> weigher;
        private @Nullable CacheStore store;

        private Builder(SignalBus bus) {
            this.bus = Objects.requireNonNull(bus, "bus");
        }

        /**
         * How many values are in memory at most; 10,000 if not set.
         *
         * @throws IllegalArgumentException if less than 1
         */
        public Builder maximumSize(long value) {
            if (value < 1) throw new IllegalArgumentException("a cache has room for at least 1 value, was " + value);
            maximumSize = value;
            weigher = null;
            return this;
        }

        /**
         * How heavy all values in memory are at most, instead of how many they are.
         *
         * @param value the greatest sum of weights
         * @param weigher says how heavy a value is, in whichever unit; called once for each value. Where it throws or is
         *     negative, the value is not kept.
         * @throws IllegalArgumentException if {@code value} is less than 1
         */
        public Builder maximumWeight(long value, ToIntFunction<? super CacheEntry> weigher) {
            if (value < 1) throw new IllegalArgumentException("a cache carries a weight of at least 1, was " + value);
            this.weigher = Objects.requireNonNull(weigher, "weigher");
            maximumWeight = value;
            return this;
        }

        /** The second level, such as a {@link SqliteStore}; the cache closes it. {@link Cached#onDisk} says what goes there. */
        public Builder store(CacheStore value) {
            store = Objects.requireNonNull(value, "store");
            return this;
        }

        /** Makes the cache. */
        public JobCache build() {
            return new JobCache(this);
        }
    }

    // ---- invalidating ----

    /**
     * Makes values stale, now: they are not fresh any more, and what a fetch brings that is under way is not either.
     *
     * <p>A stale value may still be shown while a newer one is on its way, where {@link Cached#staleFor} says so. To take
     * values away altogether, {@link #clear}.
     *
     * @return the way to have this happen again with events
     */
    public Invalidation invalidate(Entries entries) {
        Objects.requireNonNull(entries, "entries");
        Instant now = time.now();
        if (entries.meaning() instanceof Entries.Meaning.None) return new Invalidation(this, entries);
        flights.note(entries);
        if (entries.meaning() instanceof Entries.Meaning.OfKey(CacheKey only))
            memory.invalidate(only, now, (key, entry) -> true);
        else memory.invalidate(now, (key, entry) -> means(entries, key, entry));
        if (disk != null) invalidateOnDisk(disk, entries, now);
        return new Invalidation(this, entries);
    }

    /** Until the disk knows of it, somebody may read there what is not invalidated yet, and take it into memory. */
    private void invalidateOnDisk(Disk onDisk, Entries entries, Instant now) {
        onDisk.invalidate(entries);
        flights.noteOnDisk();
        memory.invalidateReadFromDisk(now, (key, entry) -> means(entries, key, entry));
    }

    private boolean means(Entries entries, CacheKey key, CacheEntry entry) {
        try {
            return entries.means(key, entry);
        } catch (Throwable thrown) {
            troubles.tell(new CacheTrouble(Where.PREDICATE, key.jobType().getName(), thrown));
            return true;
        }
    }

    /**
     * Makes values stale with each event of a type on this cache's bus; which ones may depend on the event.
     *
     * <p>It happens on the emitting thread, before {@code emit} returns.
     *
     * @param which says which values; where it throws, none
     * @return closing it ends this, as closing the cache does
     * @throws IllegalStateException if this cache is closed
     */
    public <E extends Event> Subscription invalidateOn(Class<E> type, Function<? super E, Entries> which) {
        Objects.requireNonNull(which, "which");
        refuseIfClosed();
        return kept(bus.subscribe(type, event -> invalidate(entriesOf(event, which))));
    }

    private <T> Entries entriesOf(T of, Function<? super T, Entries> which) {
        try {
            return Objects.requireNonNull(which.apply(of), "which values to invalidate");
        } catch (Throwable thrown) {
            troubles.tell(new CacheTrouble(Where.EVENT, of.getClass().getName(), thrown));
            return Entries.none();
        }
    }

    /**
     * Makes values stale when a job of a type has succeeded, before anybody is told: so whoever loads again in a handler of
     * that success gets what is new.
     *
     * @param type the jobs' class, or a supertype of theirs that is a job
     * @param which says which values; where it throws, none
     * @return closing it ends this, as closing the cache does
     * @throws IllegalStateException if this cache is closed
     */
    public <J extends Job<R>, R extends @Nullable Object> Subscription invalidateAfter(
            Dispatcher dispatcher, Class<J> type, Function<? super J, Entries> which) {
        Objects.requireNonNull(which, "which");
        refuseIfClosed();
        return kept(dispatcher.interceptAsync(
                type,
                call -> call.proceed().thenApply(value -> {
                    invalidateSafely(entriesOf(call.job(), which), call.job());
                    return value;
                })));
    }

    /** A cache never decides how a job ends. */
    private void invalidateSafely(Entries entries, Object because) {
        try {
            invalidate(entries);
        } catch (Throwable thrown) {
            troubles.tell(
                    new CacheTrouble(Where.INVALIDATION, because.getClass().getName(), thrown));
        }
    }

    private Subscription kept(Subscription subscription) {
        subscriptions.add(subscription);
        if (isClosed) subscription.close();
        return () -> {
            subscriptions.remove(subscription);
            subscription.close();
        };
    }

    /** Takes all values away; nothing that a fetch brings that is under way is kept either. */
    public void clear() {
        flights.clear(memory::clear);
        if (disk == null) return;
        disk.clear();
        flights.noteOnDisk(); // as for an invalidation
        memory.clearReadFromDisk();
    }

    /** How many values are in memory. */
    public long size() {
        return memory.size();
    }

    /**
     * Keeps nothing any more: jobs go on without a cache. Closes the store.
     *
     * <p>Closing it again does no harm.
     */
    @Override
    public void close() {
        isClosed = true;
        subscriptions.forEach(Subscription::close);
        subscriptions.clear();
        flights.clear(memory::clear);
        if (disk != null) disk.close();
    }

    private void refuseIfClosed() {
        if (isClosed) throw new IllegalStateException("this cache is closed; make another one with JobCache.create");
    }

    // ---- what a cached executor asks ----

    Troubles troubles() {
        return troubles;
    }

    Flights flights() {
        return flights;
    }

    void register(DiskKind<?> kind) {
        if (disk == null)
            throw new IllegalStateException("this cache has no disk to keep " + kind.name()
                    + " on; make it with JobCache.builder(bus).store(SqliteStore.open(file))");
        refuseIfClosed();
        disk.register(kind);
    }

    /** How values of a type of jobs are kept. */
    interface Keeping<R extends @Nullable Object> {
        Ages ages();

        @Nullable
        DiskKind<R> kind();

        /** The tags that every value has; null if they depend on the value. */
        @Nullable
        Set<Object> knownTags();

        /** The tags of a value; throws what a user's function throws. */
        Set<Object> tagsOf(R value);
    }

    /** The value in memory; null if there is none. */
    @Nullable
    CacheEntry inMemory(CacheKey key) {
        return memory.get(key);
    }

    /** The value on disk, which is in memory from now on; null if there is none. */
    <R extends @Nullable Object> @Nullable CacheEntry onDisk(CacheKey key, Keeping<R> keeping) throws Exception {
        DiskKind<R> kind = keeping.kind();
        if (disk == null || kind == null || isClosed) return null;
        long invalidations = flights.invalidations();
        Optional<StoredValue> found = disk.load(kind, key);
        if (found.isEmpty()) return null;
        StoredValue stored = found.get();
        R value = decoded(kind, stored.bytes());
        CacheEntry entry = entry(key, value, stored.asOf(), keeping);
        CacheEntry asStored = stored.invalidated() ? entry.invalidated(stored.asOf()) : entry;
        Memory.Slot slot = memory.slot(asStored, weightOf(asStored), 0, keeping.ages());
        CacheEntry kept = flights.ifQuiet(invalidations, () -> isClosed ? null : memory.putIfAbsent(key, slot));
        return kept != null ? kept : asStored.invalidated(time.now()); // it may be what was invalidated just now
    }

    @SuppressWarnings("NullAway") // null stands for a null that was saved, so R can be null
    private static <R extends @Nullable Object> R decoded(DiskKind<R> kind, byte @Nullable [] bytes) throws Exception {
        return bytes == null ? null : kind.codec().decode(bytes);
    }

    private static <R extends @Nullable Object> CacheEntry entry(
            CacheKey key, R value, Instant asOf, Keeping<R> keeping) {
        return new CacheEntry(key.jobType(), key.parts(), value, asOf, Optional.empty(), keeping.tagsOf(value));
    }

    private int weightOf(CacheEntry entry) {
        if (weigher == null) return 1;
        int weight = weigher.applyAsInt(entry);
        if (weight < 0) throw new IllegalArgumentException("a weight must not be negative, was " + weight);
        return weight;
    }

    /** The fetch is over; called before those are told who wait for it. */
    <R extends @Nullable Object> void land(Flight<R> flight, Keeping<R> keeping, JobResult<R> result) {
        try {
            if (result instanceof JobResult.Success<R>(R value)) keep(flight, keeping, value);
        } finally {
            flights.end(flight);
        }
    }

    private <R extends @Nullable Object> void keep(Flight<R> flight, Keeping<R> keeping, R value) {
        Instant now = time.now();
        CacheKey key = flight.key();
        CacheEntry entry = guarded(flight, Where.TAGS, () -> entry(key, value, now, keeping));
        Integer weight = entry == null ? null : guarded(flight, Where.WEIGHT, () -> weightOf(entry));
        if (entry != null && weight != null && keep(flight, keeping, value, entry, weight)) return;
        flight.landed(now, flights.noted(flight).count() == 0);
        // There is a newer value than the one that is kept, and that one is not kept.
        memory.invalidate(key, now, (same, older) -> true);
        forgetOnDisk(flight, keeping);
    }

    /** A value that could not be saved leaves none that is older. */
    private void forgetOnDisk(Flight<?> flight, Keeping<?> keeping) {
        DiskKind<?> kind = keeping.kind();
        if (disk == null || kind == null) return;
        try {
            disk.remove(kind.keyOf(flight.key()));
        } catch (Throwable thrown) { // that the newer value is not kept was told already
            troubles.log(new CacheTrouble(Where.SAVE, flight.key().jobType().getName(), thrown));
        }
    }

    /** Again and again, as long as something is invalidated meanwhile. False if all was cleared. */
    private <R extends @Nullable Object> boolean keep(
            Flight<R> flight, Keeping<R> keeping, R value, CacheEntry entry, int weight) {
        boolean isSaved = false;
        while (true) {
            Flight.Noted noted = flights.noted(flight);
            if (noted.isDropped() || isClosed) return false;
            boolean isStale =
                    noted.isStaleForSure() || noted.toAsk().stream().anyMatch(each -> means(each, flight.key(), entry));
            flight.landed(entry.asOf(), !isStale);
            if (memory.hasNewer(flight.key(), flight.number())) return true;
            CacheEntry kept = isStale ? entry.invalidated(entry.asOf()) : entry;
            isSaved = isSaved || save(flight, keeping, value, kept, noted);
            if (!isSaved) continue;
            Memory.Slot slot = memory.slot(kept, weight, flight.number(), keeping.ages());
            boolean isOfUse = !isStale || keeping.ages().keepStale();
            if (flights.land(flight, noted, () -> put(flight, isOfUse ? slot : null))) return true;
        }
    }

    /** Keeps the value; null for one that is of no use, while the one before is older than it. */
    private void put(Flight<?> flight, Memory.@Nullable Slot slot) {
        CacheKey key = flight.key();
        if (isClosed || memory.hasNewer(key, flight.number())) return;
        if (slot == null) memory.invalidate(key, time.now(), (same, older) -> true);
        else memory.put(key, slot);
    }

    /** False if something was invalidated meanwhile, and nothing was saved. */
    private <R extends @Nullable Object> boolean save(
            Flight<R> flight, Keeping<R> keeping, R value, CacheEntry entry, Flight.Noted noted) {
        DiskKind<R> kind = keeping.kind();
        if (disk == null || kind == null) return true;
        Boolean isCurrent = guarded(flight, Where.SAVE, () -> {
            byte[] bytes = value == null ? null : kind.codec().encode(value);
            StoredValue stored = Disk.valueOf(entry, bytes, keeping.ages().keepUntil(entry));
            return disk.save(kind.keyOf(flight.key()), stored, () -> flights.isUnchanged(flight, noted));
        });
        if (isCurrent == null) forgetOnDisk(flight, keeping);
        return isCurrent == null || isCurrent;
    }

    @FunctionalInterface
    private interface Step<T> {
        T take() throws Exception;
    }

    /** Null if it failed, which is told by the flight. */
    private static <T> @Nullable T guarded(Flight<?> flight, Where where, Step<T> step) {
        try {
            return step.take();
        } catch (Throwable thrown) {
            flight.trouble(new CacheTrouble(where, flight.key().jobType().getName(), thrown));
            return null;
        }
    }
}
