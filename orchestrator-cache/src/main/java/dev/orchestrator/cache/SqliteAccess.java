package dev.orchestrator.cache;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way of calls to the file: one at a time, to the file that has the name now, and past damage. */
final class SqliteAccess {
    private static final int TRIES = 10;

    private final StoreFile file;
    private final InstantSource clock;
    private final Consumer<? super Exception> onTrouble;

    /*
     * Guards the fields below and the insides of the session. Not held while user code runs: the clock is asked before,
     * and troubles are told after.
     */
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable SqliteSession session; // null after an opening that failed, and when closed
    private boolean closed;

    SqliteAccess(StoreFile file, InstantSource clock, Consumer<? super Exception> onTrouble) {
        this.file = file;
        this.clock = clock;
        this.onTrouble = onTrouble;
    }

    /** What goes with one call: its moment, and what it got over. */
    final class Call {
        private final Instant now = Objects.requireNonNull(clock.instant(), "the clock's instant");
        private final List<Exception> troubles = new ArrayList<>();

        Instant now() {
            return now;
        }

        void gotOver(String trouble, @Nullable Exception cause) {
            troubles.add(new IOException("cache file " + file.path() + ": " + trouble, cause));
        }

        private void tell() {
            for (Exception trouble : troubles) {
                try {
                    onTrouble.accept(trouble);
                } catch (Throwable thrown) { // the call has done its work
                    trouble.addSuppressed(thrown);
                    log("a handler of troubles threw", trouble);
                }
            }
        }
    }

    static void log(Exception trouble) {
        log(String.valueOf(trouble.getMessage()), trouble);
    }

    private static void log(String what, Exception trouble) {
        System.getLogger("dev.orchestrator.cache").log(System.Logger.Level.WARNING, what, trouble);
    }

    /** With the lock held: no user code in here. */
    interface Operation<T> {
        T on(SqliteSession session, Call call) throws SQLException;
    }

    interface Change {
        void on(SqliteSession session) throws SQLException;
    }

    <T> T call(Operation<T> operation) throws IOException {
        return locked(call -> attempt(operation, call));
    }

    /**
     * A change that is there for every store on the file, and stays there, when this returns.
     *
     * <p>Another store may put the file aside meanwhile. So the name is looked at after the commit, too: if it leads to
     * another file by then, the change is done again in that one. If it does not, whatever comes into another file comes
     * after this change.
     */
    void durably(Change change) throws IOException {
        locked(call -> {
            for (int tries = 0; tries < TRIES; tries++) {
                SqliteSession used = attempt(
                        (session, ignored) -> {
                            session.durably(() -> change.on(session));
                            return session;
                        },
                        call);
                if (!hasMoved(used)) return used;
            }
            throw new IOException("cache file " + file.path()
                    + ": it is another one at each look, so no change can last. Choose a folder on a local disk.");
        });
    }

    private interface Locked<T> {
        T run(Call call) throws IOException;
    }

    private <T> T locked(Locked<T> body) throws IOException {
        var call = new Call();
        try {
            lock.lock(); // not interruptibly: an interrupt is the caller's business
            try {
                if (closed)
                    throw new IllegalStateException(
                            "the store of " + file.path() + " is closed. Open it again to use it.");
                return body.run(call);
            } finally {
                lock.unlock();
            }
        } finally {
            call.tell();
        }
    }

    private <T> T attempt(Operation<T> operation, Call call) throws IOException {
        SqliteSession used = current(call);
        try {
            return operation.on(used, call);
        } catch (SQLException error) {
            if (!SqliteErrors.isSuspicious(error)) throw SqliteErrors.inWords(file.path(), error);
            letGo(call);
            if (SqliteErrors.isDamage(error)) session = open(used.identity(), String.valueOf(error.getMessage()), call);
        }
        try {
            return operation.on(current(call), call);
        } catch (SQLException again) {
            throw SqliteErrors.inWords(file.path(), again);
        }
    }

    /**
     * The session of the file that has the name now.
     *
     * <p>If another store has put aside the file that this one has open, this one lets go of it, which SQLite does without
     * a touch to what has the name now, and opens the other. That this look comes before the use is enough for loads and
     * saves: what happens in between happens at the same time as the call. For changes that must last see
     * {@link #durably}.
     */
    private SqliteSession current(Call call) throws IOException {
        if (session != null && hasMoved(session)) letGo(call);
        if (session == null) session = open(null, "", call);
        return session;
    }

    private boolean hasMoved(SqliteSession used) throws IOException {
        return !used.identity().equals(file.identity());
    }

    /** @param damaged the identity of a file that is known to be damaged; if the name still leads to it, it is put aside */
    @SuppressWarnings("try") // a turn is held, not used
    private SqliteSession open(@Nullable Object damaged, String how, Call call) throws IOException {
        try (var turn = OpeningTurn.await(file)) {
            if (damaged != null && damaged.equals(file.identity())) putAside(how, call);
            try {
                return SqliteSession.open(file);
            } catch (DamagedFileException found) {
                putAside(String.valueOf(found.getMessage()), call);
                return SqliteSession.open(file);
            }
        } catch (SQLException error) {
            throw SqliteErrors.inWords(file.path(), error);
        }
    }

    private void putAside(String how, Call call) throws IOException {
        Path aside;
        try {
            aside = file.putAside(call.now());
        } catch (IOException error) {
            throw new IOException(
                    "cache file " + file.path() + ": it is damaged (" + how
                            + ") and cannot be put aside. Close what has" + " it open, and delete it.",
                    error);
        }
        call.gotOver(
                "it was damaged (" + how + "). It is now " + aside.getFileName() + ", and a new one is begun.", null);
    }

    private void letGo(Call call) {
        SqliteSession old = session;
        session = null;
        if (old == null) return;
        try {
            old.close();
        } catch (SQLException error) {
            call.gotOver("it was closed with an error. What was saved is in it or in its log.", error);
        }
    }

    void close() {
        var call = new Call();
        lock.lock();
        try {
            closed = true;
            letGo(call);
        } finally {
            lock.unlock();
        }
        call.tell();
    }
}
