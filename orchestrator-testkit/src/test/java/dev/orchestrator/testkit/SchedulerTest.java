package dev.orchestrator.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who waits wakes up, whoever ends the wait; and a closed world keeps no thread, however deaf its tasks are. */
class SchedulerTest {
    private static final Duration FOR_EVER = Duration.ofDays(400_000);

    private final Scheduler scheduler = new Scheduler(0, Duration.ofSeconds(10));
    private final List<String> seen = new ArrayList<>();

    /** Something happens on a thread that takes no part, just when the task has looked and is about to wait. */
    private static final class Meanwhile extends CompletableFuture<String> {
        private final AtomicInteger looks = new AtomicInteger();
        private final Runnable what;

        Meanwhile(Runnable what) {
            this.what = what;
        }

        Meanwhile() {
            this.what = () -> complete("done");
        }

        @Override
        public boolean isDone() {
            boolean done = super.isDone();
            if (!done && looks.incrementAndGet() == 2) {
                try {
                    Thread foreign = Thread.ofPlatform().start(what);
                    foreign.join();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            return done;
        }
    }

    @Test
    void a_stage_that_a_foreign_thread_completes_just_before_the_wait_ends_it() {
        scheduler.start(Role.WORKER, "waits", () -> waitFor(new Meanwhile()));
        scheduler.runUntilIdle();
        assertThat(seen).containsExactly("true");
        scheduler.close();
    }

    @Test
    void an_interrupt_from_a_foreign_thread_just_before_the_wait_ends_it() {
        scheduler.start(Role.WORKER, "waits", () -> {
            Thread me = Thread.currentThread();
            waitFor(new Meanwhile(me::interrupt));
        });
        scheduler.runUntilIdle();
        assertThat(seen).containsExactly("interrupted");
        scheduler.close();
    }

    private void waitFor(CompletableFuture<?> stage) {
        try {
            seen.add("" + scheduler.await(stage, FOR_EVER));
        } catch (InterruptedException interrupted) {
            seen.add("interrupted");
        }
    }

    @Test
    void what_is_due_at_the_end_of_a_wait_happens_before_it_is_over() throws Exception {
        var stage = new CompletableFuture<String>();
        scheduler.time().schedule(Duration.ofHours(1), () -> stage.complete("in time"));
        assertThat(scheduler.await(stage, Duration.ofHours(1))).isTrue();
        scheduler.close();
    }

    @Test
    void so_it_is_when_something_else_wakes_the_test_at_that_moment() throws Exception {
        var earlier = new CompletableFuture<String>();
        assertThat(scheduler.await(earlier, Duration.ofHours(1))).isFalse();
        var stage = new CompletableFuture<String>();
        scheduler.time().schedule(Duration.ofHours(1), () -> {
            earlier.complete("late");
            scheduler.start(Role.TELLER, "tells", () -> stage.complete("in time"));
        });
        assertThat(scheduler.await(stage, Duration.ofHours(1))).isTrue();
        scheduler.close();
    }

    @Test
    void a_look_without_waiting_lets_nothing_happen() throws Exception {
        scheduler.start(Role.WORKER, "job", () -> seen.add("ran"));
        assertThat(scheduler.await(new CompletableFuture<>(), Duration.ZERO)).isFalse();
        assertThat(seen).isEmpty();
        scheduler.close();
    }

    @Test
    void a_task_that_is_deaf_to_interrupts_ends_with_its_world() throws Exception {
        var threads = new ArrayList<Thread>();
        scheduler.start(Role.WORKER, "deaf", () -> {
            threads.add(Thread.currentThread());
            while (!seen.contains("true")) waitFor(new CompletableFuture<>());
        });
        scheduler.runUntilIdle();
        scheduler.close();
        threads.getFirst().join(10_000);
        assertThat(threads.getFirst().isAlive()).isFalse();
    }

    @Test
    void the_tasks_of_a_broken_world_end_when_it_is_closed() throws Exception {
        var world = new Scheduler(0, Duration.ofMillis(50));
        var threads = new ArrayList<Thread>();
        var latch = new CountDownLatch(1);
        world.start(Role.WORKER, "waits", () -> {
            threads.add(Thread.currentThread());
            try {
                world.await(new CompletableFuture<>(), FOR_EVER);
            } catch (InterruptedException closed) {
                // as it should be
            }
        });
        world.start(Role.WORKER, "stuck", () -> {
            threads.add(Thread.currentThread());
            try {
                latch.await();
            } catch (InterruptedException closed) {
                try {
                    world.await(new CompletableFuture<>(), FOR_EVER); // to clean up, it thinks
                } catch (InterruptedException again) {
                    // not to come
                }
            }
        });
        assertThatThrownBy(world::runUntilIdle).hasMessageContaining("the worker of job stuck");
        world.close();
        for (Thread thread : threads) {
            thread.join(10_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void a_test_that_is_interrupted_while_its_world_never_rests_gives_up() {
        Thread test = Thread.currentThread();
        var rounds = new AtomicInteger();
        scheduler.start(Role.WORKER, "goes round", new Runnable() {
            @Override
            public void run() {
                if (rounds.incrementAndGet() == 1000) test.interrupt(); // as the time limit of a test does
                if (rounds.get() < 2_000_000) scheduler.start(Role.WORKER, "goes round", this);
            }
        });
        assertThatThrownBy(scheduler::runUntilIdle)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("interrupted")
                .hasMessageContaining("goes round");
        assertThat(Thread.interrupted()).isTrue();
        scheduler.close();
    }
}
