package dev.orchestrator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
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
    private List<JoinedRun<R>> takers = new ArrayList<>(1);
    private @Nullable JoinedRun<R> last; // who left last, and is told when the work has ended
    private boolean begun;
    private boolean over; // nobody joins any more
    private boolean endingIsTold;
    private @Nullable Supplier<Runnable> letKeyGo; // null if it has no key, or has let it go

    // Written by the dispatch that begins the work, and to null under the lock when that one takes part no more; read
    // by the work's code.
    private volatile @Nullable JoinedRun<R> first;

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

    /**
     * It has a key now, or waits for it.
     *
     * @param letGo gives up the key, and says what is to be done when the owners of this work know that it has ended
     */
    void keepKey(Supplier<Runnable> letGo) {
        lock.lock();
        try {
            if (!endingIsTold) {
                letKeyGo = letGo;
                return;
            }
        } finally {
            lock.unlock();
        }
        letGo.get().run(); // stopped and told while its dispatch was still being taken in
    }

    /** Nobody takes part in it any more who does not already. */
    void joinNoMore() {
        lock.lock();
        try {
            over = true;
        } finally {
            lock.unlock();
        }
    }

    /** All that take part now: who cancels them stops the work. */
    List<JoinedRun<R>> takers() {
        lock.lock();
        try {
            return List.copyOf(takers);
        } finally {
            lock.unlock();
        }
    }

    /** One more takes part from now on; false if this work is being stopped or has ended. */
    boolean join(JoinedRun<R> taker) {
        lock.lock();
        try {
            if (over || !isOpen()) return false;
            taker.takePartIn(this);
            takers.add(taker);
            if (begun && taker.begin()) taker.noteAppended();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isOpen() {
        return isNew() || isRunning();
    }

    /** The dispatch that began it is refused: true if it goes on for others; if not, nobody joins it any more. */
    boolean goesOnWithout(JoinedRun<R> refused) {
        lock.lock();
        try {
            boolean hasOthers = takers.size() > (takers.contains(refused) ? 1 : 0);
            if (hasOthers) remove(refused);
            else over = true;
            return hasOthers;
        } finally {
            lock.unlock();
        }
    }

    private boolean remove(JoinedRun<R> taker) {
        if (taker.equals(first)) first = null; // nothing of it is kept for the others' sake (P10)
        return takers.contains(taker) && takers.remove(taker); // no list for changing when it is told
    }

    /**
     * One takes part no more. True if it was the last: then the work is stopped, and the taker is told with it.
     */
    boolean leave(JoinedRun<R> taker, JobResult<R> result, Duration withGrace, StopWalk walk) {
        lock.lock();
        try {
            if (!remove(taker) || !takers.isEmpty()) return false;
            over = true;
            last = taker;
        } finally {
            lock.unlock();
        }
        stop(result, withGrace, walk);
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
        return isRunning();
    }

    /**
     * A taker that was stopped before is told that it never started, whether or not it has left: so the code must not
     * run for such takers alone. It runs if one has begun, and who comes later finds the work under way or over.
     */
    @Override
    void started() {
        boolean isForNobody;
        boolean isToBeTold;
        lock.lock();
        try {
            isToBeTold = appendToAll(JoinedRun::begin);
            isForNobody = !anyHasBegun();
            if (isForNobody) over = true;
        } finally {
            lock.unlock();
        }
        if (isForNobody) decideStop(new JobResult.Cancelled<>("nobody takes part in it"));
        if (isToBeTold) announce();
    }

    private boolean anyHasBegun() {
        for (JoinedRun<R> taker : takers) if (taker.hasBegun()) return true;
        return false;
    }

    /** Nothing waits while it is told: each taker is told of the retry as the run of its own that it is. */
    @Override
    void retrying(int attempt, int limit, Throwable error, Duration delay) {
        logRetry(attempt, limit, error, delay);
        if (appendToAll(taker -> taker.appendRetrying(attempt, limit, error, delay))) announce();
    }

    @Override
    boolean letsPassData(@Nullable Object value, Origin origin) {
        forAll(taker -> taker.letsPassData(value, origin));
        return isRunning();
    }

    @Override
    boolean appendData(@Nullable Object value, Origin origin) {
        return isRunning() && appendToAll(taker -> taker.appendData(value, origin));
    }

    @Override
    boolean appendProgress(JobProgress report) {
        return isRunning() && appendToAll(taker -> taker.appendProgress(report));
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
        takers().forEach(call);
    }

    @Override
    void tell(JobResult<R> result, boolean isDown) {
        releaseAll();
        List<JoinedRun<R>> ending;
        Supplier<Runnable> letGo;
        lock.lock();
        try {
            over = true;
            endingIsTold = true;
            letGo = letKeyGo;
            letKeyGo = null;
            ending = takers;
            if (last != null) ending.add(last);
            takers = List.of();
            last = null;
            first = null;
        } finally {
            lock.unlock();
        }
        // Who is told finds the key free. The next one with it starts when the owners have the endings, and before
        // anybody is called who may not return.
        Runnable startNext = letGo == null ? () -> {} : letGo.get();
        for (JoinedRun<R> taker : ending) {
            whenDown(taker::noteDown);
            taker.endForOwner(result);
        }
        startNext.run();
        if (isDown) noteDown();
        StopWalk walk = walkToChildrenAfter(result);
        for (JoinedRun<R> taker : ending) taker.endForOthers();
        if (walk != null) walk.end();
    }
}
