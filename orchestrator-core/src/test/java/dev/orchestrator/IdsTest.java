package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P9 and the fine print on ids: unique everywhere, sorted by time, readable. */
class IdsTest {
    private static final int THREADS = 8;
    private static final int EACH = 1_250_000;

    /** The part of an id that differs within a process, as a number. */
    private static long stampOf(String id) {
        String stamp = id.substring(id.indexOf('-') + 1, id.indexOf('-') + 14);
        long value = 0;
        for (int i = 0; i < stamp.length(); i++) {
            value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".indexOf(stamp.charAt(i));
        }
        return value;
    }

    @Test
    void ten_million_ids_of_eight_threads_are_all_different_and_sorted_within_each_thread() throws Exception {
        var together = new CyclicBarrier(THREADS);
        Callable<long[]> maker = () -> {
            long[] stamps = new long[EACH];
            together.await();
            String before = "";
            for (int i = 0; i < EACH; i++) {
                String id = JobIds.next("job");
                if (id.compareTo(before) <= 0) throw new AssertionError(id + " came after " + before);
                before = id;
                stamps[i] = stampOf(id);
            }
            return stamps;
        };
        long[] all = new long[THREADS * EACH];
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var parts = threads.invokeAll(
                    IntStream.range(0, THREADS).mapToObj(i -> maker).toList());
            for (int i = 0; i < THREADS; i++) System.arraycopy(parts.get(i).get(), 0, all, i * EACH, EACH);
        }
        Arrays.sort(all);
        for (int i = 1; i < all.length; i++) if (all[i] == all[i - 1]) throw new AssertionError("one id came twice");
        assertThat(all[0]).isNotEqualTo(all[all.length - 1]);
    }

    @Test
    void the_prefix_stays_readable() {
        assertThat(JobIds.next("import")).matches("import-[0-9a-z]{29}");
        assertThat(JobIds.next("zażółć 日本")).startsWith("zażółć 日本-");
    }

    @Test
    void a_blank_or_missing_prefix_is_refused() {
        assertThatThrownBy(() -> JobIds.next(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("blank");
        assertThatThrownBy(() -> JobIds.next(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("prefix");
    }

    @Test
    void ids_sort_by_time_even_when_the_clock_stands_still() {
        var time = new VirtualTime();
        var ids = Ids.on(time);
        var made = new ArrayList<String>();
        for (int i = 0; i < 100; i++) made.add(ids.next("job"));
        time.advance(Duration.ofMillis(1));
        for (int i = 0; i < 100; i++) made.add(ids.next("job"));
        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void two_sources_with_the_same_clock_make_different_ids() {
        var time = new VirtualTime();
        assertThat(Ids.on(time).next("job")).isNotEqualTo(Ids.on(time).next("job"));
    }

    @Test
    void the_same_time_and_chance_give_the_same_ids() {
        assertThat(Ids.on(new VirtualTime()).next("job"))
                .isEqualTo(Ids.on(new VirtualTime()).next("job"));
    }
}
