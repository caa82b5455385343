package dev.orchestrator;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** P11: the room of a mailbox lets in as many as it holds, and whoever waits for it is woken. */
class RoomLincheckTest {
    private static final int CAPACITY = 2;

    @Test
    void it_lets_in_as_many_as_it_holds() {
        Checks.hold(Counting.class, Places.class);
    }

    @Test
    void a_room_that_looks_and_then_counts_is_found_out() {
        Checks.findOut(LookThenCount.class, Places.class);
    }

    @Test
    void nobody_waits_for_a_room_that_is_empty() {
        Checks.hold(JoinThenLook.class, Nothing.class);
    }

    @Test
    void one_who_looks_and_then_begins_to_wait_is_found_out() {
        Checks.findOut(LookThenJoin.class, Nothing.class);
    }

    /** The room itself: writers enter, one lane leaves. */
    public static class Counting {
        private final Room room = new Room(CAPACITY);

        @Operation
        public boolean tryEnter() {
            return room.tryEnter();
        }

        @Operation
        public void enter() {
            room.enter();
        }

        @Operation(nonParallelGroup = "lane")
        public boolean leave() {
            if (room.taken() == 0) return false;
            room.leave();
            return true;
        }
    }

    /** What it promises, for one thread. */
    public static class Places {
        private int taken;

        public boolean tryEnter() {
            if (taken >= CAPACITY) return false;
            taken++;
            return true;
        }

        public void enter() {
            taken++;
        }

        public boolean leave() {
            if (taken == 0) return false;
            taken--;
            return true;
        }
    }

    /** The twin: the question and the counting are two steps. */
    public static class LookThenCount {
        private final Room room = new Room(CAPACITY);

        @Operation
        public boolean tryEnter() {
            if (room.isFull()) return false;
            room.enter();
            return true;
        }

        @Operation
        public void enter() {
            room.enter();
        }

        @Operation(nonParallelGroup = "lane")
        public boolean leave() {
            if (room.taken() == 0) return false;
            room.leave();
            return true;
        }
    }

    /** An emitter that waits where there is no room, and a lane that makes room. */
    public abstract static class Waiting {
        final Room room = new Room(CAPACITY);
        private final ConcurrentLinkedQueue<Awaited.Signal> waiting = new ConcurrentLinkedQueue<>();

        /** Waits as a thread would, without a thread: true if it has to. */
        abstract boolean wait(Awaited.Signal signal);

        @Operation
        public void emit() {
            room.enter();
            var signal = new Awaited.Signal();
            if (wait(signal)) waiting.add(signal);
        }

        @Operation(nonParallelGroup = "lane")
        public void handleAll() {
            while (room.taken() > 0) room.leave();
        }

        @Validate
        public void whoWaitsIsWokenAtTheLatestWithTheLastThingThatIsHandled() {
            handleAll();
            for (Awaited.Signal signal : waiting)
                if (!signal.given.isDone()) throw new IllegalStateException("somebody waits for ever");
        }
    }

    /** As the emitters of the framework do it. */
    public static class JoinThenLook extends Waiting {
        @Override
        boolean wait(Awaited.Signal signal) {
            if (!room.isClosed()) return false;
            room.join(signal);
            if (room.isClosed()) return true;
            room.leave(signal);
            return false;
        }
    }

    /** The twin: the last thing may be handled between the look and the joining. */
    public static class LookThenJoin extends Waiting {
        @Override
        boolean wait(Awaited.Signal signal) {
            if (!room.isClosed()) return false;
            room.join(signal);
            return true;
        }
    }

    /** No operation gives a result, so any order will do; what came of them is looked at when all are over. */
    public static class Nothing {
        public void emit() {}

        public void handleAll() {}
    }
}
