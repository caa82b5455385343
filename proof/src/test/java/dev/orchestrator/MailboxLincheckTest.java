package dev.orchestrator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** P3, P11: what is put into a mailbox comes out once, in order of arrival, and a lane never forgets it there. */
class MailboxLincheckTest {
    @Test
    void a_writer_and_a_reader_share_a_queue() {
        Checks.hold(OneWriter.class, Queue.class);
    }

    /** Why a lane is woken after each writing: between the swap and the link of one writer the other's is not seen. */
    @Test
    void with_two_writers_the_mailbox_alone_is_no_queue() {
        Checks.findOut(TwoWriters.class, Queue.class);
    }

    @Test
    void a_mailbox_and_its_lane_forget_nothing_and_run_one_at_a_time() {
        Checks.hold(LaneOfMailbox.class, Nothing.class);
    }

    @Test
    void a_mailbox_whose_writers_read_the_tail_and_then_write_it_is_found_out() {
        Checks.findOut(LaneOfLosingMailbox.class, Nothing.class);
    }

    @Test
    void a_lane_that_looks_for_work_before_it_says_that_its_turn_is_over_is_found_out() {
        Checks.findOut(LaneThatLooksTooEarly.class, Nothing.class);
    }

    @Test
    void a_lane_that_looks_whether_a_turn_is_queued_and_then_queues_one_is_found_out() {
        Checks.findOut(LaneThatQueuesTwice.class, Nothing.class);
    }

    @Test
    void a_mailbox_that_drops_keeps_the_newest() {
        Checks.hold(Dropping.class, TheNewest.class);
    }

    @Test
    void a_mailbox_that_drops_and_then_adds_is_found_out() {
        Checks.findOut(DropThenAdd.class, TheNewest.class);
    }

    // ---- as a queue ----

    /** The mailbox as it is, with one writer. */
    public static class OneWriter {
        private final Mailbox<Integer> mailbox = new Mailbox<>();

        @Operation(nonParallelGroup = "writer")
        public void put(int thing) {
            mailbox.add(thing);
        }

        @Operation(nonParallelGroup = "reader")
        public @Nullable Integer take() {
            Integer next = mailbox.peek();
            if (next != null) mailbox.drop();
            return next;
        }
    }

    /** The same with any number of writers, of which the reader is one. */
    public static class TwoWriters {
        private final OneWriter mailbox = new OneWriter();

        @Operation
        public void put(int thing) {
            mailbox.put(thing);
        }

        @Operation(nonParallelGroup = "reader")
        public @Nullable Integer take() {
            return mailbox.take();
        }
    }

    /** What a queue promises, for one thread. */
    public static class Queue {
        private final ArrayDeque<Integer> things = new ArrayDeque<>();

        public void put(int thing) {
            things.add(thing);
        }

        public @Nullable Integer take() {
            return things.poll();
        }
    }

    // ---- with a lane ----

    /** Two threads put things in, each its own numbers upwards; the turns of the lane run on whichever of them. */
    public abstract static class TwoThreadsAndALane implements Lane.Work {
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger lastOfLeft = new AtomicInteger();
        private final AtomicInteger lastOfRight = new AtomicInteger();
        private final List<Integer> handled = new ArrayList<>(); // by one thread at a time, so a plain list is enough
        private volatile boolean overlapped;

        abstract void add(int thing);

        abstract @Nullable Integer take();

        abstract void wake();

        @Operation(nonParallelGroup = "left")
        public void putLeft() {
            add(lastOfLeft.incrementAndGet());
            wake();
        }

        @Operation(nonParallelGroup = "right")
        public void putRight() {
            add(-lastOfRight.incrementAndGet());
            wake();
        }

        @Override
        public boolean doOne() {
            if (inside.incrementAndGet() != 1) overlapped = true;
            Integer next = take();
            if (next != null) handled.add(next);
            inside.decrementAndGet();
            return next != null;
        }

        @Override
        public void ranDry() {}

        @Validate
        public void everythingWasHandledOnceInOrderByOneThreadAtATime() {
            if (overlapped) throw new IllegalStateException("two at once");
            var left = handled.stream().filter(thing -> thing > 0).toList();
            var right = handled.stream().filter(thing -> thing < 0).toList();
            boolean all = left.size() == lastOfLeft.get() && right.size() == lastOfRight.get();
            if (!all || !isInOrder(left) || !isInOrder(right)) throw new IllegalStateException("handled " + handled);
        }

        private static boolean isInOrder(List<Integer> numbers) {
            for (int i = 0; i < numbers.size(); i++) if (Math.abs(numbers.get(i)) != i + 1) return false;
            return true;
        }
    }

    /** The mailbox and the lane as they are; a turn runs on the thread that queues it. */
    public static class LaneOfMailbox extends TwoThreadsAndALane {
        private static final Scope SCOPE = SignalBus.scoped().scope();

