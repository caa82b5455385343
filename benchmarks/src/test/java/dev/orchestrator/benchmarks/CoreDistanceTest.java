package dev.orchestrator.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;

class CoreDistanceTest {
    @Test
    void a_line_takes_more_than_a_nanosecond_from_one_core_to_another() {
        assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
        assertThat(CoreDistance.nanos()).isGreaterThan(1);
    }
}
