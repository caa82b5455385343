package dev.orchestrator.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A store in one SQLite file, which survives restarts, crashes and damage. Needs {@code org.xerial:sqlite-jdbc}.
 *
 * <p>Several stores of several processes may have the same file open, on a local disk. Beside it, SQLite keeps
 * {@code -wal} and {@code -shm} while it is open; {@code -opening} stays there, and is empty.
 *
 * <p>Killing the process takes nothing that has returned. A power loss may take the latest saves, and nothing else: what
 * was invalidated, removed or cleared is on the disk when the call returns, with all that was saved before.
 *
 * <p>A file that is found damaged, at its opening or later, is put aside as {@code <name>.corrupt-<time>}, of which the
 * latest three are kept, and the store goes on with an empty one. A value that is found damaged is removed, and counts as
 * absent. Both are told to {@link Builder#onTrouble}. An opening reads the whole file to find damage.
 *
 * <p>All methods may be called from any thread; they wait for one another, and interrupts do not end them. They throw an
 * {@link IOException} that says what to do, and an {@link IllegalStateException} when the store is closed. Names, keys
 * and tags are whole characters: half of a surrogate pair is refused with an {@link IllegalArgumentException}.
 */
public final class SqliteStore implements CacheStore {
    private static final int SAVES_BETWEEN_PURGES = 64;
    private static final int MOST_AT_ONCE = 256; // that many short rows do not hold up a save

    private final SqliteAccess access;
    private final long maximumEntries;
    private final AtomicInteger saves = new AtomicInteger();

    private SqliteStore(Builder builder) throws IOException {
        access = new SqliteAccess(StoreFile.at(builder.file), builder.clock, builder.onTrouble);
        maximumEntries = builder.maximumEntries;
        try {
            access.call(this::tidy);
        } catch (Throwable error) {
            access.close();
            throw error;
        }
    }

    /** Opens the file, or begins it; its folder, too. */
    public static SqliteStore open(Path file) throws IOException {
        return builder(file).open();
    }

    /** Of a store that is not as {@link #open(Path)} makes it. */
    public static Builder builder(Path file) {
        return new Builder(file);
    }

    /** How a store is opened. */
    public static final class Builder {
        private final Path file;
        private long maximumEntries = 100_000;
        private InstantSource clock = InstantSource.system();
        private Consumer<? super Exception> onTrouble = SqliteAccess::log;

        private Builder(Path file) {
            this.file = Objects.requireNonNull(file, "file");
        }

        /**
         * How many values are kept, 100,000 if not said otherwise. Beyond that, those go whose
         * {@link StoredValue#asOf()} is the oldest.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maximumEntries(long maximum) {
            if (maximum < 1)
                throw new IllegalArgumentException("maximumEntries must be at least 1, was " + maximum + ".");
            maximumEntries = maximum;
            return this;
        }

        /** What {@link StoredValue#keepUntil()} is compared with; the system's clock if not said otherwise. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "clock");
            return this;
        }

        /**
         * Hears of what the store got over; if not said otherwise, the log does.
         *
         * <p>Called on the thread that met with it, without any lock: it may use the store. What it throws is logged.
         */
        public Builder onTrouble(Consumer<? super Exception> handler) {
            onTrouble = Objects.requireNonNull(handler, "onTrouble");
            return this;
        }

        /**
         * Opens the file, or begins it; its folder, too.
         *
         * @throws IOException if it cannot be a store: it is of something else or of a later version of the library, it is
         *     a folder, it cannot be written
         */
        public SqliteStore open() throws IOException {
            return new SqliteStore(this);
        }
    }

    @Override
    public Optional<StoredValue> load(StoreKey key) throws IOException {
        refuseHalves(key);
        return access.call((session, call) -> SqliteRows.load(
                session,
                key,
                call.now(),
                () -> call.gotOver("a value of kind " + key.kind() + " was damaged. It is removed.", null)));
    }

    @Override
    public void save(StoreKey key, StoredValue value) throws IOException {
        refuseHalves(key);
        value.tags().forEach(SqliteStore::refuseHalves);
        boolean purge = saves.incrementAndGet() % SAVES_BETWEEN_PURGES == 0;
        access.call((session, call) -> {
            session.write(() -> {
                SqliteRows.save(session, key, value);
                SqliteRows.trim(session, call.now(), maximumEntries, MOST_AT_ONCE);
                if (purge) SqliteRows.purge(session, call.now(), MOST_AT_ONCE);
            });
            return session;
        });
    }

    @Override
    public void invalidate(StoreKey key) throws IOException {
        refuseHalves(key);
        access.durably(session -> SqliteRows.invalidate(session, key));
    }

    @Override
    public void invalidateTag(String tag) throws IOException {
        refuseHalves(tag);
        access.durably(session -> SqliteRows.invalidateTag(session, tag));
    }

    @Override
    public void invalidateKind(String kind) throws IOException {
        refuseHalves(kind);
        access.durably(session -> SqliteRows.invalidateKind(session, kind));
    }

    @Override
    public void invalidateAll() throws IOException {
        access.durably(SqliteRows::invalidateAll);
    }

    @Override
    public void remove(StoreKey key) throws IOException {
        refuseHalves(key);
        access.durably(session -> SqliteRows.remove(session, key));
    }

    @Override
    public void clear() throws IOException {
        access.durably(SqliteRows::clear);
    }

    @Override
    public void close() {
        access.close();
    }

    SqliteAccess access() {
        return access;
    }

    /** In many short transactions, so that another process gets its turn; a full disk does not hinder the opening. */
    private SqliteSession tidy(SqliteSession session, SqliteAccess.Call call) throws SQLException {
        int[] gone = new int[1];
        try {
            do {
                session.write(() -> gone[0] = SqliteRows.purge(session, call.now(), MOST_AT_ONCE)
                        + SqliteRows.trim(session, call.now(), maximumEntries, MOST_AT_ONCE));
            } while (gone[0] > 0);
        } catch (SQLException error) {
            if (SqliteErrors.isSuspicious(error)) throw error;
            call.gotOver("what is no longer kept could not be removed. It will be tried again.", error);
        }
        return session;
    }

    private static void refuseHalves(StoreKey key) {
        refuseHalves(key.kind());
        refuseHalves(key.parts());
    }

    /** In a file they would all be the same character, and different keys equal. */
    private static void refuseHalves(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text))
            throw new IllegalArgumentException(
                    "a name, key or tag has half of a surrogate pair. Use whole characters.");
    }
}
