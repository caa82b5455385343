package dev.orchestrator.testkit;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads that take turns: each task has a thread of its own, and only one of them runs at a time. So the same seed gives the
 * same order of everything.
 *
 * <p>Whoever has the turn gives it up when it ends, when it waits through {@link #await}, and, where interleavings are
 * explored, at points at which no lock of the framework is held. The thread of the test takes part: it has the turn while
 * the test's code runs. Time moves only when nobody can go on, and only if the test's thread lets it: by
 * {@link #advance}, or by waiting for something.
 *
 * <p>Why nothing runs at the same time: the turn is handed to one participant, by the one who has it, as the last thing it
 * does before it waits for its own. The lock guards the lists against threads that take no part.
 */
final class Scheduler implements Threads, VirtualTime.World {
    /** A preemption at one of so many points. */
    private static final int RARELY = 3;

    private final VirtualTime time;
    private final Duration patience;
    private final @Nullable SplittableRandom random; // null: in order of arrival; used by whoever has the turn
    private final Participant test = new Participant();

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final ArrayList<Participant> ready = new ArrayList<>();
    private final Set<Task> alive = new LinkedHashSet<>();
    private final ArrayDeque<PoolThread> idleThreads = new ArrayDeque<>();
    private final ArrayDeque<Runnable> due = new ArrayDeque<>();
    private Participant current = test;
    private boolean timersRun;

    // Written once, under lock; read by everybody.
    private volatile boolean closed;

    // Written by whoever has the turn, read by the test's thread when it is out of patience.
    private final AtomicLong turns = new AtomicLong();

    private @Nullable Throwable broken; // what a task threw, or why nothing can go on; guarded by lock

    Scheduler(long seed, Duration patience) {
        this.time = new VirtualTime(seed, this);
        this.patience = patience;
        this.random = seed == 0 ? null : new SplittableRandom(seed);
        test.thread = Thread.currentThread();
        test.state = Participant.State.RUNNING;
    }

    VirtualTime time() {
        return time;
    }

    boolean isClosed() {
        return closed;
    }

    // ---- tasks ----

    @Override
    public void start(Role role, String name, Runnable body) {
        lock.lock();
        try {
            if (!closed) add(Task.of(role, name, body));
        } finally {
            lock.unlock();
        }
        if (closed) Threads.standard().start(role, name, body); // what is told after the end of the world
        else interleave();
    }

    private void add(Task task) {
        alive.add(task);
        ready.add(task);
    }

    /** Here somebody else may go first, where interleavings are explored. Not under a lock of anybody's. */
    void interleave() {
        if (random == null) return;
        Participant me = participant();
        if (me == null) return;
        lock.lock();
        try {
            if (!current.equals(me) || ready.isEmpty() || random.nextInt(RARELY) != 0) return;
            me.state = Participant.State.READY;
            ready.add(me);
        } finally {
            lock.unlock();
        }
        giveUpTurn(me);
    }

    /** Who the calling thread is here; null for a thread that takes no part. */
    private @Nullable Participant participant() {
        Thread thread = Thread.currentThread();
        if (thread instanceof PoolThread mine && mine.scheduler == this) return mine.task;
        return thread == test.thread ? test : null;
    }

    // ---- turns ----

    /** Hands the turn to whoever is next, and returns when it is this one's again. */
    private void giveUpTurn(Participant me) {
        Participant next = next();
        if (!next.equals(me)) {
            hand(next);
            awaitTurn(me);
        }
        me.state = Participant.State.RUNNING;
    }

    /** Picks who is next. There is always somebody: when nobody can go on, the test's thread decides what that means. */
    private Participant next() {
        lock.lock();
        try {
            turns.incrementAndGet();
            if (ready.isEmpty()) {
                test.foundIdle = true;
                current = test;
                return test;
            }
            int which = random == null ? 0 : random.nextInt(ready.size());
            current = ready.remove(which);
            return current;
        } finally {
            lock.unlock();
        }
    }

    private void hand(Participant next) {
        lock.lock();
        try {
            if (next.thread == null && next instanceof Task task) {
                PoolThread thread = idleThreads.poll();
                if (thread == null) {
                    thread = new PoolThread(this);
                    thread.task = task;
                    task.thread = thread;
                    thread.start();
                } else {
                    thread.task = task;
                    task.thread = thread;
                }
            }
        } finally {
            lock.unlock();
        }
        next.giveTurn();
    }

    private void awaitTurn(Participant me) {
        if (!me.equals(test)) {
            while (!me.awaitTurn(Long.MAX_VALUE / 2)) {}
            return;
        }
        long seen = turns.get();
        while (!me.awaitTurn(patience.toNanos())) {
            if (turns.get() == seen) throw stuck();
            seen = turns.get();
        }
        throwIfBroken();
    }

    private AssertionError stuck() {
        lock.lock();
        try {
            Participant holder = current;
            Thread thread = holder.thread;
            String at = thread == null ? "" : ", at " + CallSite.ofUser(thread);
            var error = new AssertionError(holder + " has not come to an end for " + patience + at
                    + ": it waits for something that this world does not know, or computes. Code that waits in a test"
                    + " waits through the framework (await, awaitIdle, run) or for something that the test releases"
                    + " before it lets the world run");
            if (thread != null) error.setStackTrace(thread.getStackTrace());
            broken = error;
            return error;
        } finally {
            lock.unlock();
        }
    }

    private void throwIfBroken() {
        Throwable why;
        lock.lock();
        try {
            why = broken;
        } finally {
            lock.unlock();
        }
        if (why != null) throw new AssertionError("this world is broken: " + why.getMessage(), why);
    }

    /** The task of this thread is over; gives the next task that can begin on it at once, null if the turn went elsewhere. */
    @Nullable
    Task taskIsOver(PoolThread thread, Task task, @Nullable Throwable thrown) {
        Participant next;
        lock.lock();
        try {
            alive.remove(task);
            task.state = Participant.State.OVER;
            if (thrown != null && broken == null) broken = thrown;
            next = broken == null ? next() : test;
            if (next instanceof Task fresh && fresh.thread == null) {
                fresh.thread = thread;
                thread.task = fresh;
                return fresh;
            }
            thread.task = null;
            if (!closed) idleThreads.push(thread);
        } finally {
            lock.unlock();
        }
        hand(next);
        return null;
    }

    /** A thread of the pool has had nothing to do for long; false if it has just been given something. */
    boolean retire(PoolThread thread) {
        lock.lock();
        try {
            return idleThreads.remove(thread) || thread.task == null;
        } finally {
            lock.unlock();
        }
    }

    /** A thread was interrupted: if it waits, it can go on. */
    void interrupted(PoolThread thread) {
        lock.lock();
        try {
            Task task = thread.task;
            if (task != null && task.state == Participant.State.WAITING) makeReady(task);
        } finally {
            lock.unlock();
        }
    }

    /** The caller holds the lock. */
    private void makeReady(Participant who) {
        who.state = Participant.State.READY;
        ready.add(who);
    }

    // ---- waiting ----

    @Override
    public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
        Participant me = participant();
        if (me == null || closed) return Threads.standard().await(stage, limit);
        if (me.equals(test)) throwIfBroken();
        if (Thread.interrupted()) throw new InterruptedException();
        var future = stage.toCompletableFuture();
        long toWait = VirtualTime.nanosOf(limit);
        long deadline = time.nanos() + toWait;
        if (!future.isDone() && toWait > 0) {
            CompletionStage<?> watched = future;
            var unused = watched.whenComplete((value, error) -> completed(me));
        }
        while (!future.isDone()) {
            if (time.nanos() >= deadline) return false;
            waitFor(me, deadline);
            if (me.foundIdle) {
                me.foundIdle = false;
                if (!future.isDone() && !letTimePass(deadline)) throw nothingHappens();
            }
            if (Thread.interrupted()) {
                if (!future.isDone()) throw new InterruptedException();
                Thread.currentThread().interrupt();
            }
        }
        return true;
    }

    private void waitFor(Participant me, long deadline) {
        lock.lock();
        try {
            me.deadline = deadline;
            me.foundIdle = false;
            me.state = Participant.State.WAITING;
        } finally {
            lock.unlock();
        }
        giveUpTurn(me);
        me.deadline = Long.MAX_VALUE;
    }

    private void completed(Participant who) {
        lock.lock();
        try {
            if (who.state == Participant.State.WAITING) makeReady(who);
        } finally {
            lock.unlock();
        }
    }

    private AssertionError nothingHappens() {
        return new AssertionError("the test waits, and nothing can happen any more: no task can go on and no timer is"
                + " set. What waits: " + (inWords().isEmpty() ? "nobody" : String.join("; ", inWords())));
    }

    // ---- time ----

    /** Nobody can go on: moves the clock to the next moment at which somebody can; false if there is none. */
    private boolean letTimePass(long until) {
        long next = nextMoment();
        if (next > until) next = until;
        if (VirtualTime.isForEver(next)) return false;
        passTo(next);
        return true;
    }

    private long nextMoment() {
        OptionalLong timer = time.nextDue();
        long next = timer.orElse(Long.MAX_VALUE);
        lock.lock();
        try {
            for (Task task : alive) if (task.state == Participant.State.WAITING) next = Math.min(next, task.deadline);
        } finally {
            lock.unlock();
        }
        return next;
    }

    private void passTo(long moment) {
        time.moveTo(moment);
        lock.lock();
        try {
            for (VirtualTime.Waiting timer; (timer = time.takeDue(moment)) != null; ) due.add(timer.task());
            if (!due.isEmpty() && !timersRun) {
                timersRun = true;
                add(new Task("the timer", this::runDue));
            }
            for (Task task : alive)
                if (task.state == Participant.State.WAITING && task.deadline <= moment) makeReady(task);
        } finally {
            lock.unlock();
        }
    }

    /** The timers that are due, one after the other, as on the one thread of all timers. */
    private void runDue() {
        while (true) {
            Runnable next;
            lock.lock();
            try {
                next = due.poll();
                if (next == null) {
                    timersRun = false;
                    return;
                }
            } finally {
                lock.unlock();
            }
            next.run();
        }
    }

    // ---- what the test does ----

    private void checkThread() {
        throwIfBroken();
        Thread thread = Thread.currentThread();
        if (thread instanceof PoolThread)
            throw new IllegalStateException(
                    "the world runs already: only the test's own thread lets it run, not the code that it runs");
        if (test.state == Participant.State.RUNNING) test.thread = thread;
        else throw new IllegalStateException("another thread lets this world run at this moment");
    }

    void runUntilIdle() {
        checkThread();
        test.foundIdle = false;
        while (!test.foundIdle) {
            lock.lock();
            try {
                test.state = Participant.State.UNTIL_IDLE;
            } finally {
                lock.unlock();
            }
            giveUpTurn(test);
        }
        test.foundIdle = false;
    }

    @Override
    public void advance(Duration by) {
        checkThread();
        long until = time.nanos() + VirtualTime.nanosOf(by);
        runUntilIdle();
        for (long next; (next = nextMoment()) <= until; ) {
            passTo(next);
            runUntilIdle();
        }
        time.moveTo(until);
    }

    /** Lets time pass until something happens; false if nothing will. */
    boolean advanceToNextTimer() {
        runUntilIdle();
        long next = nextMoment();
        if (VirtualTime.isForEver(next)) return false;
        passTo(next);
        runUntilIdle();
        return true;
    }

    /** The tasks that have not ended, in words. */
    List<String> inWords() {
        lock.lock();
        try {
            return alive.stream().map(Task::inWords).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Ends what can be ended; afterwards nothing takes turns any more. */
    void close() {
        boolean works;
        List<Task> left;
        lock.lock();
        try {
            works = broken == null;
            left = List.copyOf(alive);
        } finally {
            lock.unlock();
        }
        if (works) {
            for (Task task : left) interrupt(task);
            runUntilIdle();
        }
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(alive);
            idleThreads.forEach(Thread::interrupt);
            idleThreads.clear();
        } finally {
            lock.unlock();
        }
        for (Task task : left) interrupt(task); // one that is stuck in something that this world does not know
    }

    private static void interrupt(Task task) {
        Thread thread = task.thread;
        if (thread != null) thread.interrupt();
    }
}
