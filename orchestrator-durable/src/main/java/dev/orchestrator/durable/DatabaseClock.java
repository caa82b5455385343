package dev.orchestrator.durable;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The database's clock as read here: looked at now and then, and carried on between looks by a clock that does not jump.
 *
 * <p>It never goes back. Where a look finds a small difference, of drift or of a clock being set, it runs a little faster or
 * slower until that is gone, so that no lease is over for it. A large one forward is taken over at once: the machine slept,
 * and what is due by the clock on the wall is due. A large one back is run off slowly too.
 */
final class DatabaseClock {
    private static final long LARGE_MILLIS = 10 * 60_000L;

    /** It runs at most by one part of so many faster or slower. */
    private static final long SLEW = 5;

    private final LongSupplier nanos;

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    /** What it said at the last look, and what the other clock said then. */
    private long base;

    private long baseNanos;

    /** How far the database was ahead at the last look, in milliseconds. */
    private long ahead;

    /**
     * A clock that says that time now.
     *
     * @param nanos the clock that does not jump
     */
    DatabaseClock(long now, LongSupplier nanos) {
        this.nanos = nanos;
        base = now;
        baseNanos = nanos.getAsLong();
    }

    long now() {
        lock.lock();
        try {
            return at(nanos.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    private long at(long nanosNow) {
        long passed = Math.max(0, nanosNow - baseNanos) / 1_000_000;
        long most = passed / SLEW;
        return base + passed + Math.clamp(ahead, -most, most);
    }

    /** Says what the database's clock says now. */
    void looked(long databaseNow) {
        lock.lock();
        try {
            long nanosNow = nanos.getAsLong();
            long here = at(nanosNow);
            long difference = databaseNow - here;
            base = difference > LARGE_MILLIS ? databaseNow : here;
            ahead = difference > LARGE_MILLIS ? 0 : difference;
            baseNanos = nanosNow;
        } finally {
            lock.unlock();
        }
    }

    /** Looks at the database's clock; that of SQLite is this machine's. */
    static long read(Session session) throws java.sql.SQLException {
        return session.isPostgres()
                ? session.number("select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)")
                : System.currentTimeMillis();
    }
}
