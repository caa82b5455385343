package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.CancellationToken;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a dispatch asked for comes back as it was asked for, and what cannot be stored is refused. */
class StoredOptionsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final JsonPayloads payloads = new JsonPayloads();

    private String stored(UnaryOperator<JobOptions.Builder> asked) {
        return payloads.encodeOptions(asked.apply(JobOptions.builder()).build());
    }

    private void comesBack(UnaryOperator<JobOptions.Builder> asked) {
        assertThat(payloads.decodeOptions(stored(asked)))
                .isEqualTo(asked.apply(JobOptions.builder()).build());
    }

    private void isRefused(UnaryOperator<JobOptions.Builder> asked, String why) {
        assertThatThrownBy(() -> stored(asked))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void nothing_comes_back_as_nothing() {
        assertThat(payloads.encodeOptions(JobOptions.none())).isEqualTo("{}");
        assertThat(payloads.decodeOptions("{}")).isEqualTo(JobOptions.none());
    }

    @Test
    void what_is_set_comes_back_set_and_what_is_unset_unset() {
        comesBack(it -> it.attemptTimeout(SECOND));
        comesBack(it -> it.grace(Duration.ZERO));
        comesBack(it -> it.progressInterval(SECOND));
        comesBack(it -> it.attemptTimeout(SECOND).grace(SECOND).progressInterval(SECOND));
    }

    @Test
    void what_is_set_to_what_unset_means_comes_back_set() {
        comesBack(it -> it.grace(Duration.ofSeconds(5)));
        comesBack(it -> it.noAttemptTimeout());
        comesBack(it -> it.progressInterval(Duration.ZERO));
        comesBack(it -> it.retry(RetryPolicy.none()));
        comesBack(it -> it.noAttemptTimeout()
                .progressInterval(Duration.ZERO)
                .grace(SECOND)
                .retry(RetryPolicy.none()));
    }

    @Test
    void what_is_stored_elsewhere_or_belongs_to_the_dispatch_is_left_out() {
        for (UnaryOperator<JobOptions.Builder> key : List.<UnaryOperator<JobOptions.Builder>>of(
                it -> it.joinRunning("k"),
                it -> it.dropIfRunning("k"),
                it -> it.replaceRunning("k"),
                it -> it.queueIfRunning("k", 3)))
            assertThat(stored(it -> key.apply(it)
                            .id("a")
                            .timeout(SECOND)
                            .token(new CancellationToken())
                            .extra(DurableOptions.class, DurableOptions.delayed(SECOND))))
                    .isEqualTo("{}");
        assertThat(stored(it -> it.noTimeout())).isEqualTo("{}");
    }

    @Test
    void what_cannot_be_stored_is_refused() {
        isRefused(
                it -> it.retry(RetryPolicy.fixed(3, SECOND)),
                "set it where the type is registered, or in the job's own");
        isRefused(it -> it.worker(Runnable::run), "a worker cannot be stored");
        isRefused(it -> it.debounce("k", SECOND), "debounce is not for durable jobs; use replaceRunning");
        isRefused(it -> it.throttle("k", SECOND), "throttle is not for durable jobs; use dropIfRunning");
        isRefused(it -> it.limitPerKey("k", RunLimit.of(1)), "a limit cannot be given to a single durable job");
        isRefused(it -> it.extra(String.class, "for another module"), "an extra of another module");
    }

    @Test
    void stored_options_that_are_none_say_so() {
        assertThatThrownBy(() -> payloads.decodeOptions("{\"grace\":\"soon\"}"))
                .isInstanceOf(UnreadableException.class)
                .hasMessageContaining("a duration in it is none");
        assertThatThrownBy(() -> payloads.decodeOptions("1")).isInstanceOf(UnreadableException.class);
    }

    @Test
    void durable_options_are_values_that_are_checked() {
        var start = Instant.parse("2030-01-01T00:00:00Z");
        var options = DurableOptions.startingAt(start).withPriority(7);
        assertThat(options.startAt()).isEqualTo(start);
        assertThat(options.priority()).isEqualTo(7);
        assertThat(options.delay()).isZero();
        assertThat(options)
                .isEqualTo(DurableOptions.startingAt(start).withPriority(7))
                .isNotEqualTo(DurableOptions.none());
        assertThat(options).hasSameHashCodeAs(DurableOptions.startingAt(start).withPriority(7));
        assertThat(options).hasToString("DurableOptions[startAt=2030-01-01T00:00:00Z, priority=7]");
        assertThat(DurableOptions.delayed(SECOND)).hasToString("DurableOptions[delay=PT1S, priority=0]");
        assertThat(DurableOptions.startingAt(Instant.MIN).startAt()).isEqualTo(Instant.EPOCH);
        assertThatThrownBy(() -> DurableOptions.startingAt(Instant.MAX)).hasMessageContaining("milliseconds can count");
        assertThatThrownBy(() -> DurableOptions.delayed(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("delay must not be negative, was PT-1S. To run as soon as possible, leave it out");
    }

    @Test
    void durable_options_are_found_in_those_of_a_job() {
        assertThat(DurableOptions.of(JobOptions.none())).isSameAs(DurableOptions.none());
        var asked = JobOptions.builder()
                .extra(DurableOptions.class, DurableOptions.prioritized(3))
                .build();
        assertThat(DurableOptions.of(asked).priority()).isEqualTo(3);
    }
}
