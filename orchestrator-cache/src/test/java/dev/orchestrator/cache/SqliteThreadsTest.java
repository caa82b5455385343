package dev.orchestrator.cache;

import static dev.orchestrator.cache.SqliteStoreTest.LATER;
import static dev.orchestrator.cache.SqliteStoreTest.NOW;
import static dev.orchestrator.cache.SqliteStoreTest.user;
import static dev.orchestrator.cache.SqliteStoreTest.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many threads, and several stores on one file. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SqliteThreadsTest {
    private final MovableClock clock = new MovableClock(NOW);
    private final List<Exception> troubles = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    Path folder;

    @AfterEach
    void nothing_had_to_be_got_over() {
        assertThat(troubles).isEmpty();
    }

    private SqliteStore open() throws Exception {
        return SqliteStore.builder(folder.resolve("cache.db"))
                .clock(clock)
                .onTrouble(troubles::add)
                .open();
    }

    private interface Body {
        void run(int thread) throws Exception;
    }

    private static void together(int threads, Body body) throws Exception {
        var start = new CyclicBarrier(threads);
        var running = new ArrayList<Future<?>>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < threads; i++) {
                int thread = i;
                Callable<Void> task = () -> {
                    start.await(30, TimeUnit.SECONDS);
                    body.run(thread);
                    return null;
                };
                running.add(executor.submit(task));
            }
            for (Future<?> future : running) future.get();
        }
    }

    @Test
    void no_row_of_two_stores_with_many_threads_is_lost() throws Exception {
        try (var one = open();
                var two = open()) {
            together(8, thread -> {
                var store = thread % 2 == 0 ? one : two;
                for (int i = 0; i < 100; i++) {
                    store.save(user(1000 * thread + i), value("value " + i, "tag" + thread));
                    if (i % 10 == 9) store.invalidate(user(1000 * thread + i));
                }
            });
            for (int thread = 0; thread < 8; thread++) {
                for (int i = 0; i < 100; i++) {
                    var expected =
                            new StoredValue(("value " + i).getBytes(), NOW, LATER, i % 10 == 9, Set.of("tag" + thread));
                    assertThat(one.load(user(1000 * thread + i))).contains(expected);
                    assertThat(two.load(user(1000 * thread + i))).contains(expected);
                }
            }
        }
    }

    /** Each load sees one save as a whole: its bytes go with its tag. */
    @Test
    void what_is_loaded_while_it_is_replaced_is_one_of_the_values() throws Exception {
        try (var one = open();
                var two = open()) {
            one.save(user(1), value("0", "tag0"));
            together(6, thread -> {
                for (int i = 0; i < 300; i++) {
                    if (thread < 2) {
                        (thread == 0 ? one : two).save(user(1), value("" + i, "tag" + i));
                    } else {
                        var loaded = (thread % 2 == 0 ? one : two).load(user(1)).orElseThrow();
                        assertThat(loaded.tags()).containsExactly("tag" + new String(loaded.bytes()));
                    }
                }
            });
        }
    }

    @Test
    void after_an_invalidation_has_returned_nobody_loads_it_as_fresh() throws Exception {
        try (var one = open();
                var two = open()) {
            together(4, thread -> {
                var mine = thread % 2 == 0 ? one : two;
                var other = thread % 2 == 0 ? two : one;
                for (int i = 0; i < 50; i++) {
                    mine.save(user(thread), value("value", "tag" + thread));
                    switch (i % 3) {
                        case 0 -> other.invalidate(user(thread));
                        case 1 -> other.invalidateTag("tag" + thread);
                        default -> mine.invalidateTag("tag" + thread);
                    }
                    assertThat(mine.load(user(thread)).orElseThrow().invalidated())
                            .isTrue();
                    assertThat(other.load(user(thread)).orElseThrow().invalidated())
                            .isTrue();
                }
            });
        }
    }

    @Test
    void stores_that_are_opened_together_on_a_new_file_share_it() throws Exception {
        together(8, thread -> {
            try (var store = open()) {
                store.save(user(thread), value("value " + thread));
            }
        });
        try (var store = open()) {
            for (int thread = 0; thread < 8; thread++)
                assertThat(store.load(user(thread))).contains(value("value " + thread));
        }
    }

    @Test
    void a_store_that_is_opened_while_others_save_finds_no_damage() throws Exception {
        var opening = new AtomicBoolean(true);
        try (var one = open()) {
            together(2, thread -> {
                if (thread == 1) {
                    for (int i = 0; opening.get(); i++) one.save(user(i), value("value " + i));
                    return;
                }
                try {
                    for (int i = 0; i < 100; i++) open().close();
                } finally {
                    opening.set(false);
                }
            });
            assertThat(one.load(user(0))).contains(value("value 0"));
        }
    }

    @Test
    void stores_that_are_opened_together_on_a_damaged_file_put_it_aside_once() throws Exception {
        Files.writeString(folder.resolve("cache.db"), "no database at all");
        List<Exception> told = Collections.synchronizedList(new ArrayList<>());
        together(6, thread -> {
            try (var store = SqliteStore.builder(folder.resolve("cache.db"))
                    .clock(clock)
                    .onTrouble(told::add)
                    .open()) {
                store.save(user(thread), value("value " + thread));
            }
        });
        assertThat(told).hasSize(1);
        try (var store = open()) {
            for (int thread = 0; thread < 6; thread++)
                assertThat(store.load(user(thread))).isPresent();
        }
    }

    @Test
    void an_interrupt_is_left_to_the_caller_and_harms_nobody() throws Exception {
        try (var store = open()) {
            Thread.currentThread().interrupt();
            store.save(user(1), value("Ada"));
            store.invalidate(user(1));
            assertThat(store.load(user(1))).isPresent();
            try (var another = open()) {
                assertThat(another.load(user(1))).isPresent();
            }
            assertThat(Thread.interrupted()).isTrue();
            var writing = new Thread(() -> {
                for (int i = 0; i < 300; i++) {
                    try {
                        store.save(user(i), value("value " + i));
                    } catch (Exception e) {
                        troubles.add(e);
                    }
                }
            });
            writing.start();
            while (writing.isAlive()) {
                writing.interrupt();
                Thread.onSpinWait();
            }
            writing.join();
            for (int i = 0; i < 300; i++) assertThat(store.load(user(i))).contains(value("value " + i));
        }
    }

    @Test
    void a_store_that_is_closed_while_it_is_used_refuses_and_breaks_nothing() throws Exception {
        var store = open();
        together(4, thread -> {
            try {
                for (int i = 0; i < 1_000_000; i++) {
                    store.save(user(thread), value("value"));
                    if (thread == 0 && i == 50) store.close();
                }
                fail("the store is closed");
            } catch (IllegalStateException closed) {
                assertThat(closed).hasMessageContaining("is closed");
            }
        });
        try (var again = open()) {
            assertThat(again.load(user(0))).contains(value("value"));
        }
    }
}
