package dev.orchestrator.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final Suite SUITE = new Suite(
            "X. A suite",
            "About it.",
            "",
            Set.of("LOOP", "SLOW_LOOP"),
            List.of(new Suite.Margin("emit", "OURS", 3)),
            Map.of());

    private final Checks checks = new Checks();

    private static Table table(String caption, double ours) {
        return new Table(
                caption, List.of(Table.Row.of("SLOW_LOOP", 100), Table.Row.of("LOOP", 10), Table.Row.of("OURS", ours)));
    }

    @Test
    void a_row_within_its_margin_to_the_fastest_limit_holds() {
        checks.add(SUITE, List.of(table("other", 1_000), table("emit", 30)));
        assertThat(checks.failed()).isEmpty();
    }

    @Test
    void a_row_beyond_it_fails() {
        checks.add(SUITE, List.of(table("emit", 31)));
        assertThat(checks.failed()).containsExactly("| X | emit | ours | 3.1 | 3.0 | **no** |");
    }

    @Test
    void a_margin_of_what_was_not_measured_fails() {
        checks.add(SUITE, List.of(table("renamed", 30)));
        assertThat(checks.failed()).containsExactly("| X | emit | ours | not measured | 3.0 | **no** |");
    }
}
