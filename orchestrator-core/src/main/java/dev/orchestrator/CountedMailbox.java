package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/** A mailbox that counts the events in it: for the rules block, where emitters ask for room before, and fail. */
final class CountedMailbox implements BoundedMailbox {
    private final Mailbox<Object> queue = new Mailbox<>();
    private final Room room;
    private final boolean fails;

    CountedMailbox(int capacity, boolean fails) {
        this.room = new Room(capacity);
        this.fails = fails;
    }

    @Override
    public void add(Object thing) {
        if (BoundedMailbox.isBounded(thing)) room.enter();
        queue.add(thing);
    }

    @Override
    public boolean offer(Envelope envelope) {
        if (!fails || !BoundedMailbox.isBounded(envelope)) {
            add(envelope);
            return true;
        }
        if (!room.tryEnter()) return false;
        queue.add(envelope);
        return true;
    }

    @Override
    public @Nullable Object poll() {
        return hasReady() ? take() : null;
    }

    @Override
    public boolean hasReady() {
        return BoundedMailbox.isReady(queue.peek());
    }

    private @Nullable Object take() {
        Object next = queue.peek();
        if (next == null) return null;
        queue.drop();
        if (BoundedMailbox.isBounded(next)) room.leave();
        return next;
    }

    @Override
    public void moveTo(@Nullable BoundedMailbox other) {
        for (Object thing; (thing = take()) != null; ) if (other != null) other.add(thing);
    }

    @Override
    public @Nullable Room room() {
        return fails ? null : room;
    }
}
