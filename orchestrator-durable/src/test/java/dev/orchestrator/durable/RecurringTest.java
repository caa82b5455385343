package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Recurring jobs: each time comes once in the cluster, and again with the same time if it could not be told. */
class RecurringTest {
    private static final Settings FRONT = new Settings(
            0, Duration.ofMillis(10), Duration.ofSeconds(20), Duration.ofDays(7), Duration.ofSeconds(5), 3);

    private final EngineWorld world = EngineWorld.create();
    private final BlockingQueue<Instant> ticks = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        world.close();
    }

    private Instant tick() throws InterruptedException {
        Instant tick = ticks.poll(30, TimeUnit.SECONDS);
        if (tick == null) throw new AssertionError("no tick");
        return tick;
    }

    @Test
    void each_time_comes_once_in_the_cluster_also_where_no_works_are_done() throws Exception {
        var every = Recurrence.fixedDelay(Duration.ofMillis(30));
        for (String node : new String[] {"one", "two", "three"}) {
            EngineWorld.Process process = world.process(node, FRONT);
            process.engine.recurring("beat", every, ticks::add);
            process.start();
        }

        var seen = new HashSet<Instant>();
        Instant last = Instant.EPOCH;
        for (int i = 0; i < 10; i++) {
            Instant tick = tick();
            assertThat(tick).isAfter(last);
            assertThat(seen.add(tick)).isTrue();
            last = tick;
        }
    }

    @Test
    void one_that_is_asked_for_after_the_start_comes_too() throws Exception {
        EngineWorld.Process process = world.process("one", FRONT).start();

        process.engine.recurring("beat", Recurrence.fixedDelay(Duration.ofMillis(10)), ticks::add);

        tick();
    }

    @Test
    void a_time_that_could_not_be_told_for_the_database_comes_again() throws Exception {
        var tries = new AtomicInteger();
        EngineWorld.Process process = world.process("one", FRONT);
        process.engine.recurring("beat", Recurrence.fixedDelay(Duration.ofMillis(10)), time -> {
            ticks.add(time);
            if (tries.incrementAndGet() == 1) throw new DurableStoreException("gone for the test");
        });
        process.start();

        Instant first = tick();
        assertThat(tick()).isEqualTo(first);
        assertThat(tick()).isAfter(first);
    }

    @Test
    void a_time_that_fails_otherwise_is_over_and_the_next_one_comes() throws Exception {
        EngineWorld.Process process = world.process("one", FRONT);
        process.engine.recurring("beat", Recurrence.fixedDelay(Duration.ofMillis(10)), time -> {
            ticks.add(time);
            throw new IllegalStateException("broken");
        });
        process.start();

        Instant first = tick();
        assertThat(tick()).isAfter(first);
    }

    @Test
    void the_time_of_a_process_that_died_comes_again_unchanged() throws Exception {
        EngineWorld.Process dead = world.process("dead", FRONT);
        dead.engine.recurring("yearly", Recurrence.cron("0 0 0 1 1 *", ZoneOffset.UTC), time -> {});
        dead.start();
        world.awaitRow("update orch_queue set priority = priority");
        dead.engine.close();
        long due = world.store.now() - 1000;
        world.change(
                "update orch_queue set execution_time = TIME(?), picked = true, picked_by = 'gone', last_heartbeat ="
                        + " TIME(?), version = version + 1",
                due,
                1L);
        EngineWorld.Process next = world.process("next", FRONT);
        next.engine.recurring("yearly", Recurrence.cron("0 0 0 1 1 *", ZoneOffset.UTC), ticks::add);
        next.start();

        assertThat(tick()).isEqualTo(Instant.ofEpochMilli(due));
    }

    @Test
    void the_first_time_of_a_fixed_delay_comes_after_it() {
        EngineWorld.Process process = world.process("one", FRONT);
        process.engine.recurring("beat", Recurrence.fixedDelay(Duration.ofHours(1)), ticks::add);
        process.engine.recurring("late", Recurrence.fixedDelay(Duration.ofSeconds(Long.MAX_VALUE)), ticks::add);
        process.engine.recurring("often", Recurrence.fixedDelay(Duration.ofMillis(10)), time -> {});
        process.start();

        Instant now = Instant.now();
        assertThat(Recurrence.fixedDelay(Duration.ofHours(1)).schedule().getInitialExecutionTime(now))
                .isBetween(now.plusSeconds(3599), now.plusSeconds(3600));
        assertThat(Recurrence.fixedDelay(Duration.ofSeconds(Long.MAX_VALUE))
                        .schedule()
                        .getInitialExecutionTime(now))
                .isEqualTo(Instant.ofEpochMilli(Millis.LATEST));
        assertThat(ticks).isEmpty();
    }

    @Test
    void each_second_is_a_whole_one() {
        Instant next = Recurrence.cron("* * * * * *", ZoneOffset.UTC)
                .schedule()
                .getInitialExecutionTime(Instant.parse("2026-01-01T00:00:00.700Z"));
        assertThat(next).isEqualTo(Instant.parse("2026-01-01T00:00:01Z"));
    }

    @Test
    void names_are_unique() {
        EngineWorld.Process process = world.process("one", FRONT);
        process.engine.recurring("beat", Recurrence.fixedDelay(Duration.ofHours(1)), ticks::add);

        assertThatThrownBy(
                        () -> process.engine.recurring("beat", Recurrence.fixedDelay(Duration.ofHours(1)), ticks::add))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there is a recurring job named beat already; names are unique");
    }

    @Test
    void a_recurrence_is_a_value_and_refuses_what_is_none() {
        ZoneId zone = ZoneId.of("Europe/Vienna");
        assertThat(Recurrence.cron("0 30 6 * * MON-FRI", zone))
                .isEqualTo(Recurrence.cron("0 30 6 * * MON-FRI", zone))
                .hasSameHashCodeAs(Recurrence.cron("0 30 6 * * MON-FRI", zone))
                .hasToString("Recurrence.cron(\"0 30 6 * * MON-FRI\", Europe/Vienna)");
        assertThat(Recurrence.daily(zone, LocalTime.NOON)).hasToString("Recurrence.daily(Europe/Vienna, [12:00])");
        assertThat(Recurrence.fixedDelay(Duration.ofMinutes(5))).hasToString("Recurrence.fixedDelay(PT5M)");
        for (String broken : new String[] {"", "every day", "0 0 25 * * *", "* * * * *", "-", "0 0 0 31 2 *"}) {
            assertThatThrownBy(() -> Recurrence.cron(broken, zone))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("not a cron expression: \"" + broken + "\" (")
                    .hasMessageContaining("second minute hour day-of-month month day-of-week");
        }
        assertThatThrownBy(() -> Recurrence.fixedDelay(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Recurrence.daily(zone)).isInstanceOf(IllegalArgumentException.class);
    }
}
