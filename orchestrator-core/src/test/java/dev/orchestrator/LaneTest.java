package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The lane: one turn at a time, no work forgotten, turns that end, whatever the executor does. */
class LaneTest {
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final List<Throwable> rejections = new CopyOnWriteArrayList<>();

    /** Tasks from a queue, and a look at who overlaps. */
    private static final class Tasks implements Lane.Work {
        final Mailbox<Runnable> mailbox = new Mailbox<>();
        final AtomicBoolean busy = new AtomicBoolean();
        final AtomicInteger overlaps = new AtomicInteger();
        final AtomicInteger dry = new AtomicInteger();

        @Override
        public boolean doOne() {
            if (!busy.compareAndSet(false, true)) overlaps.incrementAndGet();
            try {
                Runnable next = mailbox.peek();
                if (next == null) return false;
                mailbox.drop();
                next.run();
                return true;
            } finally {
                busy.set(false);
            }
        }

        @Override
        public boolean hasMore() {
            return mailbox.peek() != null;
        }

        @Override
        public void ranDry() {
            dry.incrementAndGet();
        }
    }

    private final Tasks tasks = new Tasks();

    private Lane lane(Executor executor) {
        var lane = new Lane(executor, bus.scope(), tasks, rejections::add);
        lane.open();
        return lane;
    }

    @Test
    void work_waits_until_the_lane_is_open() {
        var executor = new ManualLane();
        var lane = new Lane(executor, bus.scope(), tasks, rejections::add);
        var ran = new AtomicBoolean();
        tasks.mailbox.add(() -> ran.set(true));
        lane.wake();
        assertThat(executor.waiting()).isZero();
        lane.open();
        executor.runAll();
        assertThat(ran).isTrue();
    }

    @Test
    void many_wakes_queue_one_turn() {
        var executor = new ManualLane();
        var lane = lane(executor);
        for (int i = 0; i < 10; i++) lane.wake();
        assertThat(executor.waiting()).isOne();
    }

    @Test
    void a_turn_ends_after_256_pieces_and_is_queued_again() {
        var executor = new ConcurrentLinkedQueue<Runnable>();
        var count = new AtomicInteger();
        var lane = lane(executor::add);
        for (int i = 0; i < 300; i++) tasks.mailbox.add(count::incrementAndGet);
        lane.wake();
        executor.remove().run();
        assertThat(count).hasValue(256);
        assertThat(executor).hasSize(1);
        executor.remove().run();
        assertThat(count).hasValue(300);
        assertThat(executor).isEmpty();
    }

    @Test
    void a_turn_ends_after_8_milliseconds_and_is_queued_again() {
        var executor = new ConcurrentLinkedQueue<Runnable>();
        var count = new AtomicInteger();
        var lane = lane(executor::add);
        for (int i = 0; i < 10; i++) {
            tasks.mailbox.add(() -> {
                count.incrementAndGet();
                time.advance(Duration.ofMillis(4));
            });
        }
        lane.wake();
        executor.remove().run();
        assertThat(count).hasValue(2);
        assertThat(executor).hasSize(1);
    }

    @Test
    void a_lane_whose_last_turn_was_full_ran_dry_all_the_same() {
        var executor = new ManualLane();
        var lane = lane(executor);
        executor.runAll();
        int before = tasks.dry.get();
        for (int i = 0; i < 256; i++) tasks.mailbox.add(() -> {});
        lane.wake();
        executor.runAll();
        assertThat(tasks.dry.get()).isGreaterThan(before);
    }

    @Test
    void a_thread_knows_whether_it_runs_the_lane() {
        var executor = new ManualLane();
        var lane = lane(executor);
        var inside = new AtomicBoolean();
        tasks.mailbox.add(() -> inside.set(lane.isCurrent()));
        lane.wake();
        executor.runAll();
        assertThat(inside).isTrue();
        assertThat(lane.isCurrent()).isFalse();
    }

