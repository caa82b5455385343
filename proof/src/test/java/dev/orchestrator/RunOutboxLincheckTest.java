package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** P4: the events of a run have one order for everybody, told by one thread at a time, and none follows the last. */
class RunOutboxLincheckTest {
    private record Numbered(int number) implements Event {}

    @Test
    void everybody_sees_one_order_and_nothing_follows_the_last_event() {
        Checks.holdForLongOperations(Outbox.class, Specification.class);
    }

    @Test
    void an_outbox_that_looks_whether_it_has_ended_and_then_appends_is_found_out() {
        Checks.findOut(LookThenAppend.class, Specification.class);
    }

    /** The outbox itself, with a plain subscriber, and an owner that reads one event per token. */
    @Param(name = "number", gen = IntGen.class, conf = "1:9")
    public static class Outbox {
        private final SignalBus bus = SignalBus.scoped();
        private final RunOutbox outbox = new RunOutbox(bus);
        private final AtomicInteger appended = new AtomicInteger();
        private final AtomicInteger tokens = new AtomicInteger();
        private final AtomicInteger inside = new AtomicInteger();

        // One teller and one owner at a time: plain lists are enough, or a check fails.
        private final List<Integer> told = new ArrayList<>();
        private final List<Integer> read = new ArrayList<>();
        private volatile boolean overlapped;

        /** Makes it, with its subscriber. */
        public Outbox() {
            bus.subscribe(Numbered.class, event -> {
                if (inside.incrementAndGet() != 1) overlapped = true;
                told.add(event.number());
                inside.decrementAndGet();
            });
        }

        @Operation
        public boolean emit(@Param(name = "number") int number) {
            return put(number, false);
        }

        @Operation
        public boolean end() {
            return put(0, true);
        }

        private boolean put(int number, boolean last) {
            if (!outbox.append(new Envelope(new Numbered(number), null, 0, last))) return false;
            appended.incrementAndGet();
            tokens.incrementAndGet();
            outbox.tell();
            return true;
        }

        @Operation(nonParallelGroup = "owner")
        public void read() {
            if (tokens.get() == 0) return;
            tokens.decrementAndGet();
            Envelope next = outbox.nextForOwner();
            read.add(next != null && next.event instanceof Numbered event ? event.number() : -1);
        }

        @Validate
        public void whatWasAppendedWasToldAndReadInOneOrderWithTheLastAtItsEnd() {
            while (tokens.get() > 0) read();
            boolean all = told.size() == appended.get() && told.equals(read);
            int end = told.indexOf(0);
            if (overlapped || !all || (end >= 0 && end != told.size() - 1))
                throw new IllegalStateException("told " + told + ", read " + read);
        }
    }

    /** What it promises, for one thread. */
    public static class Specification {
        private boolean ended;

        public boolean emit(int number) {
            return !ended;
        }

        public boolean end() {
            boolean first = !ended;
            ended = true;
            return first;
        }

        public void read() {}
    }

    /** The twin: "not ended" and the appending are two steps. */
    @Param(name = "number", gen = IntGen.class, conf = "1:9")
    public static class LookThenAppend {
        private final ConcurrentLinkedQueue<Integer> chain = new ConcurrentLinkedQueue<>();
        private volatile boolean ended;

        @Operation
        public boolean emit(@Param(name = "number") int number) {
            if (ended) return false;
            chain.add(number);
            return true;
        }

        @Operation
        public boolean end() {
            if (ended) return false;
            ended = true;
            chain.add(0);
            return true;
        }

        @Operation(nonParallelGroup = "owner")
        public void read() {}

        @Validate
        public void nothingFollowsTheLast() {
            var all = List.copyOf(chain);
            int end = all.indexOf(0);
            if (end >= 0 && end != all.size() - 1) throw new IllegalStateException("appended " + all);
        }
    }
}
