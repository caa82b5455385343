package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Conditions hold when they say, and say exactly when they will, also when clocks are changed. */
class ConditionsTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Condition window(String from, String until, Instant now) {
        return Conditions.timeWindow(LocalTime.parse(from), LocalTime.parse(until), BERLIN, InstantSource.fixed(now));
    }

    private static Instant berlin(String time) {
        return LocalDateTime.parse(time).atZone(BERLIN).toInstant();
    }

    private static void holdsIn(Condition window, Duration wait) {
        assertThat(window.holdsIn()).contains(wait);
        assertThat(window.holds()).isEqualTo(wait.isZero());
    }

    // ---- time windows ----

    @Test
    void a_window_holds_from_its_first_moment_until_just_before_its_last() {
        holdsIn(window("08:00", "17:00", berlin("2024-06-03T07:59:59.999")), Duration.ofMillis(1));
        holdsIn(window("08:00", "17:00", berlin("2024-06-03T08:00")), Duration.ZERO);
        holdsIn(window("08:00", "17:00", berlin("2024-06-03T16:59:59.999")), Duration.ZERO);
        holdsIn(window("08:00", "17:00", berlin("2024-06-03T17:00")), Duration.ofHours(15));
    }

    @Test
    void a_window_can_go_over_midnight() {
        holdsIn(window("22:00", "06:00", berlin("2024-06-03T21:00")), Duration.ofHours(1));
        holdsIn(window("22:00", "06:00", berlin("2024-06-03T22:00")), Duration.ZERO);
        holdsIn(window("22:00", "06:00", berlin("2024-06-04T00:00")), Duration.ZERO);
        holdsIn(window("22:00", "06:00", berlin("2024-06-04T05:59:59")), Duration.ZERO);
        holdsIn(window("22:00", "06:00", berlin("2024-06-04T06:00")), Duration.ofHours(16));
        holdsIn(window("08:00", "00:00", berlin("2024-06-04T23:59")), Duration.ZERO);
        holdsIn(window("08:00", "00:00", berlin("2024-06-05T00:00")), Duration.ofHours(8));
    }

    @Test
    void a_night_with_an_hour_less_is_shorter() {
        // On 2024-03-31 the clocks go from 02:00 to 03:00.
        holdsIn(window("08:00", "17:00", berlin("2024-03-30T17:00")), Duration.ofHours(14));
    }

    @Test
    void a_night_with_an_hour_more_is_longer() {
        // On 2024-10-27 the clocks go from 03:00 back to 02:00.
        holdsIn(window("08:00", "17:00", berlin("2024-10-26T17:00")), Duration.ofHours(16));
    }

    @Test
    void a_window_in_the_hour_that_is_left_out_is_there_on_the_next_day() {
        holdsIn(
                window("02:15", "02:45", berlin("2024-03-31T01:00")),
                Duration.ofHours(24).plusMinutes(15));
    }

    @Test
    void a_window_that_begins_in_the_hour_that_is_left_out_begins_when_that_is_over() {
        holdsIn(window("02:30", "04:00", berlin("2024-03-31T01:00")), Duration.ofHours(1));
        holdsIn(window("02:30", "04:00", berlin("2024-03-31T03:00")), Duration.ZERO);
    }

    @Test
    void a_window_in_the_hour_that_comes_twice_holds_twice() {
        Instant first = LocalDateTime.parse("2024-10-27T02:45").toInstant(ZoneOffset.ofHours(2));
        holdsIn(window("02:15", "02:45", first.minusSeconds(1)), Duration.ZERO);
        holdsIn(window("02:15", "02:45", first), Duration.ofMinutes(30));
        holdsIn(window("02:15", "02:45", first.plus(Duration.ofMinutes(30))), Duration.ZERO);
    }

    @Test
    void a_window_before_a_clock_that_is_set_back_into_it_holds_again() {
        Instant over = LocalDateTime.parse("2024-10-27T02:45").toInstant(ZoneOffset.ofHours(2));
        holdsIn(window("01:30", "02:30", over), Duration.ofMinutes(15));
    }

    @Test
    void when_a_window_says_that_it_will_hold_it_does_and_not_before() {
        for (Instant now = berlin("2024-03-29T00:00");
                now.isBefore(berlin("2024-04-02T00:00"));
                now = now.plusSeconds(977))
            for (String[] times : new String[][] {{"02:15", "02:45"}, {"23:30", "02:30"}, {"03:00", "03:01"}}) {
                Duration wait = window(times[0], times[1], now).holdsIn().orElseThrow();
                assertThat(window(times[0], times[1], now.plus(wait)).holds()).isTrue();
                for (Duration before = Duration.ZERO; before.compareTo(wait) < 0; before = before.plusMinutes(11))
                    assertThat(window(times[0], times[1], now.plus(before)).holds())
                            .isFalse();
            }
    }

    @Test
    void a_window_has_a_name_and_a_length() {
        assertThat(window("08:00", "17:30", Instant.EPOCH).name()).isEqualTo("time window 08:00-17:30");
        assertThatThrownBy(() -> window("08:00", "08:00", Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not end when it begins");
        assertThat(Conditions.timeWindow(LocalTime.MIN, LocalTime.NOON, ZoneOffset.UTC)
                        .holdsIn())
                .isPresent();
    }

    // ---- of the user's ----

    @Test
    void a_condition_of_the_users_holds_as_the_supplier_says_and_tells_of_changes() {
        var isOn = new AtomicBoolean();
        var told = new AtomicInteger();
        SignalledCondition condition = Conditions.when("online", isOn::get);
        condition.changed();
        condition.onChange(told::incrementAndGet);
        assertThat(condition.name()).isEqualTo("online");
        assertThat(condition.holds()).isFalse();
        assertThat(condition.holdsIn()).isEmpty();
        isOn.set(true);
        condition.changed();
        assertThat(condition.holds()).isTrue();
        assertThat(told).hasValue(1);
    }

    @Test
    void names_that_mean_something_else_are_refused() {
        for (String name : new String[] {"key", "limit", " ", "x".repeat(301)}) {
            assertThatThrownBy(() -> Conditions.when(name, () -> true)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Handling.standard().runningWhen(named(name)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("condition");
        }
        assertThatThrownBy(() -> Handling.standard().runningWhen(named(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the name of the condition");
    }

    /** A condition of the user's own. */
    private static Condition named(String name) {
        return new Condition() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean holds() {
                return true;
            }
        };
    }

    // ---- reachable ----

    @Test
    void a_host_is_reachable_while_somebody_listens() throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        Condition condition;
        int port;
        try (var server = new ServerSocket(0, 5, here)) {
            port = server.getLocalPort();
            condition = Conditions.reachable(here.getHostAddress(), port, Duration.ofSeconds(10));
            assertThat(condition.holds()).isTrue();
            assertThat(condition.name()).isEqualTo(here.getHostAddress() + ":" + port);
        }
        assertThat(Conditions.reachable(here.getHostAddress(), port, Duration.ofSeconds(10))
                        .holds())
                .isFalse();
        assertThat(Conditions.reachable("no.such.host.invalid", 80, Duration.ofSeconds(1))
                        .holds())
                .isFalse();
    }

    @Test
    void what_was_found_out_is_kept_for_its_time() {
        var nanos = new AtomicLong(Long.MAX_VALUE - 5); // a clock of nanoseconds may overflow
        var asked = new AtomicInteger();
        var kept = new KeptAnswer(() -> asked.incrementAndGet() % 2 == 1, Duration.ofNanos(10), nanos::get);
        assertThat(kept.getAsBoolean()).isTrue();
        nanos.addAndGet(9);
        assertThat(kept.getAsBoolean()).isTrue();
        nanos.addAndGet(1);
        assertThat(kept.getAsBoolean()).isFalse();
        assertThat(asked).hasValue(2);
    }

    @Test
    void a_place_that_is_none_is_refused() {
        assertThatThrownBy(() -> Conditions.reachable(" ", 80, Duration.ofSeconds(1)))
                .hasMessage("the host is blank");
        assertThatThrownBy(() -> Conditions.reachable("h", 0, Duration.ofSeconds(1)))
                .hasMessageContaining("was 0");
        assertThatThrownBy(() -> Conditions.reachable("h", 80, Duration.ZERO)).hasMessageContaining("longer than zero");
    }
}
