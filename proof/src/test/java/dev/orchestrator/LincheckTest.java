package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * P1, P3, P4, P6, P12: under every interleaving that Lincheck makes, the parts where threads meet behave as their sequential
 * specifications; and Lincheck finds what is wrong with copies that are broken on purpose.
 *
 * <p>{@code -Dproof=long} looks much longer.
 */
public class LincheckTest {
    private static final boolean IS_LONG = "long".equals(System.getProperty("proof"));
    private static final int ITERATIONS = IS_LONG ? 100 : 5;
    private static final int INVOCATIONS = IS_LONG ? 5_000 : 300;

    private static void check(Class<?> structure, Class<?> specification) {
        options(ITERATIONS, INVOCATIONS, specification).check(structure);
        if (!IS_LONG) return;
        new StressOptions()
                .iterations(ITERATIONS)
                .invocationsPerIteration(INVOCATIONS)
                .sequentialSpecification(specification)
                .check(structure);
    }

    private static ModelCheckingOptions options(int iterations, int invocations, Class<?> specification) {
        return new ModelCheckingOptions()
                .iterations(iterations)
                .invocationsPerIteration(invocations)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(1)
                .actorsAfter(specification == Puts.class ? 0 : 2) // a put would wake a lane that forgot something
                .sequentialSpecification(specification);
    }

    /** Looks long enough to find it; stops where it does. */
    private static void isCaught(Class<?> broken, Class<?> specification) {
        assertThatThrownBy(() -> options(100, 1_000, specification).check(broken))
                .isInstanceOf(LincheckAssertionError.class);
    }

    // ---- P1: the cell that decides the ending ----

    /** What the life of a run is, one step after the other. */
    public static class Life {
        private String phase = "new";

        public boolean enter() {
            if (!phase.equals("new")) return false;
            phase = "running";
            return true;
        }

        /** Who has to tell what. */
        public String finish() {
            if (phase.equals("ended")) return "nothing";
            String told = phase.equals("stopping") ? "cancelled" : "done";
            phase = "ended";
            return told;
        }

        public String cancel() {
            switch (phase) {
                case "new" -> {
                    phase = "ended";
                    return "ENDED";
                }
                case "running" -> {
                    phase = "stopping";
                    return "STOPPING";
                }
                default -> {
                    return "TOO_LATE";
                }
            }
        }

        public String graceIsOver() {
            if (!phase.equals("stopping")) return "nothing";
            phase = "ended";
            return "cancelled";
        }
    }

    public static class Cell {
        private final RunLifeCycle<String> cell = new RunLifeCycle<>();

        @Operation
        public boolean enter() {
            return cell.enter();
        }

        @Operation
        public String finish() {
            return told(cell.finish(new JobResult.Success<>("done")));
        }

        @Operation
        public String cancel() {
            return cell.stop(new JobResult.Cancelled<>("enough")).name();
        }

        @Operation
        public String graceIsOver() {
            return told(cell.graceIsOver());
        }

        private static String told(JobResult<String> result) {
            if (result == null) return "nothing";
            return result instanceof JobResult.Success ? "done" : "cancelled";
        }
    }

    /** Looks, and then writes. */
    public static class BrokenCell {
        private volatile String phase = "new";

        @Operation
        public boolean enter() {
            if (!phase.equals("new")) return false;
            phase = "running";
            return true;
        }

        @Operation
        public String finish() {
            String before = phase;
            if (before.equals("ended")) return "nothing";
            phase = "ended";
            return before.equals("stopping") ? "cancelled" : "done";
        }

        @Operation
        public String cancel() {
            String before = phase;
            if (before.equals("new")) {
                phase = "ended";
                return "ENDED";
            }
            if (!before.equals("running")) return "TOO_LATE";
            phase = "stopping";
            return "STOPPING";
        }

        @Operation
        public String graceIsOver() {
            if (!phase.equals("stopping")) return "nothing";
            phase = "ended";
            return "cancelled";
        }
    }

    @Test
    void one_ending_is_decided() {
        check(Cell.class, Life.class);
    }

    @Test
    void a_cell_that_looks_and_then_writes_is_caught() {
        isCaught(BrokenCell.class, Life.class);
    }

    // ---- P3: mailbox and lane ----

    public static class Puts {
        public void put(int value) {}
    }

    /** Whoever puts something in may run the lane; at the end everything was handled once, and never two at a time. */
    @Param(name = "value", gen = IntGen.class, conf = "1:9")
    @SuppressWarnings("this-escape") // the lane is opened when everything is there
    public static class MailboxAndLane implements Lane.Work {
        private final Mailbox<Integer> mailbox = new Mailbox<>();
        private final Lane lane = new Lane(Runnable::run, new StressWorld().bus.scope(), this, rejected -> {});
        private final AtomicInteger put = new AtomicInteger();
        private final AtomicInteger inside = new AtomicInteger();
        private final List<Integer> handled = new ArrayList<>();
        private volatile boolean overlapped;

        public MailboxAndLane() {
            lane.open();
        }

