package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** P8: those who make attempts themselves get the answers by which every job is tried again. */
class RetryDelayTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final JobResult<String> FAILED = new JobResult.Failure<>(new IOException("broken"));
    private static final JobResult<String> DONE = new JobResult.Success<>("done");

    private final VirtualTime time = new VirtualTime();

    @SuppressWarnings("serial")
    private static final class WrongPassword extends IOException implements NonRetryable {}

    private Optional<Duration> after(RetryPolicy policy, int attempt, JobResult<?> result) {
        return policy.delayAfter(attempt, result, Duration.ZERO, time);
    }

    private static JobResult<String> failed(Throwable error) {
        return new JobResult.Failure<>(error);
    }

    @Test
    void there_is_a_delay_as_long_as_an_attempt_is_left() {
        var policy = RetryPolicy.fixed(3, SECOND);
        assertThat(after(policy, 1, FAILED)).contains(SECOND);
        assertThat(after(policy, 2, FAILED)).contains(SECOND);
        assertThat(after(policy, 3, FAILED)).isEmpty();
        assertThat(after(policy, 7, FAILED)).isEmpty();
        assertThat(after(RetryPolicy.none(), 1, FAILED)).isEmpty();
    }

    @Test
    void what_ended_well_or_by_somebody_s_wish_is_not_tried_again() {
        var policy = RetryPolicy.fixed(3, SECOND);
        assertThat(after(policy, 1, DONE)).isEmpty();
        assertThat(after(policy, 1, new JobResult.Cancelled<>("not wanted"))).isEmpty();
        assertThat(after(policy, 1, new JobResult.TimedOut<>(SECOND))).isEmpty();
    }

    @Test
    void the_error_decides() {
        var policy = RetryPolicy.fixed(3, SECOND);
        assertThat(after(policy, 1, failed(new AssertionError()))).isEmpty();
        assertThat(after(policy, 1, failed(new WrongPassword()))).isEmpty();
        assertThat(after(policy.abortOn(IOException.class), 1, FAILED)).isEmpty();
        assertThat(after(policy.retryOn(IllegalStateException.class), 1, FAILED))
                .isEmpty();
        assertThat(after(policy.retryOn(IOException.class), 1, FAILED)).contains(SECOND);
    }

    @Test
    void a_refused_result_is_tried_again_without_a_suggested_delay() {
        var policy = RetryPolicy.fixed(3, SECOND)
                .retryOnResult("done"::equals)
                .delayFrom(error -> Optional.of(Duration.ofHours(1)));
        assertThat(after(policy, 1, DONE)).contains(SECOND);
        assertThat(after(policy, 3, DONE)).isEmpty();
        assertThat(after(policy, 1, FAILED)).contains(Duration.ofHours(1));
    }

    @Test
    void the_next_attempt_begins_within_the_elapsed_cap_or_not_at_all() {
        var policy = RetryPolicy.fixed(3, SECOND).maxElapsed(Duration.ofSeconds(10));
        assertThat(policy.delayAfter(1, FAILED, Duration.ofSeconds(9), time)).contains(SECOND);
        assertThat(policy.delayAfter(1, FAILED, Duration.ofSeconds(9).plusNanos(1), time))
                .isEmpty();
        assertThat(policy.delayAfter(1, FAILED, Duration.ofSeconds(-9), time)).contains(SECOND);
        assertThat(policy.delayAfter(1, FAILED, Duration.ofSeconds(Long.MAX_VALUE), time))
                .isEmpty();
    }

    @Test
    void an_exponential_delay_is_drawn_from_the_range_that_grows() {
        var policy = RetryPolicy.exponential(9, SECOND).cap(Duration.ofSeconds(3));
        for (int i = 0; i < 100; i++) {
            assertThat(after(policy, 1, FAILED).orElseThrow()).isBetween(Duration.ZERO, SECOND);
            assertThat(after(policy, 5, FAILED).orElseThrow()).isBetween(Duration.ZERO, Duration.ofSeconds(3));
        }
    }

    @Test
    void a_predicate_that_throws_is_logged_and_says_no() throws Exception {
        try (var log = new CapturedLog()) {
            var policy = RetryPolicy.fixed(3, SECOND)
                    .retryIf(error -> {
                        throw new IllegalStateException("broken");
                    })
                    .retryOnResult(value -> {
                        throw new IllegalStateException("broken");
                    });
            assertThat(after(policy, 1, FAILED)).isEmpty();
            assertThat(after(policy, 1, DONE)).isEmpty();
            var suggesting = RetryPolicy.fixed(3, SECOND).delayFrom(error -> {
                throw new IllegalStateException("broken");
            });
            assertThat(after(suggesting, 1, FAILED)).contains(SECOND);
            assertThat(log.lines()).hasSize(3);
        }
    }

    @Test
    void an_attempt_is_counted_from_one() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> after(RetryPolicy.none(), 0, FAILED))
                .withMessage("attempt must be 1 or more, was 0");
    }
}
