package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The runs that an orchestrator dispatched and whose ending it has not handled (P2).
 *
 * <p>A dispatching thread adds a run before it can emit anything; the lane removes it just before it handles the ending.
 *
 * <p>A list through the runs themselves. Whoever adds one puts it on a stack by compareAndSet and never waits; whoever holds
 * the lock, which is mostly the lane, first moves what has arrived there into the list. So everybody sees each run that
 * was added before, and the two threads of a busy orchestrator do not meet at the lock.
 */
final class OwnedRuns {
    private static final int NAMED = 5;
    private static final VarHandle ARRIVED;

    static {
        try {
            ARRIVED = MethodHandles.lookup().findVarHandle(OwnedRuns.class, "arrived", JobRun.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();

    // A stack, linked by nextOwned. Pushed by compareAndSet; taken as a whole, under the lock.
    private volatile @Nullable JobRun<?> arrived;

    // Guarded by the lock.
    private @Nullable JobRun<?> first;
    private int count;

    void add(JobRun<?> run) {
        JobRun<?> top;
        do {
            top = arrived;
            run.nextOwned = top;
        } while (!ARRIVED.compareAndSet(this, top, run));
    }

    /** Lets go of that run; one that is not there stays away. */
    void remove(JobRun<?> run) {
        lock.lock();
        try {
            takeArrived();
            if (run.isOwned) unlink(run);
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            takeArrived();
            return first == null;
        } finally {
            lock.unlock();
        }
    }

    /** A run with that id, by looking through all; for the few that cannot be found in flight. */
    @Nullable
    JobRun<?> find(String id) {
        lock.lock();
        try {
            takeArrived();
            for (JobRun<?> run = first; run != null; run = run.nextOwned) {
                if (run.id().equals(id)) return run;
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    boolean hasAny(Class<?> jobType) {
        lock.lock();
        try {
            takeArrived();
            for (JobRun<?> run = first; run != null; run = run.nextOwned) {
                if (jobType.isInstance(run.job())) return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** A copy of them all. */
    List<JobRun<?>> all() {
        lock.lock();
        try {
            takeArrived();
            return copy(count);
        } finally {
            lock.unlock();
        }
    }

    /** The owner is closed: the runs, which it gives, go on without it. */
    List<JobRun<?>> release() {
        List<JobRun<?>> all;
        lock.lock();
        try {
            takeArrived();
            all = copy(count);
            all.forEach(this::unlink);
        } finally {
            lock.unlock();
        }
        all.forEach(JobRun::forgetOwner);
        return all;
    }

    // ---- under the lock ----

    private void takeArrived() {
        if (arrived == null) return;
        JobRun<?> run = (JobRun<?>) ARRIVED.getAndSet(this, (JobRun<?>) null);
        while (run != null) {
            JobRun<?> below = run.nextOwned;
            link(run);
            run = below;
        }
    }

    private void link(JobRun<?> run) {
        JobRun<?> second = first;
        run.nextOwned = second;
        if (second != null) second.previousOwned = run;
        first = run;
        run.isOwned = true;
        count++;
    }

    private void unlink(JobRun<?> run) {
        JobRun<?> before = run.previousOwned;
        JobRun<?> behind = run.nextOwned;
        if (before == null) first = behind;
        else before.nextOwned = behind;
        if (behind != null) behind.previousOwned = before;
        run.previousOwned = null;
        run.nextOwned = null;
        run.isOwned = false;
        count--;
    }

    private List<JobRun<?>> copy(int limit) {
        var some = new ArrayList<JobRun<?>>(limit);
        for (JobRun<?> run = first; run != null && some.size() < limit; run = run.nextOwned) some.add(run);
        return some;
    }

    /** How many there are and which, for people. */
    @Override
    public String toString() {
        int all;
        List<JobRun<?>> named;
        lock.lock();
        try {
            takeArrived();
            all = count;
            named = copy(NAMED);
        } finally {
            lock.unlock();
        }
        var names = new ArrayList<String>(NAMED + 1);
        for (JobRun<?> run : named) names.add(Ids.nameOf(run.job().getClass()) + " " + run.id());
        if (all > NAMED) names.add("...");
        return all + (all == 1 ? " job" : " jobs") + (all == 0 ? "" : " (" + String.join(", ", names) + ")");
    }
}
