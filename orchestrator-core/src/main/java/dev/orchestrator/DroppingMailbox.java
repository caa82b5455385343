package dev.orchestrator;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox that keeps the newest events: for the rules drop oldest and keep latest.
 *
 * <p>A writer takes the oldest event out before it puts a new one in, so no more than the bound are held, however long the
 * lane is stuck. For that it needs a lock, since it reads where the lane reads.
 */
final class DroppingMailbox implements BoundedMailbox {
    private record Entry(long order, Object thing) {}

    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();

    // All guarded by lock, which also makes its holder the one reader of both queues. What waits is the two queues
    // together, in the order of the numbers.
    private final Mailbox<Entry> always = new Mailbox<>();
    private final Mailbox<Entry> events = new Mailbox<>();
    private int eventCount;
    private long lastOrder;

    DroppingMailbox(int capacity) {
        this.capacity = capacity;
    }

    @Override
    public void add(Object thing) {
        lock.lock();
        try {
            var entry = new Entry(++lastOrder, thing);
            if (!BoundedMailbox.isBounded(thing)) {
                always.add(entry);
                return;
            }
            if (eventCount == capacity) events.drop();
            else eventCount++;
            events.add(entry);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Object poll() {
        lock.lock();
        try {
            return BoundedMailbox.isReady(first()) ? take() : null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean hasReady() {
        lock.lock();
        try {
            return BoundedMailbox.isReady(first());
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Object first() {
        Entry event = events.peek();
        Entry other = always.peek();
        Entry first = event == null || (other != null && other.order < event.order) ? other : event;
        return first == null ? null : first.thing;
    }

    private @Nullable Object take() {
        Object first = first();
        if (first == null) return null;
        if (BoundedMailbox.isBounded(first)) {
            events.drop();
            eventCount--;
        } else {
            always.drop();
        }
        return first;
    }

    @Override
    public void moveTo(@Nullable BoundedMailbox other) {
        lock.lock();
        try {
            for (Object thing; (thing = take()) != null; ) if (other != null) other.add(thing);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Room room() {
        return null;
    }
}
