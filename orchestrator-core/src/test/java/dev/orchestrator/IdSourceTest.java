package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.spi.Time;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A dispatched job's id names its type, sorts by time whatever the clock does, and comes from its scope. */
class IdSourceTest {
    private record Work() implements Job<String> {}

    @Test
    void the_id_of_a_dispatched_record_begins_with_its_types_name() {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Work.class, (job, context) -> "");
            assertThat(dispatcher.dispatch(new Work()).id()).startsWith("Work-");
            var anonymous = new Job<String>() {};
            dispatcher.registerFamily(anonymous.getClass(), (job, context) -> "");
            assertThat(dispatcher.dispatch(anonymous).id()).contains("IdSourceTest");
        }
    }

    @Test
    void dispatching_the_same_record_twice_gives_two_ids() {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Work.class, (job, context) -> "");
            var job = new Work();
            String first = dispatcher.dispatch(job).id();
            assertThat(dispatcher.dispatch(job).id()).isGreaterThan(first);
        }
    }

    @Test
    void ids_sort_by_the_time_of_their_making_whoever_makes_them() {
        var time = new VirtualTime();
        var one = Ids.on(time);
        var other = Ids.on(time);
        var made = new ArrayList<String>();
        for (int i = 0; i < 100; i++) {
            made.add((i % 2 == 0 ? one : other).next("id"));
            time.advance(Duration.ofMillis(1));
        }
        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void ids_go_on_growing_when_the_clock_stands_still_or_goes_back() {
        var clock = new SettableClock();
        var ids = Ids.on(clock);
        var made = new ArrayList<String>();
        clock.now = Instant.parse("2026-01-01T00:00:00Z");
        for (int i = 0; i < 1_000; i++) made.add(ids.next("id"));
        clock.now = Instant.parse("2025-01-01T00:00:00Z");
        for (int i = 0; i < 1_000; i++) made.add(ids.next("id"));
        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void ids_of_the_far_future_still_sort() {
        var clock = new SettableClock();
        var ids = Ids.on(clock);
        var made = new ArrayList<String>();
        for (int year = 2000; year < 2200; year += 10) {
            clock.now = Instant.parse(year + "-01-01T00:00:00Z");
            made.add(ids.next("id"));
        }
        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void the_same_seed_gives_the_same_ids() {
        assertThat(idsOfAScope()).isEqualTo(idsOfAScope()).doesNotHaveDuplicates();
    }

    private static List<String> idsOfAScope() {
        var time = new VirtualTime();
        var ids = new ArrayList<String>();
        try (var bus = SignalBus.builder().time(time).build();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Work.class, (job, context) -> "");
            for (int i = 0; i < 20; i++) {
                ids.add(dispatcher.dispatch(new Work()).id());
                time.advance(Duration.ofMillis(i % 3));
            }
        }
        return ids;
    }

    private static final class SettableClock implements Time {
        volatile Instant now = Instant.EPOCH;

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            throw new AssertionError("ids need no timer");
        }

        @Override
        public long random() {
            return 42;
        }
    }
}
