package dev.orchestrator.spi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Timers in the order in which they are due, for one thread that runs them.
 *
 * <p>Most timers are time limits, and most of those are taken back long before they are due. So whoever makes one only puts
 * it on a stack, and whoever takes one back only empties it: nobody waits for anybody. The thread sorts in what is still
 * wanted when it looks next, which is at the latest when {@value #MANY} more have come; the rest is garbage by then. The idea
 * of deferring the work until most of it is not needed any more is that of the timer lists in Linux.
 *
 * <p>Times are nanoseconds since the queue was made.
 */
final class TimerQueue {
    static final int MANY = 1024;

    /** The thread is up, and looks for new timers before it sleeps. */
    private static final long AWAKE = 0;

    private static final VarHandle NEWEST;
    private static final VarHandle SLEEPS_UNTIL;
    private static final VarHandle GONE;
    private static final VarHandle TASK;

    static {
        try {
            var lookup = MethodHandles.lookup();
            NEWEST = lookup.findVarHandle(TimerQueue.class, "newest", Entry.class);
            SLEEPS_UNTIL = lookup.findVarHandle(TimerQueue.class, "sleepsUntil", long.class);
            GONE = lookup.findVarHandle(TimerQueue.class, "gone", int.class);
            TASK = lookup.findVarHandle(Entry.class, "task", Runnable.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** One timer. */
    static final class Entry implements Time.Timer, Comparable<Entry> {
        private final TimerQueue queue;
        private final long due;

        // Taken by getAndSet, by whoever runs the task or takes it back: so one of them has it.
        private volatile @Nullable Runnable task;

        // Written by the thread, which then looks at the task; whoever takes that looks here afterwards. So at least
        // one of the two counts it as gone.
        private volatile boolean isSorted;

        // Written by whoever makes the timer, before the compareAndSet that publishes it.
        private @Nullable Entry older;
        private int depth;

        private long number; // of those that are due at the same time the first one goes first; the thread only

        private Entry(TimerQueue queue, long due, Runnable task) {
            this.queue = queue;
            this.due = due;
            this.task = task;
        }

        @Nullable
        Runnable take() {
            return (Runnable) TASK.getAndSet(this, (Runnable) null);
        }

        boolean isWanted() {
            return task != null;
        }

        @Override
        public void cancel() {
            if (take() != null && isSorted) queue.noteGone();
        }

        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final Runnable wake;

    // A stack, linked by older. Pushed by compareAndSet by whoever makes a timer; taken as a whole by the thread.
    private volatile @Nullable Entry newest;

    // Until when the thread sleeps if nobody wakes it. Written by the thread before it looks at the stack for the
    // last time, and to AWAKE by compareAndSet by whoever has put a timer there before and wakes it. So at least one
    // of the two sees the other: no timer waits for a thread that sleeps longer.
    private volatile long sleepsUntil = AWAKE;

    private volatile int gone; // how many in the order were taken back, at most
    private volatile int goneLimit = MANY; // with so many they are dropped; written by the thread

    // The thread's own.
    private final PriorityQueue<Entry> order = new PriorityQueue<>();
    private @Nullable Entry unsorted;
    private long numbers;

    /**
     * Makes an empty queue.
     *
     * @param wake ends the sleep of the thread, or the next one; called by whoever makes or takes back a timer
     */
    TimerQueue(Runnable wake) {
        this.wake = wake;
    }

    // ---- any thread ----

    Entry add(long due, Runnable task) {
        var entry = new Entry(this, due, task);
        Entry top;
        do {
            top = newest;
            entry.older = top;
            entry.depth = top == null ? 1 : top.depth + 1;
        } while (!NEWEST.compareAndSet(this, top, entry));
        if (due < sleepsUntil || entry.depth == MANY) wakeUp();
        return entry;
    }

    private void noteGone() {
        if ((int) GONE.getAndAdd(this, 1) == goneLimit) wakeUp();
    }

    private void wakeUp() {
        long until = sleepsUntil;
        if (until != AWAKE && SLEEPS_UNTIL.compareAndSet(this, until, AWAKE)) wake.run();
    }

    // ---- the thread ----

    /** The next task that is due; null if none is. */
    @Nullable
    Runnable nextDue(long now) {
        sortIn();
        for (Entry first; (first = order.peek()) != null && first.due <= now; ) {
            order.remove();
            Runnable task = first.take();
            if (task != null) return task;
        }
        return null;
    }

    /**
     * Says that the thread is about to sleep.
     *
     * @return until when it may; {@code AWAKE}, which is past, if it has to look again
     */
    long beginSleep() {
        Entry first = order.peek();
        long until = first == null ? Long.MAX_VALUE : first.due;
        sleepsUntil = until;
        if (newest == null && gone <= goneLimit) return until;
        sleepsUntil = AWAKE;
        return AWAKE;
    }

    void endSleep() {
        sleepsUntil = AWAKE;
    }

    private void sortIn() {
        Entry entry = unsorted;
        if (entry == null && newest != null) entry = oldestFirst((Entry) NEWEST.getAndSet(this, (Entry) null));
        // One after the other, so that none is lost where there is no memory for the order.
        while (entry != null) {
            unsorted = entry;
            if (entry.isWanted()) sortIn(entry);
            Entry next = entry.older;
            entry.older = null;
            entry = next;
        }
        unsorted = null;
        if (gone > goneLimit) dropGone();
    }

    private static @Nullable Entry oldestFirst(@Nullable Entry stack) {
        Entry reversed = null;
        for (Entry entry = stack; entry != null; ) {
            Entry next = entry.older;
            entry.older = reversed;
            reversed = entry;
            entry = next;
        }
        return reversed;
    }

    private void sortIn(Entry entry) {
        entry.number = numbers++;
        order.add(entry);
        entry.isSorted = true;
        if (!entry.isWanted()) noteGone();
    }

    private void dropGone() {
        gone = 0;
        order.removeIf(entry -> !entry.isWanted());
        goneLimit = Math.max(MANY, order.size() / 2);
    }

    /** How many timers are kept, those that were taken back included. */
    int size() {
        sortIn();
        return order.size();
    }
}
