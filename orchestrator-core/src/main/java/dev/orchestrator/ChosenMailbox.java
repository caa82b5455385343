package dev.orchestrator;

import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox whose rule may be chosen as long as the lane has not begun to take things out.
 *
 * <p>Choosing puts another mailbox in its place and moves over what waited; who comes meanwhile waits for that. A writer
 * who has just put something into the old one looks afterwards whether it still stands, and if not, moves over what he
 * left there. So nothing is lost, and what one thread puts in keeps its order. Proof: MailboxBoundsTest.
 */
final class ChosenMailbox implements BoundedMailbox {
    /** One for all, since it is taken once or twice in the life of an orchestrator. Holds the one reader of what is moved. */
    private static final ReentrantLock MOVING = new ReentrantLock();

    // Written under MOVING while not fixed, null while things are moved; read by everybody. Volatile, so that a writer,
    // who looks after he has put something in, sees that, or is seen by the one who moves.
    private volatile @Nullable BoundedMailbox current;

    private volatile OverflowRule rule; // as above

    private boolean fixed; // guarded by MOVING

    ChosenMailbox(OverflowRule rule) {
        this.rule = rule;
        this.current = rule.newMailbox();
    }

    OverflowRule rule() {
        return rule;
    }

    /** Chooses a rule; false if it is too late. */
    boolean choose(OverflowRule other) {
        MOVING.lock();
        try {
            if (fixed) return false;
            BoundedMailbox before = current();
            BoundedMailbox chosen = other.newMailbox();
            rule = other;
            current = null;
            before.moveTo(chosen);
            current = chosen;
            return true;
        } finally {
            MOVING.unlock();
        }
    }

    /** The lane begins: from now on the mailbox stays. */
    void fix() {
        MOVING.lock();
        try {
            fixed = true;
        } finally {
            MOVING.unlock();
        }
    }

    private BoundedMailbox current() {
        BoundedMailbox now = current;
        return now != null ? now : afterMoving();
    }

    private BoundedMailbox afterMoving() {
        MOVING.lock();
        try {
            return Objects.requireNonNull(current);
        } finally {
            MOVING.unlock();
        }
    }

    @Override
    public void add(Object thing) {
        BoundedMailbox mine = current();
        mine.add(thing);
        moveOverIfReplaced(mine);
    }

    @Override
    public boolean offer(Envelope envelope) {
        BoundedMailbox mine = current();
        boolean taken = mine.offer(envelope);
        moveOverIfReplaced(mine);
        return taken;
    }

    @SuppressWarnings("ReferenceEquality") // the very same one is meant
    private void moveOverIfReplaced(BoundedMailbox mine) {
        if (mine != current) moveOver(mine);
    }

    private void moveOver(BoundedMailbox old) {
        MOVING.lock();
        try {
            old.moveTo(current());
        } finally {
            MOVING.unlock();
        }
    }

    @Override
    public @Nullable Object poll() {
        return current().poll();
    }

    @Override
    public boolean hasReady() {
        return current().hasReady();
    }

    @Override
    public void moveTo(@Nullable BoundedMailbox other) {
        current().moveTo(other);
    }

    @Override
    public @Nullable Room room() {
        return current().room();
    }
}
