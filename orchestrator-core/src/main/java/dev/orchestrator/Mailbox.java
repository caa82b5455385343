package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The only queue: many writers, one reader at a time, in the order of arrival.
 *
 * <p>A linked list after Vyukov: a writer swaps the tail, which is the one point of order, and then links the node behind
 * its predecessor. Between the two the reader sees the end of the list there; it then leaves, and the writer, who wakes
 * the reader after linking, brings it back. Proof: MailboxTest.
 *
 * @param <T> what is queued
 */
final class Mailbox<T> {
    private static final VarHandle TAIL;

    static {
        try {
            TAIL = MethodHandles.lookup().findVarHandle(Mailbox.class, "tail", Node.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final class Node {
        private @Nullable Object value;

        // Written once by the writer behind, read by the reader, both as volatile: the writer then looks whether a
        // turn is queued, and a turn that ends first says so and then looks here. With release and acquire alone each
        // could miss the other, and what was added would wait for ever. Proof: LaneTest.
        private volatile @Nullable Node next;

        Node(@Nullable Object value) {
            this.value = value;
        }
    }

    // Read and written by the reader only. The lane that reads hands it from turn to turn through its own state.
    private Node head = new Node(null);

    // Swapped by writers.
    private volatile Node tail = head;

    /** Puts it in; any thread. */
    void add(T value) {
        var node = new Node(value);
        Node before = (Node) TAIL.getAndSet(this, node);
        before.next = node;
    }

    /** What comes next, left where it is; null if there is nothing. The reader only. */
    @SuppressWarnings("unchecked")
    @Nullable
    T peek() {
        Node first = head.next;
        return first == null ? null : (T) first.value;
    }

    /** Takes out what {@link #peek} showed. The reader only. */
    void drop() {
        Node first = head.next;
        if (first == null) throw new AssertionError("there is nothing to drop");
        first.value = null; // the node stays as the new head, its value must not (P10)
        head = first;
    }

    /** Takes out everything. The reader only. */
    void clear() {
        while (peek() != null) drop();
    }
}
