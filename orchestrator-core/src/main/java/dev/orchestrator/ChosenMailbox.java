package dev.orchestrator;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox whose rule may be chosen as long as the lane has not begun to take things out.
 *
 * <p>Until then writers put things in under the lock, and choosing moves what waits into another mailbox under the same
 * lock; so nothing is lost and all keeps its order. Once the mailbox is fixed nobody takes the lock any more: a writer who
 * still found it open puts his thing, a moment later, into the same mailbox as the others.
 */
final class ChosenMailbox implements BoundedMailbox {
    private final ReentrantLock lock = new ReentrantLock();

    // Each written under the lock while not fixed; read by everybody. Who sees fixed sees the last of the others.
    private volatile BoundedMailbox current;
    private volatile OverflowRule rule;
    private volatile boolean fixed;

    ChosenMailbox(OverflowRule rule) {
        this.rule = rule;
        this.current = rule.newMailbox();
    }

    OverflowRule rule() {
        return rule;
    }

    /** Chooses a rule; false if it is too late. */
    boolean choose(OverflowRule other) {
        lock.lock();
        try {
            if (fixed) return false;
            BoundedMailbox chosen = other.newMailbox();
            current.moveTo(chosen);
            rule = other;
            current = chosen;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The lane begins: from now on the mailbox stays. */
    void fix() {
        lock.lock();
        try {
            fixed = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void add(Object thing) {
        if (fixed) {
            current.add(thing);
            return;
        }
        lock.lock();
        try {
            current.add(thing);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean offer(Envelope envelope) {
        if (fixed) return current.offer(envelope);
        lock.lock();
        try {
            return current.offer(envelope);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Object poll() {
        return current.poll();
    }

    @Override
    public boolean hasReady() {
        return current.hasReady();
    }

    @Override
    public void moveTo(@Nullable BoundedMailbox other) {
        current.moveTo(other);
    }

    @Override
    public @Nullable Room room() {
        return current.room();
    }
}
