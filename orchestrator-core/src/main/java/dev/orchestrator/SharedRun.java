package dev.orchestrator;

import dev.orchestrator.spi.SharedWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
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
final class SharedRun<R extends @Nullable Object> extends JobRun<R> implements SharedWork<R> {
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private List<Taker<R>> takers = new ArrayList<>(1);
    private @Nullable Taker<R> last; // who left last, and is told when the work has ended
    private boolean begun;
    private boolean over; // nobody joins any more
    private boolean endingIsTold;
    private @Nullable Supplier<Runnable> letKeyGo; // null if it has no key, or has let it go

    private final Consumer<? super JobResult<R>> beforeTelling;
    private final AtomicBoolean started = new AtomicBoolean();

    // Written by the dispatch that begins the work, or under the lock by whoever takes part first, and to null under
    // the lock when that one takes part no more; read by the work's code.
    private volatile @Nullable Taker<R> first;

    SharedRun(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            long cause,
            @Nullable Chain chain,
            JobOptions options) {
        this(id, job, route, bus, cause, chain, options, result -> {});
    }

    /**
     * A work that no key leads to.
     *
     * @param beforeTelling is told the ending before those who take part are
     */
    SharedRun(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            long cause,
            @Nullable Chain chain,
            JobOptions options,
            Consumer<? super JobResult<R>> beforeTelling) {
        super(id, job, route, bus, null, cause, chain, null, options);
        this.beforeTelling = Objects.requireNonNull(beforeTelling, "beforeTelling");
    }

    @Override
    public void start() {
        if (!started.compareAndSet(false, true))
            throw new IllegalStateException("the work of job " + id() + " was started before; it is started once");
        launchFromElsewhere();
    }

    /** The dispatch that begins the work. */
    void beginWith(Taker<R> taker) {
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
    List<Taker<R>> takers() {
        lock.lock();
        try {
            return List.copyOf(takers);
        } finally {
            lock.unlock();
        }
    }

    /** One more takes part from now on; false if this work is being stopped or has ended. */
    boolean join(Taker<R> taker) {
        return join(taker, true);
    }

    /**
     * As {@link #join}, and a work that has ended well or failed takes it too, as long as it was not told: what it came to
     * is this one's ending.
     */
    boolean joinUntilTold(Taker<R> taker) {
        return join(taker, false);
    }

    private boolean join(Taker<R> taker, boolean onlyOpen) {
        lock.lock();
        try {
            if (over || (onlyOpen && !isOpen())) return false;
            taker.takePartIn(this);
            if (first == null && takers.isEmpty()) first = taker;
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
    boolean goesOnWithout(Taker<R> refused) {
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

    private boolean remove(Taker<R> taker) {
        if (taker.equals(first)) first = null; // nothing of it is kept for the others' sake (P10)
        return takers.contains(taker) && takers.remove(taker); // no list for changing when it is told
    }

    /**
     * One takes part no more. True if it was the last: then the work is stopped, and the taker is told with it.
     */
    boolean leave(Taker<R> taker, JobResult<R> result, Duration withGrace, StopWalk walk) {
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
        Taker<R> taker = first;
        return taker == null ? null : taker.jobRun().owner();
    }

    @Override
    void emit(Event event) {
        Taker<R> taker = first;
        if (taker != null) taker.jobRun().emit(event);
    }

    /** Those whose owners are flooded make the code wait, one after the other. */
    @Override
    boolean letsPass(JobProgress report) {
        forAll(taker -> {
            if (taker.wantsReports()) taker.jobRun().letsPass(report);
        });
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
            isToBeTold = appendToAll(Taker::begin);
            isForNobody = !anyHasBegun();
            if (isForNobody) over = true;
        } finally {
            lock.unlock();
        }
        if (isForNobody) decideStop(new JobResult.Cancelled<>("nobody takes part in it"));
        if (isToBeTold) announce();
    }

    private boolean anyHasBegun() {
        for (Taker<R> taker : takers) if (taker.hasBegun()) return true;
        return false;
    }

    /** Nothing waits while it is told: each taker is told of the retry as the run of its own that it is. */
    @Override
    void retrying(int attempt, int limit, Throwable error, Duration delay) {
        logRetry(attempt, limit, error, delay);
        if (appendToAll(taker -> taker.jobRun().appendRetrying(attempt, limit, error, delay))) announce();
    }

    @Override
    boolean letsPassData(@Nullable Object value, Provenance from) {
        forAll(taker -> {
            if (taker.wantsReports()) taker.jobRun().letsPassData(value, from);
        });
        return isRunning();
    }

    @Override
    boolean appendData(@Nullable Object value, Provenance from) {
        return isRunning()
                && appendToAll(taker -> taker.wantsReports() && taker.jobRun().appendData(value, from));
    }

    @Override
    boolean appendProgress(JobProgress report) {
        return isRunning()
                && appendToAll(taker -> taker.wantsReports() && taker.jobRun().appendProgress(report));
    }

    private boolean appendToAll(Predicate<Taker<R>> append) {
        lock.lock();
        try {
            begun = true;
            boolean any = false;
            for (Taker<R> taker : takers) {
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
        forAll(Taker::tellAppended);
    }

    private void forAll(Consumer<Taker<R>> call) {
        takers().forEach(call);
    }

    @Override
    void tell(JobResult<R> result, boolean isDown) {
        releaseAll();
        bus().scope().wall().run("what a work does before it is told", () -> beforeTelling.accept(result));
        List<Taker<R>> ending;
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
        for (Taker<R> taker : ending) {
            whenDown(taker::workIsDown);
            taker.endForOwner(result);
        }
        startNext.run();
        if (isDown) noteDown();
        StopWalk walk = walkToChildrenAfter(result);
        int left = ending.size();
        for (Taker<R> taker : ending) taker.endForOthers(--left == 0 && walk == null);
        if (walk != null) walk.end();
    }
}
