package dev.orchestrator.testkit;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
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
    private final ArrayDeque<Participant> ready = new ArrayDeque<>();
    private final Set<Task> alive = new LinkedHashSet<>();
    private final ArrayDeque<PoolThread> idleThreads = new ArrayDeque<>();
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
    }

    /** Picks who is next. There is always somebody: when nobody can go on, the test's thread decides what that means. */
    private Participant next() {
        lock.lock();
        try {
            turns.incrementAndGet();
            if (ready.isEmpty()) startDueTimers(); // what is due now needs no time
            if (!ready.isEmpty()) return nextIs(takeReady());
            test.foundIdle = true;
            return nextIs(test);
        } finally {
            lock.unlock();
        }
    }

    /** The caller holds the lock. */
    private Participant takeReady() {
        if (random == null) return ready.remove();
        Iterator<Participant> each = ready.iterator();
        for (int before = random.nextInt(ready.size()); before > 0; before--) each.next();
        Participant chosen = each.next();
        each.remove();
        return chosen;
    }

    /**
     * The caller holds the lock. From here on it does not wait: a thread that takes no part and completes its stage now
     * must not make it ready a second time.
     */
    private Participant nextIs(Participant next) {
        next.state = Participant.State.RUNNING;
        current = next;
        return next;
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
            while (!me.awaitTurn(Long.MAX_VALUE / 2)) if (me.isReleased()) throw ended();
            return;
        }
        boolean interrupted = false;
        long seen = turns.get();
        while (!me.awaitTurn(patience.toNanos())) {
            if (Thread.interrupted()) {
                interrupted = true;
                callBackTest();
            } else if (turns.get() == seen) throw stuck();
            seen = turns.get();
        }
        if (interrupted) Thread.currentThread().interrupt();
        throwIfBroken();
    }

    /** The test's thread was interrupted, by its time limit maybe: it goes on, even if the others never rest. */
    private void callBackTest() {
        lock.lock();
        try {
            if (test.state == Participant.State.WAITING || test.state == Participant.State.UNTIL_IDLE) makeReady(test);
        } finally {
            lock.unlock();
        }
    }

    /** For a task that waits on, deaf to its interrupt, in a world that is closed. */
    private static AssertionError ended() {
        return new AssertionError("the world of this test is closed; its tasks wait for nothing any more");
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
                    + " before it lets the world run" + adviceAbout(thread));
            if (thread != null) error.setStackTrace(thread.getStackTrace());
            broken = error;
            return error;
        } finally {
            lock.unlock();
        }
    }

    private static String adviceAbout(@Nullable Thread thread) {
        boolean isAtLock = thread != null
                && (thread.getState() == Thread.State.BLOCKED
                        || LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer);
        if (!isAtLock) return "";
        return ". It is at a lock: whoever has it may have given up its turn with the lock held, by waiting or, with a"
                + " seed, by emitting or dispatching. Call the framework with no lock held";
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
            next = broken == null ? next() : nextIs(test);
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
        if (closed && me instanceof Task) throw ended();
        if (me == null || closed) return Threads.standard().await(stage, limit);
        if (me.equals(test)) throwIfBroken();
        if (Thread.interrupted()) throw new InterruptedException();
        var future = stage.toCompletableFuture();
        long toWait = VirtualTime.nanosOf(limit);
        if (future.isDone() || toWait == 0) return future.isDone();
        long deadline = time.nanos() + toWait;
        CompletionStage<?> watched = future;
        var unused = watched.whenComplete((value, error) -> completed(me));
        while (!future.isDone()) {
            waitFor(me, future, deadline);
            boolean isOver = time.nanos() >= deadline;
            if (me.foundIdle) {
                me.foundIdle = false;
                if (!future.isDone() && !isOver && !letTimePass(deadline)) throw nothingHappens();
            } else if (me.equals(test)) {
                isOver = false; // not before everything has happened that is due at that moment
            }
            if (Thread.interrupted()) {
                if (!future.isDone()) throw new InterruptedException();
                Thread.currentThread().interrupt();
            }
            if (isOver) return future.isDone();
        }
        return true;
    }

    private void waitFor(Participant me, CompletableFuture<?> stage, long deadline) {
        lock.lock();
        try {
            me.foundIdle = false;
            // A thread that takes no part may have completed it, or interrupted the caller, since the caller looked;
            // from here on it finds one that waits.
            if (stage.isDone() || Thread.currentThread().isInterrupted()) return;
            me.deadline = deadline;
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
            startDueTimers();
            for (Task task : alive)
                if (task.state == Participant.State.WAITING && task.deadline <= moment) makeReady(task);
        } finally {
            lock.unlock();
        }
    }

    /** The caller holds the lock. */
    private void startDueTimers() {
        if (timersRun || time.nextDue().orElse(Long.MAX_VALUE) > time.nanos()) return;
        timersRun = true;
        add(new Task("the timer", this::runDue));
    }

    /**
     * Runs the timers that are due, one after the other, as on the one thread of all timers. Each is taken when it is its
     * turn, so that one which is taken back by another does not run.
     */
    private void runDue() {
        for (VirtualTime.Waiting next; (next = takeDue()) != null; ) next.task().run();
    }

    private VirtualTime.@Nullable Waiting takeDue() {
        lock.lock();
        try {
            VirtualTime.Waiting next = time.takeDue(time.nanos());
            timersRun = next != null;
            return next;
        } finally {
            lock.unlock();
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
        boolean interruptedBefore = Thread.interrupted(); // means something else
        try {
            test.foundIdle = false;
            while (!test.foundIdle) {
                lock.lock();
                try {
                    test.state = Participant.State.UNTIL_IDLE;
                } finally {
                    lock.unlock();
                }
                giveUpTurn(test);
                if (!test.foundIdle && Thread.currentThread().isInterrupted()) throw neverRests();
            }
            test.foundIdle = false;
        } finally {
            if (interruptedBefore) Thread.currentThread().interrupt();
        }
    }

    private AssertionError neverRests() {
        lock.lock();
        try {
            var error = new AssertionError("the test was interrupted while its world ran. After " + turns.get()
                    + " turns these have not ended: " + String.join("; ", inWords()));
            broken = error;
            return error;
        } finally {
            lock.unlock();
        }
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
            try {
                runUntilIdle();
            } finally {
                end();
            }
        } else end();
    }

    private void end() {
        List<Task> left;
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(alive);
            idleThreads.forEach(Thread::interrupt);
            idleThreads.clear();
        } finally {
            lock.unlock();
        }
        for (Task task : left) {
            task.release();
            interrupt(task); // one that is stuck in something that this world does not know
        }
    }

    private static void interrupt(Task task) {
        Thread thread = task.thread;
        if (thread != null) thread.interrupt();
    }
}
