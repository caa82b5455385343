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
    private static final VarHandle NEXT;

    static {
        try {
            var lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(Mailbox.class, "tail", Node.class);
            NEXT = lookup.findVarHandle(Node.class, "next", Node.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final class Node {
        private @Nullable Object value;

        // Written once by the writer behind, read by the reader. Release and acquire are enough: they publish the value
        // of that node, and nothing else is read through it.
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
        NEXT.setRelease(before, node);
    }

    /** What comes next, left where it is; null if there is nothing. The reader only. */
    @SuppressWarnings("unchecked")
    @Nullable
    T peek() {
        Node first = (Node) NEXT.getAcquire(head);
        return first == null ? null : (T) first.value;
    }

    /** Takes out what {@link #peek} showed. The reader only. */
    void drop() {
        Node first = (Node) NEXT.getAcquire(head);
        if (first == null) throw new AssertionError("there is nothing to drop");
        first.value = null; // the node stays as the new head, its value must not (P10)
        head = first;
    }

    /** Takes out everything. The reader only. */
    void clear() {
        while (peek() != null) drop();
    }
}