    @Test
    void full_turns_on_an_executor_that_runs_in_the_caller_use_no_stack() {
        var lane = lane(Runnable::run);
        var depths = new ArrayList<Integer>();
        for (int i = 0; i < 100_000; i++) {
            tasks.mailbox.add(i % 1_000 == 0 ? () -> depths.add(new Throwable().getStackTrace().length) : () -> {});
        }
        lane.wake();
        assertThat(depths).hasSize(100).containsOnly(depths.getFirst());
    }

    @Test
    void a_rejected_turn_is_told_and_runs_on_a_thread_of_ours() {
        var rejected = new RejectedExecutionException("closed");
        var where = new AtomicReference<Thread>();
        tasks.mailbox.add(() -> where.set(Thread.currentThread()));
        lane(turn -> {
            throw rejected;
        });
        TestWork.until(() -> where.get() != null, "the turn was lost");
        assertThat(where.get()).isNotSameAs(Thread.currentThread());
        assertThat(rejections).containsExactly(rejected);
    }

    /** Runs turns in the caller or on a thread of its own, in an order that changes all the time. */
    private static final class Fickle implements Executor {
        private final AtomicReference<Runnable> handedOver = new AtomicReference<>();
        private final AtomicInteger count = new AtomicInteger();
        private volatile boolean over;

        @Override
        public void execute(Runnable turn) {
            if (count.incrementAndGet() % 3 != 0 && handedOver.compareAndSet(null, turn)) return;
            turn.run();
        }

        void serve() {
            while (!over) {
                Runnable turn = handedOver.getAndSet(null);
                if (turn == null) Thread.yield();
                else turn.run();
            }
        }
    }

    @Test
    void turns_never_overlap_and_none_is_lost_on_an_executor_that_runs_some_of_them_in_the_caller() {
        int rounds = 20_000;
        var fickle = new Fickle();
        var count = new AtomicInteger();
        var lane = lane(fickle);
        // Each piece ends its turn, so that turns are queued again all the time.
        Runnable piece = () -> {
            count.incrementAndGet();
            time.advance(Duration.ofMillis(8));
        };
        var first = TestWork.inAnotherThread(fickle::serve);
        var second = TestWork.inAnotherThread(fickle::serve);
        try {
            Together.run(1, round -> {
                for (int i = 0; i < rounds; i++) {
                    tasks.mailbox.add(piece);
                    lane.wake();
                    if (i % 64 == 0) {
                        int added = i + 1;
                        TestWork.until(() -> count.get() == added, "work was forgotten");
                    }
                }
                TestWork.until(() -> count.get() == rounds, "work was forgotten");
            });
        } finally {
            fickle.over = true;
        }
        TestWork.valueOf(first);
        TestWork.valueOf(second);
        assertThat(tasks.overlaps).hasValue(0);
    }

    /**
     * A race of a few nanoseconds: the lane goes to sleep while something arrives. It needs the order "add, then look
     * whether a turn is queued" for the lane's thread too. Rare even when it is broken; the proof module has the twin.
     */
    @Test
    void nothing_that_arrives_while_the_lane_goes_to_sleep_is_forgotten() {
        int rounds = 150_000;
        var slot = new AtomicReference<Runnable>();
        var over = new AtomicBoolean();
        var served = TestWork.inAnotherThread(() -> {
            for (int idle = 0; !over.get(); idle++) {
                Runnable turn = slot.get();
                if (turn == null) {
                    if (idle % 1_000 == 999) Thread.yield();
                    else Thread.onSpinWait();
                } else {
                    slot.set(null);
                    turn.run();
                }
            }
        });
        var count = new AtomicInteger();
        var lane = new Lane(slot::set, SignalBus.scoped().scope(), tasks, rejections::add);
        lane.open();
        Runnable piece = count::incrementAndGet;
        try {
            for (int i = 1; i <= rounds; i++) {
                for (int spin = i % 40; spin > 0; spin--) Thread.onSpinWait();
                tasks.mailbox.add(piece);
                lane.wake();
                int added = i;
                for (int spin = 0; spin < 200 && count.get() != added; spin++) Thread.onSpinWait();
                if (count.get() != added) TestWork.until(() -> count.get() == added, "it was forgotten, at " + added);
            }
        } finally {
            over.set(true);
        }
        TestWork.valueOf(served);
    }
}