        @Operation
        public void put(@Param(name = "value") int value) {
            put.incrementAndGet();
            mailbox.add(value);
            lane.wake();
        }

        @Validate
        public void everythingWasHandled() {
            if (overlapped) throw new IllegalStateException("two turns at once");
            if (handled.size() != put.get())
                throw new IllegalStateException(handled.size() + " of " + put.get() + " were handled");
        }

        @Override
        public boolean doOne() {
            if (inside.incrementAndGet() > 1) overlapped = true;
            Integer next = mailbox.peek();
            if (next != null) {
                mailbox.drop();
                handled.add(next);
            }
            inside.decrementAndGet();
            return next != null;
        }

        @Override
        public boolean hasMore() {
            return mailbox.peek() != null;
        }

        @Override
        public void ranDry() {}
    }

    /** A lane that does not look again after it has said that it is over. */
    @Param(name = "value", gen = IntGen.class, conf = "1:9")
    public static class BrokenLane {
        private final ConcurrentLinkedQueue<Integer> mailbox = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean queued = new AtomicBoolean();
        private final AtomicInteger put = new AtomicInteger();
        private final AtomicInteger handled = new AtomicInteger();

        @Operation
        public void put(@Param(name = "value") int value) {
            put.incrementAndGet();
            mailbox.add(value);
            if (!queued.compareAndSet(false, true)) return;
            while (mailbox.poll() != null) handled.incrementAndGet();
            queued.set(false);
        }

        @Validate
        public void everythingWasHandled() {
            if (handled.get() != put.get()) throw new IllegalStateException("something was forgotten");
        }
    }

    @Test
    void what_was_put_into_a_mailbox_is_handled_once() {
        check(MailboxAndLane.class, Puts.class);
    }

    @Test
    void a_lane_that_does_not_look_again_is_caught() {
        isCaught(BrokenLane.class, Puts.class);
    }

    // ---- P4: the outbox ----

    public static class Appends {
        private boolean ended;

        public boolean append() {
            return !ended;
        }

        public boolean end() {
            if (ended) return false;
            ended = true;
            return true;
        }
    }

    private record Said(int number) implements Event {}

    /** Nothing is appended after the end, and the subscriber gets everything in that order, one at a time. */
    public static class Outbox {
        private final SignalBus bus = new StressWorld().bus;
        private final RunOutbox outbox = new RunOutbox(bus);
        private final AtomicInteger appended = new AtomicInteger();
        private final AtomicInteger inside = new AtomicInteger();
        private final Deque<Integer> told = new ArrayDeque<>();
        private volatile boolean overlapped;

        public Outbox() {
            outbox.forgetOwner();
            bus.subscribe(Said.class, said -> {
                if (inside.incrementAndGet() > 1) overlapped = true;
                told.add(said.number());
                inside.decrementAndGet();
            });
        }

        @Operation
        public boolean append() {
            return append(0, false);
        }

        @Operation
        public boolean end() {
            return append(1, true);
        }

        private boolean append(int number, boolean last) {
            if (!outbox.append(new Envelope(new Said(number), null, 0, last))) return false;
            appended.incrementAndGet();
            outbox.tell();
            return true;
        }

        @Validate
        public void allWasTold() {
            if (overlapped) throw new IllegalStateException("told by two at once");
            if (told.size() != appended.get()) throw new IllegalStateException("not all was told");
            boolean endIsInside = told.size() > 1
                    && List.copyOf(told).subList(0, told.size() - 1).contains(1);
            if (endIsInside) throw new IllegalStateException("something came after the end");
        }
    }

    /** Asks whether it has ended, and then appends. */
    public static class BrokenOutbox {
        private final ConcurrentLinkedQueue<Integer> told = new ConcurrentLinkedQueue<>();
        private volatile boolean ended;

        @Operation
        public boolean append() {
            if (ended) return false;
            told.add(0);
            return true;
        }

        @Operation
        public boolean end() {
            if (ended) return false;
            ended = true;
            told.add(1);
            return true;
        }

        @Validate
        public void nothingAfterTheEnd() {
            List<Integer> all = List.copyOf(told);
            if (all.contains(1) && all.getLast() != 1) throw new IllegalStateException("something came after the end");
        }
    }

    @Test
    void nothing_is_told_after_the_end_of_a_run() {
        check(Outbox.class, Appends.class);
    }

    @Test
    void an_outbox_that_asks_and_then_appends_is_caught() {
        isCaught(BrokenOutbox.class, Appends.class);
    }

    // ---- P6: the state ----

    public static class Numbers {
        private int state;
        private boolean frozen;

        public boolean increase() {
            if (frozen) return false;
            state++;
            return true;
        }

        public int get() {
            return state;
        }

        public void freeze() {
            frozen = true;
        }
    }

    public static class State {
        private final StateCell<Integer> cell = new StateCell<>(0);

        @Operation
        public boolean increase() {
            return cell.update(before -> before + 1);
        }

        @Operation
        public int get() {
            return cell.get();
        }

