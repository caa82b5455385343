package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.spi.Time;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** P8: what is retried, how often and after which delay, is a value. */
class RetryPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    private static final IOException ERROR = new IOException();
    private static final long LOWEST = 0; // the random bits that give the shortest delay,
    private static final long HIGHEST = -1; // and those that give the longest

    @SuppressWarnings("serial")
    private static final class WrongPassword extends IOException implements NonRetryable {}

    @SuppressWarnings("serial")
    private static final class BrokenInvariant extends AssertionError implements NonRetryable {}

    @SuppressWarnings("serial")
    private static final class NeitherExceptionNorError extends Throwable {}

    /** A clock that stands, and dice that fall as the test says. */
    private record Still(long nanos, long random) implements Time {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            throw new AssertionError("a policy needs no timer");
        }
    }

    /** What was told to the wall's error handler. */
    private static final class Told implements ErrorHandler {
        private final List<Throwable> errors = new ArrayList<>();
        private final List<String> handlers = new ArrayList<>();

        @Override
        public void onError(Throwable error, String handler, Event event) {
            assertThat(event).isNull();
            errors.add(error);
            handlers.add(handler);
        }
    }

    private final UserCode wall = new UserCode((error, handler, event) -> {
        throw new AssertionError("nothing was to be reported", error);
    });

    private boolean retries(RetryPolicy policy, Throwable error) {
        return policy.retriesError(error, wall);
    }

    private Duration delay(RetryPolicy policy, int failedAttempt, long random) {
        return policy.delayAfter(failedAttempt, ERROR, new Still(0, random), wall);
    }

    // --- what is retried

    @Test
    void the_policy_of_the_usage_page_compiles_and_retries_what_it_names() {
        var policy = RetryPolicy.exponential(3, Duration.ofSeconds(1)).retryOn(IOException.class);
        assertThat(policy.attempts()).isEqualTo(3);
        assertThat(retries(policy, new NoSuchFileException("a"))).isTrue();
        assertThat(retries(policy, new IllegalStateException())).isFalse();
    }

    @Test
    void without_a_choice_every_exception_is_retried_and_nothing_else() {
        var policy = RetryPolicy.fixed(2, SECOND);
        assertThat(retries(policy, new Exception())).isTrue();
        assertThat(retries(policy, new NullPointerException())).isTrue();
        assertThat(retries(policy, new TimeoutException())).isTrue();
        assertThat(retries(policy, new JobTimeoutException(SECOND))).isTrue();
        assertThat(retries(policy, new OutOfMemoryError())).isFalse();
        assertThat(retries(policy, new NeitherExceptionNorError())).isFalse();
    }

    @Test
    void an_error_is_retried_where_it_is_named() {
        assertThat(retries(RetryPolicy.fixed(2, SECOND).retryOn(StackOverflowError.class), new StackOverflowError()))
                .isTrue();
        assertThat(retries(RetryPolicy.fixed(2, SECOND).retryIf(Error.class::isInstance), new StackOverflowError()))
                .isTrue();
        assertThat(retries(RetryPolicy.fixed(2, SECOND).retryOn(StackOverflowError.class), new OutOfMemoryError()))
                .isFalse();
    }

    @Test
    void what_is_marked_as_final_is_never_retried() {
        var all = RetryPolicy.fixed(2, SECOND)
                .retryOn(Throwable.class, WrongPassword.class, BrokenInvariant.class)
                .retryIf(error -> true);
        for (var policy : List.of(RetryPolicy.fixed(2, SECOND), all)) {
            assertThat(retries(policy, new WrongPassword())).isFalse();
            assertThat(retries(policy, new BrokenInvariant())).isFalse();
            assertThat(retries(policy, new JobCancelledException("not wanted"))).isFalse();
        }
        assertThat(retries(all, new IOException(new WrongPassword()))).isTrue();
    }

    @Test
    void a_class_and_a_predicate_of_either_kind_add_up() {
        var policy = RetryPolicy.fixed(2, SECOND)
                .retryOn(IOException.class)
                .retryOn(TimeoutException.class, ArithmeticException.class)
                .retryIf(error -> "again".equals(error.getMessage()))
                .retryIf(error -> "once more".equals(error.getMessage()))
                .abortOn(FileNotFoundException.class)
                .abortOn(NoSuchFileException.class)
                .abortIf(error -> "never".equals(error.getMessage()))
                .abortIf(error -> "not at all".equals(error.getMessage()));
        assertThat(List.of(
                        new IOException(),
                        new TimeoutException(),
                        new ArithmeticException(),
                        new IllegalStateException("again"),
                        new IllegalStateException("once more")))
                .allMatch(error -> retries(policy, error));
        assertThat(List.of(
                        new IllegalStateException(),
                        new FileNotFoundException("again"),
                        new NoSuchFileException("once more"),
                        new IOException("never"),
                        new IOException("not at all")))
                .noneMatch(error -> retries(policy, error));
    }

    /** Every subset of the declarations, in many orders, against the sentence of the contract. */
    @Test
    void abort_wins_whichever_was_declared_first() {
        Predicate<Throwable> named = error -> "x".equals(error.getMessage());
        Predicate<Throwable> unwanted = error -> "y".equals(error.getMessage());
        List<UnaryOperator<RetryPolicy>> declarations = List.of(
                policy -> policy.retryOn(IOException.class),
                policy -> policy.retryIf(named),
                policy -> policy.abortOn(FileNotFoundException.class),
                policy -> policy.abortIf(unwanted));
        List<Throwable> errors = List.of(
                new IOException(),
                new IOException("y"),
                new FileNotFoundException("x"),
                new IllegalStateException("x"),
                new IllegalStateException("z"),
                new OutOfMemoryError("x"),
                new OutOfMemoryError("z"),
                new WrongPassword());
        for (int subset = 0; subset < 16; subset++) {
            var chosen = new ArrayList<Integer>();
            for (int i = 0; i < 4; i++) if ((subset & 1 << i) != 0) chosen.add(i);
            for (int seed = 0; seed < 24; seed++) {
                Collections.shuffle(chosen, new Random(seed));
                var policy = RetryPolicy.fixed(2, SECOND);
                for (int i : chosen) policy = declarations.get(i).apply(policy);
                for (Throwable error : errors) {
                    boolean aborted = error instanceof NonRetryable
                            || chosen.contains(2) && error instanceof FileNotFoundException
                            || chosen.contains(3) && unwanted.test(error);
                    boolean admitted = chosen.contains(0) || chosen.contains(1)
                            ? chosen.contains(0) && error instanceof IOException
                                    || chosen.contains(1) && named.test(error)
                            : error instanceof Exception;
                    assertThat(retries(policy, error))
                            .as("%s %s %s", policy, chosen, error)
                            .isEqualTo(admitted && !aborted);
                }
            }
        }
    }

    @Test
    void a_result_is_refused_by_any_of_the_predicates_and_null_is_a_result() {
        var policy = RetryPolicy.fixed(2, SECOND)
                .retryOnResult(Objects::isNull)
                .retryOnResult(result -> "busy".equals(result));
        assertThat(policy.retriesResult(null, wall)).isTrue();
        assertThat(policy.retriesResult("busy", wall)).isTrue();
        assertThat(policy.retriesResult("done", wall)).isFalse();
        assertThat(RetryPolicy.fixed(2, SECOND).retriesResult(null, wall)).isFalse();
        assertThat(retries(policy, new IOException())).as("errors as before").isTrue();
    }

    /** P5 */
    @Test
    void a_predicate_that_throws_is_reported_and_nothing_is_retried() {
        var told = new Told();
        var reporting = new UserCode(told);
        var broken = new StackOverflowError("the predicate's own");
        Predicate<Object> throwing = any -> {
            throw broken;
        };
        var base = RetryPolicy.fixed(2, SECOND);
        try (var log = new RecordedLog()) {
            for (var policy : List.of(
                    base.retryIf(throwing),
                    base.retryIf(throwing).retryIf(error -> true),
                    base.abortIf(throwing),
                    base.abortIf(throwing).retryOn(IOException.class))) {
                assertThat(policy.retriesError(new IOException(), reporting)).isFalse();
            }
            var refusing = base.retryOnResult(throwing).retryOnResult(result -> true);
            assertThat(refusing.retriesResult("busy", reporting)).isFalse();
            assertThat(base.retryOnResult(result -> ((Integer) result) < 0).retriesResult("busy", reporting))
                    .isFalse();
            assertThat(log.texts("SEVERE"))
                    .hasSize(6)
                    .first()
                    .isEqualTo("the retry policy's predicate threw java.lang.StackOverflowError");
        }
        assertThat(told.errors).hasSize(6).startsWith(broken, broken, broken, broken, broken);
        assertThat(told.errors.get(5)).isInstanceOf(ClassCastException.class);
        assertThat(told.handlers).containsOnly("the retry policy's predicate");
    }

    @Test
    void a_predicate_is_not_asked_where_a_class_has_decided() {
        Predicate<Throwable> never = error -> {
            throw new AssertionError("was asked");
        };
        var policy = RetryPolicy.fixed(2, SECOND)
                .retryIf(never)
                .retryOn(IOException.class)
                .abortOn(IllegalStateException.class);
        assertThat(retries(policy, new IOException())).isTrue();
        assertThat(retries(policy, new IllegalStateException())).isFalse();
        assertThat(retries(policy.abortIf(never), new IllegalStateException())).isFalse();
        assertThat(retries(policy.abortIf(never), new WrongPassword())).isFalse();
    }

    // --- after which delay

    @Test
    void a_fixed_delay_is_always_the_same() {
        var policy = RetryPolicy.fixed(Integer.MAX_VALUE, Duration.ofSeconds(7));
        for (int attempt : new int[] {1, 2, 63, 64, 65, Integer.MAX_VALUE}) {
            for (long random : new long[] {LOWEST, HIGHEST, 42}) {
                assertThat(delay(policy, attempt, random)).isEqualTo(Duration.ofSeconds(7));
                assertThat(delay(policy.cap(SECOND), attempt, random)).isEqualTo(SECOND);
                assertThat(delay(policy.cap(MINUTE), attempt, random)).isEqualTo(Duration.ofSeconds(7));
            }
        }
        assertThat(delay(RetryPolicy.fixed(2, LONGEST), 1, 42)).isEqualTo(LONGEST);
    }

    @Test
    void an_exponential_delay_doubles_up_to_a_minute_unless_it_is_told_otherwise() {
        var policy = RetryPolicy.exponential(100, SECOND);
        var longest = new ArrayList<Long>();
        for (int attempt = 1; attempt <= 9; attempt++) {
            longest.add(delay(policy, attempt, HIGHEST).toSeconds());
        }
        assertThat(longest).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
        assertThat(delay(policy.cap(Duration.ofSeconds(5)), 4, HIGHEST)).isEqualTo(Duration.ofSeconds(5));
        assertThat(delay(policy.cap(Duration.ofDays(1)), 8, HIGHEST)).isEqualTo(Duration.ofSeconds(128));
        assertThat(delay(policy.cap(Duration.ofMillis(3)), 1, HIGHEST)).isEqualTo(Duration.ofMillis(3));
    }

    @Test
    void a_first_delay_above_a_minute_is_its_own_cap() {
        var policy = RetryPolicy.exponential(9, Duration.ofMinutes(5));
        for (int attempt : new int[] {1, 2, 9}) {
            assertThat(delay(policy, attempt, HIGHEST)).isEqualTo(Duration.ofMinutes(5));
        }
    }

    @Test
    void a_first_delay_of_zero_stays_zero() {
        for (int attempt : new int[] {1, 2, 63, 64, 65, 128, Integer.MAX_VALUE}) {
            assertThat(delay(RetryPolicy.exponential(9, Duration.ZERO), attempt, HIGHEST))
                    .isZero();
            assertThat(delay(RetryPolicy.exponential(9, Duration.ZERO).cap(LONGEST), attempt, HIGHEST))
                    .isZero();
        }
    }

    /** For any durations and any attempt, against numbers that cannot overflow. */
    @Test
    void an_exponential_delay_never_overflows_and_stays_within_its_range() {
        var random = new Random(20_240_601);
        for (int i = 0; i < 50_000; i++) {
            Duration first = anyDuration(random);
            Duration cap = anyDuration(random).plusNanos(1);
            int attempt = anyAttempt(random);
            var policy = RetryPolicy.exponential(Integer.MAX_VALUE, first).cap(cap);
            BigInteger longest = longest(first, cap, attempt);
            long bits = random.nextLong();
            BigInteger expected =
                    unsigned(bits).multiply(longest.add(BigInteger.ONE)).shiftRight(64);
            assertThat(delay(policy, attempt, LOWEST)).isZero();
            assertThat(nanos(delay(policy, attempt, HIGHEST)))
                    .as("%s after attempt %s", policy, attempt)
                    .isEqualTo(longest);
            assertThat(nanos(delay(policy, attempt, bits)))
                    .as("%s after attempt %s with %s", policy, attempt, bits)
                    .isEqualTo(expected)
                    .isBetween(BigInteger.ZERO, longest);
        }
    }

    @Test
    void the_longest_durations_and_the_last_attempt_are_no_exception() {
        for (Duration first : List.of(Duration.ZERO, Duration.ofNanos(1), SECOND, LONGEST)) {
            for (Duration cap : List.of(Duration.ofNanos(1), MINUTE, Duration.ofNanos(Long.MAX_VALUE), LONGEST)) {
                for (int attempt : new int[] {1, 2, 31, 32, 33, 62, 63, 64, 65, 66, 128, Integer.MAX_VALUE}) {
                    assertThat(nanos(delay(
                                    RetryPolicy.exponential(Integer.MAX_VALUE, first)
                                            .cap(cap),
                                    attempt,
                                    HIGHEST)))
                            .as("%s, %s, %s", first, cap, attempt)
                            .isEqualTo(longest(first, cap, attempt));
                }
            }
        }
        assertThat(delay(RetryPolicy.exponential(3, Duration.ofSeconds(Long.MAX_VALUE)), 3, HIGHEST))
                .isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
    }

    /** Each of the 2^64 inputs counted, by where one value ends and the next begins. */
    @Test
    void no_delay_has_more_than_one_input_more_than_another() {
        BigInteger all = BigInteger.ONE.shiftLeft(64);
        for (long last : new long[] {0, 1, 2, 6, 9, 59, 999}) {
            BigInteger values = BigInteger.valueOf(last + 1);
            BigInteger fewest = all.divide(values);
            BigInteger begins = BigInteger.ZERO;
            for (long value = 0; value <= last; value++) {
                BigInteger ends = all.multiply(BigInteger.valueOf(value + 1)).add(values.subtract(BigInteger.ONE));
                ends = ends.divide(values);
                assertThat(BackOff.uniform(last, begins.longValue())).isEqualTo(value);
                assertThat(BackOff.uniform(last, ends.subtract(BigInteger.ONE).longValue()))
                        .isEqualTo(value);
                assertThat(ends.subtract(begins)).isBetween(fewest, fewest.add(BigInteger.ONE));
                begins = ends;
            }
            assertThat(begins).isEqualTo(all);
        }
    }

    @Test
    void the_delays_of_many_jobs_are_spread_evenly() {
        var policy = RetryPolicy.exponential(9, SECOND);
        for (long seed = 1; seed <= 20; seed++) {
            var random = new Random(seed);
            int[] perTenth = new int[10];
            for (int i = 0; i < 100_000; i++) {
                long nanos = delay(policy, 3, random.nextLong()).toNanos();
                perTenth[(int) Math.min(9, nanos / 400_000_000)]++;
            }
            // Five times the standard deviation of one of them.
            for (int count : perTenth) assertThat(count).isBetween(10_000 - 475, 10_000 + 475);
        }
    }

    @Test
    void a_suggested_delay_replaces_the_back_off_without_jitter_or_cap() {
        Function<Throwable, Optional<Duration>> retryAfter =
                error -> error instanceof TimeoutException ? Optional.of(Duration.ofHours(7)) : Optional.empty();
        var policy = RetryPolicy.exponential(3, SECOND).cap(SECOND).delayFrom(retryAfter);
        for (long random : new long[] {LOWEST, HIGHEST, 42}) {
            assertThat(policy.delayAfter(1, new TimeoutException(), new Still(0, random), wall))
                    .isEqualTo(Duration.ofHours(7));
        }
        assertThat(delay(policy, 1, HIGHEST)).isEqualTo(SECOND);
        var others = policy.delayFrom(error -> Optional.of(Duration.ZERO));
        assertThat(others.delayAfter(1, new TimeoutException(), new Still(0, HIGHEST), wall))
                .as("the last one counts")
                .isZero();
    }

    @Test
    void a_refused_result_suggests_nothing() {
        var policy = RetryPolicy.fixed(3, SECOND).delayFrom(error -> {
            throw new AssertionError("was asked");
        });
        assertThat(policy.delayAfter(1, null, new Still(0, 42), wall)).isEqualTo(SECOND);
    }

    /** P5 */
    @Test
    void a_suggestion_that_is_no_delay_is_reported_and_the_back_off_is_used() {
        var told = new Told();
        var reporting = new UserCode(told);
        var broken = new IllegalStateException("no header");
        List<Function<Throwable, Optional<Duration>>> suggestions = List.of(
                error -> {
                    throw broken;
                },
                error -> null,
                error -> Optional.of(Duration.ofSeconds(-1)));
        try (var log = new RecordedLog()) {
            for (var suggestion : suggestions) {
                var policy = RetryPolicy.fixed(3, SECOND).delayFrom(suggestion);
                assertThat(policy.delayAfter(1, new IOException(), new Still(0, 42), reporting))
                        .isEqualTo(SECOND);
            }
            assertThat(log.texts("SEVERE"))
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line).startsWith("the retry policy's delayFrom threw "));
        }
        assertThat(told.errors).hasSize(3).startsWith(broken);
        assertThat(told.errors.get(1))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("Optional.empty()");
        assertThat(told.errors.get(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be negative, was PT-1S");
        assertThat(told.handlers).containsOnly("the retry policy's delayFrom");
    }

    // --- for how long

    @Test
    void the_next_attempt_may_begin_when_the_elapsed_cap_is_reached_and_not_after() {
        var policy = RetryPolicy.fixed(9, SECOND).maxElapsed(Duration.ofNanos(100));
        for (long started : new long[] {0, -50, 1_000_000, Long.MAX_VALUE - 10, Long.MIN_VALUE}) {
            var time = new Still(started + 40, 0); // a clock of nanoseconds may run over
            assertThat(policy.hasTimeFor(Duration.ofNanos(60), started, time)).isTrue();
            assertThat(policy.hasTimeFor(Duration.ofNanos(61), started, time)).isFalse();
            assertThat(policy.hasTimeFor(LONGEST, started, time)).isFalse();
            assertThat(policy.hasTimeFor(Duration.ZERO, started, new Still(started + 100, 0)))
                    .isTrue();
            assertThat(policy.hasTimeFor(Duration.ZERO, started, new Still(started + 101, 0)))
                    .isFalse();
        }
    }

    @Test
    void without_an_elapsed_cap_there_is_always_time() {
        var policy = RetryPolicy.fixed(9, SECOND);
        assertThat(policy.hasTimeFor(LONGEST, 0, new Still(Long.MAX_VALUE, 0))).isTrue();
    }

    @Test
    void the_longest_elapsed_cap_does_not_overflow_whatever_the_clock_says() {
        var policy = RetryPolicy.fixed(9, SECOND).maxElapsed(LONGEST);
        for (long now : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThat(policy.hasTimeFor(SECOND, 0, new Still(now, 0))).isTrue();
        }
        assertThat(policy.hasTimeFor(LONGEST, 0, new Still(0, 0))).isTrue();
        assertThat(policy.hasTimeFor(LONGEST, 0, new Still(1, 0))).isFalse();
    }

    // --- a value

    @Test
    void one_attempt_is_none() {
        assertThat(RetryPolicy.none().isNone()).isTrue();
        assertThat(RetryPolicy.none().attempts()).isOne();
        assertThat(RetryPolicy.exponential(1, SECOND).retryOn(IOException.class).isNone())
                .isTrue();
        assertThat(RetryPolicy.fixed(2, SECOND).isNone()).isFalse();
        assertThat(RetryPolicy.exponential(Integer.MAX_VALUE, SECOND).isNone()).isFalse();
    }

    @Test
    void every_change_gives_a_new_policy_and_leaves_the_old_one() {
        var policy = RetryPolicy.exponential(3, SECOND);
        String before = policy.toString();
        for (var change : changes().values()) {
            assertThat(change.apply(policy)).isNotSameAs(policy).isNotEqualTo(policy);
        }
        assertThat(policy).hasToString(before).isEqualTo(RetryPolicy.exponential(3, SECOND));
    }

    @Test
    void two_policies_are_equal_exactly_when_the_same_was_declared() {
        Map<String, UnaryOperator<RetryPolicy>> changes = changes();
        var names = List.copyOf(changes.keySet());
        BiFunction<Integer, Random, RetryPolicy> declared = (subset, order) -> {
            var chosen = new ArrayList<>(names);
            if (order != null) Collections.shuffle(chosen, order);
            var policy = RetryPolicy.exponential(3, SECOND);
            for (String name : chosen) {
                if ((subset & 1 << names.indexOf(name)) != 0)
                    policy = changes.get(name).apply(policy);
            }
            return policy;
        };
        var seen = new HashMap<RetryPolicy, Integer>();
        for (int subset = 0; subset < 1 << names.size(); subset++) {
            var policy = declared.apply(subset, null);
            assertThat(seen.put(policy, subset)).as("%s", policy).isNull();
            for (int seed = 0; seed < 3; seed++) {
                var other = declared.apply(subset, new Random(seed));
                assertThat(other).isEqualTo(policy).hasSameHashCodeAs(policy);
            }
        }
    }

    /** Always the same functions, so that they are equal. */
    private static Map<String, UnaryOperator<RetryPolicy>> changes() {
        Predicate<Object> predicate = any -> false;
        Function<Throwable, Optional<Duration>> suggestion = error -> Optional.empty();
        return Map.of(
                "cap", policy -> policy.cap(Duration.ofSeconds(5)),
                "maxElapsed", policy -> policy.maxElapsed(MINUTE),
                "retryOn", policy -> policy.retryOn(IOException.class),
                "retryIf", policy -> policy.retryIf(predicate),
                "abortOn", policy -> policy.abortOn(IOException.class),
                "abortIf", policy -> policy.abortIf(predicate),
                "retryOnResult", policy -> policy.retryOnResult(predicate),
                "delayFrom", policy -> policy.delayFrom(suggestion));
    }

    @Test
    void policies_that_were_declared_differently_are_different() {
        assertThat(List.of(
                        RetryPolicy.none(),
                        RetryPolicy.fixed(1, SECOND),
                        RetryPolicy.fixed(2, SECOND),
                        RetryPolicy.fixed(2, MINUTE),
                        RetryPolicy.exponential(2, SECOND),
                        RetryPolicy.exponential(3, SECOND),
                        RetryPolicy.exponential(3, MINUTE)))
                .doesNotHaveDuplicates();
        assertThat(RetryPolicy.none()).isEqualTo(RetryPolicy.fixed(1, Duration.ZERO));
        assertThat(RetryPolicy.exponential(3, SECOND))
                .isEqualTo(RetryPolicy.exponential(3, SECOND).cap(MINUTE))
                .isNotEqualTo(null)
                .isNotEqualTo("RetryPolicy.exponential(3, PT1S).cap(PT1M)");
        assertThat(RetryPolicy.fixed(2, SECOND).retryOn(IOException.class).retryOn(TimeoutException.class))
                .isEqualTo(RetryPolicy.fixed(2, SECOND)
                        .retryOn(TimeoutException.class, IOException.class, TimeoutException.class));
    }

    @Test
    void a_policy_prints_the_calls_that_make_it() {
        assertThat(RetryPolicy.none()).hasToString("RetryPolicy.none()");
        assertThat(RetryPolicy.fixed(2, SECOND)).hasToString("RetryPolicy.fixed(2, PT1S)");
        assertThat(RetryPolicy.exponential(3, SECOND)).hasToString("RetryPolicy.exponential(3, PT1S).cap(PT1M)");
        assertThat(RetryPolicy.exponential(3, SECOND)
                        .delayFrom(error -> Optional.empty())
                        .retryOnResult(Objects::isNull)
                        .abortIf(error -> false)
                        .abortOn(FileNotFoundException.class)
                        .retryIf(error -> true)
                        .retryIf(error -> false)
                        .retryOn(IOException.class, TimeoutException.class)
                        .maxElapsed(Duration.ofMinutes(2))
                        .cap(Duration.ofSeconds(20)))
                .hasToString("RetryPolicy.exponential(3, PT1S).cap(PT20S).maxElapsed(PT2M)"
                        + ".retryOn(java.io.IOException, java.util.concurrent.TimeoutException)"
                        + ".retryIf(...).retryIf(...).abortOn(java.io.FileNotFoundException).abortIf(...)"
                        + ".retryOnResult(...).delayFrom(...)");
        assertThat(Snippets.retry().toString()).contains("exponential(5, PT1S)", "cap(PT20S)");
    }

    /** A user's {@code toString} and {@code hashCode} are a user's code. */
    @Test
    void printing_a_policy_and_declaring_it_run_no_code_of_a_user() {
        var policy = RetryPolicy.fixed(2, SECOND).retryIf(new Predicate<>() {
            @Override
            public boolean test(Throwable error) {
                return true;
            }

            @Override
            public int hashCode() {
                throw new IllegalStateException("was called");
            }

            @Override
            public boolean equals(Object other) {
                throw new IllegalStateException("was called");
            }

            @Override
            public String toString() {
                throw new IllegalStateException("was called");
            }
        });
        assertThat(policy.toString()).isEqualTo("RetryPolicy.fixed(2, PT1S).retryIf(...)");
    }

    @Test
    void there_is_no_public_constructor() {
        assertThat(RetryPolicy.class.getDeclaredConstructors())
                .allMatch(constructor -> Modifier.isPrivate(constructor.getModifiers()));
    }

    // --- bad input

    @Test
    void fewer_than_one_attempt_is_refused() {
        for (int attempts : new int[] {0, -1, Integer.MIN_VALUE}) {
            String text = "attempts must be 1 or more, were " + attempts
                    + ". The first one counts: to try once only, use RetryPolicy.none().";
            assertRefused(() -> RetryPolicy.fixed(attempts, SECOND), text);
            assertRefused(() -> RetryPolicy.exponential(attempts, SECOND), text);
        }
    }

    @Test
    void a_negative_delay_is_refused() {
        assertRefused(
                () -> RetryPolicy.fixed(2, Duration.ofNanos(-1)),
                "delay must not be negative, was PT-0.000000001S. To retry at once, use Duration.ZERO.");
        assertRefused(
                () -> RetryPolicy.exponential(2, Duration.ofSeconds(Long.MIN_VALUE)),
                "first must not be negative, was PT-2562047788015215H-30M-8S. To retry at once, use Duration.ZERO.");
    }

    @Test
    void a_cap_or_an_elapsed_cap_that_is_not_longer_than_zero_is_refused() {
        var policy = RetryPolicy.fixed(2, SECOND);
        assertRefused(
                () -> policy.cap(Duration.ZERO),
                "cap must be longer than zero, was PT0S. To retry at once, make the delay itself zero.");
        assertRefused(
                () -> policy.maxElapsed(Duration.ofSeconds(-5)),
                "maxElapsed must be longer than zero, was PT-5S. To bound the attempts alone, leave maxElapsed() out.");
        assertThatThrownBy(() -> policy.cap(SECOND.negated())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> policy.maxElapsed(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_list_of_no_class_is_refused() {
        assertRefused(
                () -> RetryPolicy.none().retryOn(),
                "retryOn needs a class, was given none. To keep the policy as it is, leave it out.");
        assertRefused(
                () -> RetryPolicy.none().abortOn(),
                "abortOn needs a class, was given none. To keep the policy as it is, leave it out.");
    }

    @Test
    void null_is_refused() {
        var policy = RetryPolicy.none();
        Class<? extends Throwable> noClass = null;
        for (ThrowingCallable call : Arrays.<ThrowingCallable>asList(
                () -> RetryPolicy.fixed(1, null),
                () -> RetryPolicy.exponential(1, null),
                () -> policy.cap(null),
                () -> policy.maxElapsed(null),
                () -> policy.retryOn((Class<? extends Throwable>[]) null),
                () -> policy.abortOn((Class<? extends Throwable>[]) null),
                () -> policy.retryOn(IOException.class, noClass),
                () -> policy.abortOn(IOException.class, noClass),
                () -> policy.retryIf(null),
                () -> policy.abortIf(null),
                () -> policy.retryOnResult(null),
                () -> policy.delayFrom(null))) {
            assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessageMatching(".+");
        }
        assertThatThrownBy(() -> policy.retryOn(noClass)).hasMessage("a class given to retryOn");
    }

    private static void assertRefused(ThrowingCallable call, String text) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(text);
    }

    // --- the model

    private static BigInteger longest(Duration first, Duration cap, int attempt) {
        // 2^127 is beyond every duration, and 0 stays 0.
        BigInteger grown = nanos(first).shiftLeft(Math.min(attempt - 1, 127));
        return grown.min(nanos(cap)).min(BigInteger.valueOf(Long.MAX_VALUE));
    }

    private static BigInteger nanos(Duration duration) {
        return BigInteger.valueOf(duration.getSeconds())
                .multiply(BigInteger.valueOf(1_000_000_000))
                .add(BigInteger.valueOf(duration.getNano()));
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    /** Of every magnitude: from nothing to 292 billion years. */
    private static Duration anyDuration(Random random) {
        if (random.nextInt(20) == 0) return Duration.ofSeconds(Long.MAX_VALUE);
        return random.nextBoolean()
                ? Duration.ofNanos(random.nextLong() >>> 1 + random.nextInt(63))
                : Duration.ofSeconds(random.nextLong() >>> 1 + random.nextInt(63), random.nextInt(999_999_999));
    }

    private static int anyAttempt(Random random) {
        return 1 + (random.nextBoolean() ? random.nextInt(130) : random.nextInt() >>> 1 + random.nextInt(31));
    }
}
