package dev.orchestrator.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakVerdictTest {
    private static final double MIB = 1 << 20;

    private static SoakVerdict of(IntToDoubleFunction nanos, IntToDoubleFunction mebibytes) {
        List<Soak.Sample> samples = IntStream.range(0, 60)
                .mapToObj(i -> new Soak.Sample(
                        Duration.ofMinutes(i + 1),
                        i,
                        nanos.applyAsDouble(i),
                        60,
                        (long) (mebibytes.applyAsDouble(i) * MIB),
                        20,
                        0,
                        10))
                .toList();
        return SoakVerdict.of(samples);
    }

    @Test
    void an_hour_is_compared_in_ten_minutes_after_five() {
        var verdict = of(i -> 1_000 + i, i -> i / 100.0);
        assertThat(verdict.from()).isEqualTo(5);
        assertThat(verdict.size()).isEqualTo(10);
        assertThat(verdict.firstNanos()).isEqualTo(1_010);
        assertThat(verdict.lastNanos()).isEqualTo(1_055);
        assertThat(verdict.holds()).isTrue();
    }

    @Test
    void what_only_the_warm_up_took_does_not_count() {
        assertThat(of(i -> i < 5 ? 10 : 1_000, i -> i < 5 ? 1 : 8).holds()).isTrue();
    }

    @Test
    void a_heap_that_grows_fails() {
        var verdict = of(i -> 1_000, i -> 5 + i * 0.03);
        assertThat(verdict.isFlat()).isFalse();
        assertThat(verdict.holds()).isFalse();
    }

    @Test
    void a_slow_down_fails() {
        var verdict = of(i -> 1_000 + i * 100, i -> 5);
        assertThat(verdict.isAsFast()).isFalse();
        assertThat(verdict.holds()).isFalse();
    }
}