        @Operation
        public void freeze() {
            cell.freeze();
        }
    }

    /** Reads, and then writes. */
    public static class BrokenState {
        private volatile int state;
        private volatile boolean frozen;

        @Operation
        public boolean increase() {
            if (frozen) return false;
            int before = state;
            state = before + 1;
            return true;
        }

        @Operation
        public int get() {
            return state;
        }

        @Operation
        public void freeze() {
            frozen = true;
        }
    }

    @Test
    void no_update_of_a_state_is_lost() {
        check(State.class, Numbers.class);
    }

    @Test
    void a_state_that_is_read_and_then_written_is_caught() {
        isCaught(BrokenState.class, Numbers.class);
    }

    // ---- P12: interest ----

    public static class Listeners {
        private final Set<Integer> all = new HashSet<>();

        public void add(int listener) {
            all.add(listener);
        }

        public void remove(int listener) {
            all.remove(listener);
        }

        public int interested() {
            return all.size();
        }
    }

    @Param(name = "listener", gen = IntGen.class, conf = "0:2")
    public static class Interest {
        private final SignalBus bus = new StressWorld().bus;
        private final InterestTable table = new InterestTable();
        private final List<DirectListener> listeners = new ArrayList<>();
        private final Set<Integer> there = new HashSet<>();

        public Interest() {
            for (int i = 0; i < 3; i++) listeners.add(DirectListener.plain(bus, Said.class, said -> {}));
        }

        /** Subscribing is for each listener's own thread. */
        @Operation(nonParallelGroup = "writers")
        public void add(@Param(name = "listener") int listener) {
            if (there.add(listener)) table.add(Said.class, listeners.get(listener));
        }

        @Operation(nonParallelGroup = "writers")
        public void remove(@Param(name = "listener") int listener) {
            if (there.remove(listener)) table.remove(Said.class, listeners.get(listener));
        }

        @Operation
        public int interested() {
            return table.of(Said.class).direct().length;
        }
    }

    /** Keeps what it worked out although somebody has subscribed meanwhile. */
    @Param(name = "listener", gen = IntGen.class, conf = "0:2")
    public static class BrokenInterest {
        private final ConcurrentLinkedQueue<Integer> listeners = new ConcurrentLinkedQueue<>();
        private volatile Integer known;

        @Operation(nonParallelGroup = "writers")
        public void add(@Param(name = "listener") int listener) {
            if (!listeners.contains(listener)) listeners.add(listener);
            known = null;
        }

        @Operation(nonParallelGroup = "writers")
        public void remove(@Param(name = "listener") int listener) {
            listeners.remove(listener);
            known = null;
        }

        @Operation
        public int interested() {
            Integer cached = known;
            if (cached != null) return cached;
            int fresh = listeners.size();
            known = fresh;
            return fresh;
        }
    }

    @Test
    void whoever_emits_after_a_subscription_finds_it() {
        check(Interest.class, Listeners.class);
    }

    @Test
    void a_table_that_keeps_what_is_stale_is_caught() {
        isCaught(BrokenInterest.class, Listeners.class);
    }

    // ---- P10: what is done when a run is down ----

    /** Tasks that are added while the run goes down are done exactly once. */
    public static class Hooks {
        private final RunHooks hooks = new RunHooks();
        private final AtomicInteger added = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();

        @Operation
        public void add() {
            added.incrementAndGet();
            hooks.add(done::incrementAndGet);
        }

        @Operation
        public void run() {
            hooks.run();
        }

        @Validate
        public void eachOnce() {
            hooks.run();
            if (done.get() != added.get()) throw new IllegalStateException(done + " of " + added + " were done");
        }
    }

    public static class Nothing {
        public void add() {}

        public void run() {}
    }

    /** Asks whether it is over, and then adds. */
    public static class BrokenHooks {
        private final ConcurrentLinkedQueue<Runnable> hooks = new ConcurrentLinkedQueue<>();
        private final AtomicInteger added = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private volatile boolean over;

        @Operation
        public void add() {
            added.incrementAndGet();
            if (over) done.incrementAndGet();
            else hooks.add(done::incrementAndGet);
        }

        @Operation
        public void run() {
            over = true;
            for (Runnable next; (next = hooks.poll()) != null; ) next.run();
        }

        @Validate
        public void eachOnce() {
            if (over && done.get() != added.get())
                throw new IllegalStateException(done + " of " + added + " were done");
        }
    }

    @Test
    void what_is_to_be_done_when_a_run_is_down_is_done_once() {
        check(Hooks.class, Nothing.class);
    }

    @Test
    void hooks_that_ask_and_then_add_are_caught() {
        isCaught(BrokenHooks.class, Nothing.class);
    }

    @Test
    void the_specifications_are_what_the_promises_say() {
        var life = new Life();
        assertThat(life.enter()).isTrue();
        assertThat(life.cancel()).isEqualTo("STOPPING");
        assertThat(life.finish()).isEqualTo("cancelled");
        assertThat(life.graceIsOver()).isEqualTo("nothing");
    }
}
