package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The door of an attempt: an interrupt gets in only while the thread is inside, and never stays behind. */
class InterruptDoorTest {
    private final InterruptDoor door = new InterruptDoor(Thread.currentThread(), null);

    @AfterEach
    void leaveNothingBehind() {
        Thread.interrupted();
    }

    @Test
    void an_interrupt_hits_a_thread_that_is_inside() {
        door.enter();
        door.interrupt();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void an_interrupt_wanted_before_waits_for_the_thread_to_come_in() {
        door.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        door.enter();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void an_interrupt_wanted_while_the_thread_is_away_waits_for_it_to_come_back() {
        door.enter();
        assertThat(door.away()).isTrue();
        door.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        door.back();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void an_interrupt_that_was_sent_and_not_noticed_is_taken_along_and_given_back() {
        door.enter();
        door.interrupt();
        assertThat(door.away()).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        door.back();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void an_interrupt_that_was_noticed_does_not_come_back() {
        door.enter();
        door.interrupt();
        Thread.interrupted();
        assertThat(door.away()).isTrue();
        door.back();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void an_interrupt_that_nobody_noticed_is_consumed_when_the_thread_leaves() {
        door.enter();
        door.interrupt();
        door.leave();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void nothing_is_sent_to_a_thread_that_has_left() {
        door.enter();
        door.leave();
        door.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void an_interrupt_that_somebody_else_sent_stays_when_the_thread_goes_away_comes_back_and_leaves() {
        door.enter();
        Thread.currentThread().interrupt();
        door.away();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        door.back();
        door.leave();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void a_second_interrupt_is_not_sent() {
        door.enter();
        door.interrupt();
        Thread.interrupted();
        door.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void only_the_attempts_own_thread_goes_away() {
        door.enter();
        var answer = new AtomicInteger();
        TestWork.valueOf(TestWork.inAnotherThread(() -> answer.set(door.away() ? 1 : 2)));
        assertThat(answer).hasValue(2);
    }

    @Test
    void a_thread_goes_away_once_at_a_time() {
        door.enter();
        assertThat(door.away()).isTrue();
        assertThat(door.away()).isFalse();
    }

    @Test
    void sending_races_with_going_away_and_leaving_and_no_interrupt_is_outside() {
        int rounds = 50_000;
        var doors = new AtomicReferenceArray<InterruptDoor>(rounds);
        var hits = new AtomicInteger();
        Together.run(
                rounds,
                round -> {
                    var mine = new InterruptDoor(Thread.currentThread(), null);
                    doors.set(round, mine);
                    mine.enter();
                    for (int i = round % 5; i >= 0; i--) {
                        boolean away = mine.away();
                        if (Thread.currentThread().isInterrupted()) hits.incrementAndGet();
                        if (away) mine.back();
                        Thread.interrupted();
                    }
                    mine.leave();
                    if (Thread.interrupted()) hits.incrementAndGet();
                    mine.interrupt();
                    if (Thread.interrupted()) hits.incrementAndGet();
                },
                round -> {
                    InterruptDoor other;
                    while ((other = doors.get(round)) == null) Thread.onSpinWait();
                    for (int i = round % 23; i > 0; i--) Thread.onSpinWait();
                    other.interrupt();
                });
        assertThat(hits).hasValue(0);
    }
}
