package dev.orchestrator.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** P7, P10: each timer comes once, in the order of the times, unless it was taken back; and then it keeps nothing. */
class TimerQueueTest {
    private int wakes;
    private final TimerQueue queue = new TimerQueue(() -> wakes++);
    private final List<String> ran = new ArrayList<>();

    private TimerQueue.Entry add(long due, String name) {
        return queue.add(due, () -> ran.add(name));
    }

    private List<String> runUntil(long now) {
        ran.clear();
        for (Runnable task; (task = queue.nextDue(now)) != null; ) task.run();
        return List.copyOf(ran);
    }

    @Test
    void what_is_due_comes_in_the_order_of_the_times_and_then_of_the_making() {
        add(20, "later");
        add(10, "first");
        add(10, "second");
        add(30, "last");
        assertThat(runUntil(9)).isEmpty();
        assertThat(runUntil(20)).containsExactly("first", "second", "later");
        add(20, "late already");
        assertThat(runUntil(30)).containsExactly("late already", "last");
        assertThat(queue.size()).isZero();
    }

    @Test
    void what_was_taken_back_does_not_come() {
        var unsorted = add(10, "taken back at once");
        unsorted.cancel();
        var sorted = add(10, "taken back later");
        assertThat(queue.size()).isEqualTo(1);
        sorted.cancel();
        sorted.cancel();
        assertThat(runUntil(100)).isEmpty();
    }

    @Test
    void taking_back_what_has_come_changes_nothing() {
        var timer = add(10, "came");
        assertThat(runUntil(10)).containsExactly("came");
        timer.cancel();
        assertThat(timer.isWanted()).isFalse();
    }

    @Test
    void a_sleeping_thread_is_woken_for_what_is_due_before_and_for_nothing_else() {
        add(50, "known");
        runUntil(0);
        assertThat(queue.beginSleep()).isEqualTo(50);
        add(60, "later");
        assertThat(wakes).isZero();
        add(40, "earlier");
        assertThat(wakes).isEqualTo(1);
        add(30, "earlier still, for a thread that was woken");
        assertThat(wakes).isEqualTo(1);
    }

    @Test
    void a_thread_does_not_sleep_before_it_has_seen_what_is_new() {
        runUntil(0);
        add(50, "new");
        assertThat(queue.beginSleep()).isZero();
        runUntil(0);
        assertThat(queue.beginSleep()).isEqualTo(50);
        queue.endSleep();
        add(1, "while it is up");
        assertThat(wakes).isZero();
    }

    @Test
    void a_thread_that_sleeps_long_is_woken_to_drop_what_was_taken_back() {
        assertThat(queue.beginSleep()).isEqualTo(Long.MAX_VALUE);
        queue.add(0, () -> {});
        runUntil(0);
        queue.add(5, () -> {});
        runUntil(0);
        assertThat(queue.beginSleep()).isEqualTo(5);
        wakes = 0;
        for (int i = 0; i < TimerQueue.MANY; i++) add(100, "not wanted").cancel();
        assertThat(wakes).isEqualTo(1);
        assertThat(queue.size()).as("what is wanted").isEqualTo(1);
    }

    @Test
    void of_many_that_were_known_and_taken_back_little_is_kept() {
        var timers = new ArrayList<TimerQueue.Entry>();
        for (int i = 0; i < 10 * TimerQueue.MANY; i++) timers.add(add(1_000 + i, "not wanted"));
        assertThat(queue.size()).isEqualTo(timers.size());
        assertThat(queue.beginSleep()).isEqualTo(1_000);
        timers.forEach(TimerQueue.Entry::cancel);
        assertThat(wakes).isEqualTo(1);
        assertThat(queue.size()).isZero();
    }

    @Test
    void of_many_that_are_taken_back_bit_by_bit_little_is_kept_either() {
        var timers = new ArrayList<TimerQueue.Entry>();
        for (int i = 0; i < 20 * TimerQueue.MANY; i++) timers.add(add(1_000 + i, "not wanted"));
        for (int i = 0; i < timers.size(); i++) {
            timers.get(i).cancel();
            if (i % 2_000 == 0) queue.size(); // the thread looks
        }
        assertThat(queue.size()).isLessThanOrEqualTo(TimerQueue.MANY);
    }

    @Test
    void a_timer_that_is_wanted_keeps_none_that_was_made_before_or_after_it() {
        var others = new ArrayList<WeakReference<TimerQueue.Entry>>();
        others.add(takenBack());
        add(1_000, "wanted");
        others.add(takenBack());
        assertThat(queue.size()).isEqualTo(1);
        for (var other : others) assertCollected(other);
        assertThat(runUntil(1_000)).containsExactly("wanted");
    }

    private WeakReference<TimerQueue.Entry> takenBack() {
        var timer = add(500, "not wanted");
        timer.cancel();
        return new WeakReference<>(timer);
    }

    private static void assertCollected(WeakReference<?> reference) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (reference.get() != null) {
            if (System.nanoTime() - deadline > 0) throw new AssertionError("it is still held");
            System.gc();
            Thread.onSpinWait();
        }
    }

    @Test
    void every_timer_of_this_machine_s_time_comes_whoever_makes_it() throws Exception {
        int threads = 4;
        int each = 5_000;
        var missing = ConcurrentHashMap.<Integer>newKeySet();
        for (int i = 0; i < threads * each; i++) missing.add(i);
        var all = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            int first = t * each;
            Thread.startVirtualThread(() -> {
                for (int i = 0; i < each; i++) {
                    int number = first + i;
                    Time.system().schedule(Duration.ofNanos(i % 7), () -> {
                        if (missing.remove(number)) all.countDown();
                    });
                }
            });
        }
        assertThat(all.await(60, TimeUnit.SECONDS))
                .as("%s have not come", missing.size())
                .isTrue();
    }

    @Test
    void a_task_that_throws_takes_no_other_with_it() throws Exception {
        var came = new CountDownLatch(1);
        Time.system().schedule(Duration.ZERO, () -> {
            throw new IllegalStateException("on purpose");
        });
        Time.system().schedule(Duration.ofMillis(1), came::countDown);
        assertThat(came.await(60, TimeUnit.SECONDS)).isTrue();
    }
}
