package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The room of a mailbox: it counts, it turns nobody away without need, and it wakes whoever waits. */
class RoomTest {
    private final Room room = new Room(4);

    private void fill(int things) {
        for (int i = 0; i < things; i++) room.enter();
    }

    @Test
    void it_is_full_when_as_many_wait_as_it_holds() {
        fill(3);
        assertThat(room.isFull()).isFalse();
        fill(1);
        assertThat(room.isFull()).isTrue();
        room.leave();
        assertThat(room.isFull()).isFalse();
    }

    @Test
    void nobody_enters_a_full_room_by_trying() {
        fill(3);
        assertThat(room.tryEnter()).isTrue();
        assertThat(room.tryEnter()).isFalse();
        assertThat(room.taken()).isEqualTo(4);
    }

    @Test
    void everybody_is_woken_when_half_of_it_is_free() {
        fill(4);
        var first = new Awaited.Signal();
        var second = new Awaited.Signal();
        room.join(first);
        room.join(second);
        room.leave();
        assertThat(first.given).isNotDone();
        room.leave();
        assertThat(first.given).isDone();
        assertThat(second.given).isDone();
        assertThat(room.isAwaited()).isFalse();
    }

    @Test
    void while_somebody_waits_whoever_comes_waits_too_although_there_is_room() {
        fill(4);
        var signal = new Awaited.Signal();
        room.join(signal);
        room.leave();
        assertThat(room.isFull()).isFalse();
        assertThat(room.isClosed()).isTrue();
        room.leave(signal);
        assertThat(room.isClosed()).isFalse();
    }

    /** The lane takes the last thing just while somebody begins to wait: broken, he waits for ever. */
    @Test
    void no_wake_is_lost() {
        int rounds = 200_000;
        var one = new Room(1);
        var full = new AtomicBoolean();
        Together.run(
                1,
                start -> {
                    for (int round = 0; round < rounds; round++) {
                        one.enter();
                        full.set(true);
                        while (one.isClosed()) {
                            var signal = new Awaited.Signal();
                            one.join(signal);
                            if (one.isClosed()) TestWork.valueOf(signal.given);
                            one.leave(signal);
                        }
                    }
                },
                start -> {
                    for (int round = 0; round < rounds; round++) {
                        TestWork.until(() -> full.compareAndSet(true, false), "nobody came");
                        for (int spin = round % 60; spin > 0; spin--) Thread.onSpinWait();
                        one.leave();
                    }
                });
        assertThat(one.taken()).isZero();
    }
}