        private final Mailbox<Integer> mailbox = new Mailbox<>();
        private final Lane lane = new Lane(Runnable::run, SCOPE, this, rejected -> {});

        /** Makes it, open. */
        public LaneOfMailbox() {
            lane.open();
        }

        @Override
        void add(int thing) {
            mailbox.add(thing);
        }

        @Override
        public boolean hasMore() {
            return mailbox.peek() != null;
        }

        @Override
        @Nullable
        Integer take() {
            Integer next = mailbox.peek();
            if (next != null) mailbox.drop();
            return next;
        }

        @Override
        void wake() {
            lane.wake();
        }
    }

    /** The first twin: the point of order is two steps. */
    public static class LaneOfLosingMailbox extends TwoThreadsAndALane {
        private static final class Node {
            private final int thing;
            private volatile @Nullable Node next;

            Node(int thing) {
                this.thing = thing;
            }
        }

        private final Lane lane = new Lane(Runnable::run, LaneOfMailbox.SCOPE, this, rejected -> {});
        private Node head = new Node(0);
        private volatile Node tail = head;

        /** Makes it, open. */
        public LaneOfLosingMailbox() {
            lane.open();
        }

        @Override
        void add(int thing) {
            var node = new Node(thing);
            Node before = tail;
            tail = node;
            before.next = node;
        }

        @Override
        public boolean hasMore() {
            return head.next != null;
        }

        @Override
        @Nullable
        Integer take() {
            Node first = head.next;
            if (first == null) return null;
            head = first;
            return first.thing;
        }

        @Override
        void wake() {
            lane.wake();
        }
    }

    /** A lane that is written as short as it can be. */
    abstract static class ShortLane extends TwoThreadsAndALane {
        final ConcurrentLinkedQueue<Integer> things = new ConcurrentLinkedQueue<>();
        final AtomicBoolean queued = new AtomicBoolean();
        final Executor executor = Runnable::run;

        @Override
        void add(int thing) {
            things.add(thing);
        }

        @Override
        public boolean hasMore() {
            return !things.isEmpty();
        }

        @Override
        @Nullable
        Integer take() {
            return things.poll();
        }
    }

    /** The second twin: what comes between its last look and the end of its turn waits for ever. */
    public static class LaneThatLooksTooEarly extends ShortLane {
        @Override
        void wake() {
            if (queued.compareAndSet(false, true)) executor.execute(this::turn);
        }

        private void turn() {
            boolean more = true;
            while (more) more = doOne();
            queued.set(false);
        }
    }

    /** The third twin: two who wake it at once queue two turns. */
    public static class LaneThatQueuesTwice extends ShortLane {
        @Override
        void wake() {
            if (queued.get()) return;
            queued.set(true);
            executor.execute(this::turn);
        }

        private void turn() {
            boolean more = true;
            while (more) more = doOne();
            queued.set(false);
            if (hasMore()) wake();
        }
    }

    /** No operation gives a result, so any order will do; what came of them is looked at when all are over. */
    public static class Nothing {
        public void putLeft() {}

        public void putRight() {}
    }

    // ---- with a bound ----

    private record Numbered(int number) implements Event {}

    private static Envelope offered(int number) {
        var envelope = new Envelope(new Numbered(number), null, 0, false);
        envelope.markOfferedToAll();
        return envelope;
    }

    private static int numberIn(@Nullable Object thing) {
        return thing instanceof Envelope envelope && envelope.event instanceof Numbered event ? event.number() : -1;
    }

    /** The mailbox of the rule "keep latest". */
    @Param(name = "number", gen = IntGen.class, conf = "1:9")
    public static class Dropping {
        private final DroppingMailbox mailbox = new DroppingMailbox(1);

        @Operation
        public void put(@Param(name = "number") int number) {
            mailbox.add(offered(number));
        }

        @Operation(nonParallelGroup = "reader")
        public int take() {
            return numberIn(mailbox.poll());
        }
    }

    /** What it promises, for one thread. */
    public static class TheNewest {
        private int newest = -1;

        public void put(int number) {
            newest = number;
        }

        public int take() {
            int taken = newest;
            newest = -1;
            return taken;
        }
    }

    /** The twin: each step is safe, and the two together are not. */
    @Param(name = "number", gen = IntGen.class, conf = "1:9")
    public static class DropThenAdd {
        private final ConcurrentLinkedQueue<Integer> numbers = new ConcurrentLinkedQueue<>();

        @Operation
        public void put(@Param(name = "number") int number) {
            numbers.poll();
            numbers.add(number);
        }

        @Operation(nonParallelGroup = "reader")
        public int take() {
            Integer next = numbers.poll();
            return next == null ? -1 : next;
        }
    }
}
