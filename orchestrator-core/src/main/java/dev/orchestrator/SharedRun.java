package dev.orchestrator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The work of a job with a key: one or several dispatches take part in it, and it is stopped with the last of them.
 *
 * <p>It has attempts and a life cycle like any run, but nobody knows it: what it would tell goes to those who take part.
 * Who takes part is decided under the lock, under which events are appended and nobody is called; so a taker that comes
 * late gets its started event first, and none comes after the end.
 */
final class SharedRun<R extends @Nullable Object> extends JobRun<R> {
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final List<JoinedRun<R>> takers = new ArrayList<>();
    private @Nullable JoinedRun<R> last; // who left last, and is told when the work has ended
    private boolean begun;
    private boolean over; // nobody joins any more

    // Written once, by the dispatch that begins the work; let go with its ending.
    private volatile @Nullable JoinedRun<R> first;

    private final RunHooks told = new RunHooks();

    SharedRun(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            long cause,
            @Nullable Chain chain,
            JobOptions options) {
        super(id, job, route, bus, null, cause, chain, null, options);
    }

    /** The dispatch that begins the work. */
    void beginWith(JoinedRun<R> taker) {
        first = taker;
        takers.add(taker); // nobody else knows this work yet
    }

    /** Does that when those who took part have been told; at once if that is so already. */
    void whenTold(Runnable task) {
        told.add(task);
    }

    /** Cancels all that take part, and so the work. */
    void cancelAll(String why) {
        forAll(taker -> taker.cancel(why));
    }

    /** One more takes part from now on; false if this work is being stopped or has ended. */
    boolean join(JoinedRun<R> taker) {
        lock.lock();
        try {
            if (over || !isOpen()) return false;
            takers.add(taker);
            if (begun && taker.begin()) taker.noteAppended();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isOpen() {
        return lifeCycle().isNew() || lifeCycle().isRunning();
    }

    /** Lets nobody join any more if that one alone takes part; false if others do. */
    boolean closeIfOnlyFor(JoinedRun<R> taker) {
        lock.lock();
        try {
            if (takers.stream().anyMatch(other -> !other.equals(taker))) return false;
            over = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * One takes part no more. True if it was the last: then the work is stopped, and the taker is told with it.
     */
    boolean leave(JoinedRun<R> taker, JobResult<R> result, Duration withGrace, boolean onTimer) {
        lock.lock();
        try {
            if (!takers.remove(taker) || !takers.isEmpty()) return false;
            over = true;
            last = taker;
        } finally {
            lock.unlock();
        }
        stop(result, withGrace, onTimer);
        return true;
    }

    /** The user's own events are about the dispatch that began the work. */
    @Override
    @Nullable
    Inbox owner() {
        JoinedRun<R> taker = first;
        return taker == null ? null : taker.owner();
    }

    @Override
    void emit(Event event) {
        JoinedRun<R> taker = first;
        if (taker != null) taker.emit(event);
    }

    /** Those whose owners are flooded make the code wait, one after the other. */
    @Override
    boolean letsPass(JobProgress report) {
        forAll(taker -> taker.letsPass(report));
        return isUnderWay();
    }

    @Override
    void started() {
        appendToAll(JoinedRun::begin);
        announce();
    }

    /** Nothing waits while it is told: each taker is told of the retry as the run of its own that it is. */
    @Override
    void retrying(int attempt, int limit, Throwable error, Duration delay) {
        logRetry(attempt, limit, error, delay);
        appendToAll(taker -> taker.appendRetrying(attempt, limit, error, delay));
        announce();
    }

    @Override
    boolean appendProgress(JobProgress report) {
        return isUnderWay() && appendToAll(taker -> taker.appendProgress(report));
    }

    private boolean appendToAll(Predicate<JoinedRun<R>> append) {
        lock.lock();
        try {
            begun = true;
            boolean any = false;
            for (JoinedRun<R> taker : takers) {
                if (!append.test(taker)) continue;
                taker.noteAppended();
                any = true;
            }
            return any;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void announce() {
        forAll(JoinedRun::tellAppended);
    }

    private void forAll(Consumer<JoinedRun<R>> call) {
        List<JoinedRun<R>> copy;
        lock.lock();
        try {
            copy = List.copyOf(takers);
        } finally {
            lock.unlock();
        }
        copy.forEach(call);
    }

    @Override
    void tell(JobResult<R> result) {
        releaseAll();
        List<JoinedRun<R>> toTell;
        lock.lock();
        try {
            over = true;
            toTell = new ArrayList<>(takers);
            if (last != null) toTell.add(last);
            takers.clear();
            last = null;
            first = null;
        } finally {
            lock.unlock();
        }
        if (!(result instanceof JobResult.Success)) cancelChildren(parentDidNotSucceed());
        for (JoinedRun<R> taker : toTell) {
            whenDown(taker::noteDown);
            taker.endWith(result);
        }
        told.run();
    }
}
