package dev.orchestrator;

import java.util.Objects;

/**
 * What happens to an event for which a mailbox has no room (P11).
 *
 * <p>Every orchestrator and every asynchronous subscriber has a mailbox with such a rule. It bounds the events that wait
 * there, not those that are just being handled. Two kinds are always accepted, count for no bound and are never dropped,
 * whatever the rule: the events of an orchestrator's own jobs, and every {@link TerminalEvent}.
 *
 * <p>A rule is an immutable value; two are equal if they say the same.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="overflow"}
 *
 * @see BaseOrchestrator#mailbox
 * @see BaseOrchestrator#keepEffects
 * @see SignalBus#subscribeAsync(Class, java.util.function.Consumer, OverflowRule)
 */
public final class OverflowRule {
    private enum Kind {
        BLOCK("block"),
        DROP_OLDEST("dropOldest"),
        KEEP_LATEST("keepLatest"),
        FAIL("fail");

        final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /** What can be done about a mailbox that is full. */
    static final String REMEDY = "emit less, handle faster, or choose another rule or bound";

    private final Kind kind;
    private final int capacity;

    private OverflowRule(Kind kind, int capacity) {
        this.kind = kind;
        this.capacity = capacity;
    }

    private static OverflowRule of(Kind kind, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("the capacity of a mailbox must be at least 1, was " + capacity
                    + "; to keep nothing but the newest event use keepLatest()");
        }
        return new OverflowRule(kind, capacity);
    }

    /**
     * The emitter waits until there is room, before anybody gets the event.
     *
     * <p>A thread that is running a handler never waits, nor does anybody for an orchestrator that has not begun: there
     * {@code emit} throws an {@link IllegalStateException} that names the full mailbox, and nobody gets the event. What a
     * handler emits while there is room is accepted, even if there is none left when its delivery begins; and of threads
     * that emit at the same moment each may find the last place free. What a run tells by itself, such as that it has
     * started, is accepted too, since nobody is there who could wait.
     *
     * @param capacity how many events may wait
     * @throws IllegalArgumentException if {@code capacity} is less than 1
     */
    public static OverflowRule block(int capacity) {
        return of(Kind.BLOCK, capacity);
    }

    /**
     * The oldest waiting event is dropped; the order of the others stays.
     *
     * @param capacity how many events may wait
     * @throws IllegalArgumentException if {@code capacity} is less than 1
     */
    public static OverflowRule dropOldest(int capacity) {
        return of(Kind.DROP_OLDEST, capacity);
    }

    /** The newest event takes the place of the one that waits. */
    public static OverflowRule keepLatest() {
        return of(Kind.KEEP_LATEST, 1);
    }

    /**
     * The newest event is dropped, and whoever emitted it is told; all others get it.
     *
     * <p>{@link SignalBus#emit} throws an {@link IllegalStateException} after it has delivered the event to the others. An
     * event that a job emits, or that was emitted inside a handler, is told to the error handler instead: no job and no
     * handler fails for it.
     *
     * @param capacity how many events may wait
     * @throws IllegalArgumentException if {@code capacity} is less than 1
     */
    public static OverflowRule fail(int capacity) {
        return of(Kind.FAIL, capacity);
    }

    int capacity() {
        return capacity;
    }

    boolean blocks() {
        return kind == Kind.BLOCK;
    }

    boolean fails() {
        return kind == Kind.FAIL;
    }

    BoundedMailbox newMailbox() {
        return switch (kind) {
            case BLOCK -> new CountedMailbox(capacity, false);
            case FAIL -> new CountedMailbox(capacity, true);
            case DROP_OLDEST, KEEP_LATEST -> new DroppingMailbox(capacity);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OverflowRule rule && kind == rule.kind && capacity == rule.capacity;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, capacity);
    }

    /** As it is written in code, such as {@code block(1024)}. */
    @Override
    public String toString() {
        return kind.text + "(" + (kind == Kind.KEEP_LATEST ? "" : capacity) + ")";
    }
}
