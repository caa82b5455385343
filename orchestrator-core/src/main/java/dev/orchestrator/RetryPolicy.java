package dev.orchestrator;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a job that failed is tried again, how often, and after which delay (P8).
 *
 * <p>A policy is an immutable value; each method that changes something gives a new one. Without {@link #retryOn} and
 * {@link #retryIf} every {@link Exception} is retried and no {@link Error}; with them, what one of them admits.
 * {@link #abortOn} and {@link #abortIf} win over both, whichever was declared first, and {@link NonRetryable} over all.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="retry"}
 *
 * <p>Predicates and functions are called on whichever thread ends the attempt, for several jobs at once where they share
 * a policy; they should be short and only compute. What one of them throws goes to the log and to the error handler
 * (P5): then an error is not retried, a result is accepted, and a suggested delay is none.
 *
 * <p>Two policies are equal if the same was declared, in whatever order; for predicates and functions the order counts
 * among those of a kind, and their own {@code equals}.
 */
public final class RetryPolicy {
    private static final String PREDICATE = "the retry policy's predicate";
    private static final String DELAY_FROM = "the retry policy's delayFrom";

    /** For those who belong to no bus: what a predicate throws goes to the log alone. */
    private static final UserCode LOGGED = new UserCode(null);

    private static final RetryPolicy NONE = of(1, BackOff.fixed(Duration.ZERO));

    private final int attempts;
    private final BackOff backOff;
    private final @Nullable Duration maxElapsed;
    private final RetriedErrors errors;
    private final List<Predicate<? super @Nullable Object>> refusedResults;
    private final @Nullable Function<? super Throwable, Optional<Duration>> delayFrom;

    private RetryPolicy(
            int attempts,
            BackOff backOff,
            @Nullable Duration maxElapsed,
            RetriedErrors errors,
            List<Predicate<? super @Nullable Object>> refusedResults,
            @Nullable Function<? super Throwable, Optional<Duration>> delayFrom) {
        this.attempts = attempts;
        this.backOff = backOff;
        this.maxElapsed = maxElapsed;
        this.errors = errors;
        this.refusedResults = refusedResults;
        this.delayFrom = delayFrom;
    }

    private static RetryPolicy of(int attempts, BackOff backOff) {
        return new RetryPolicy(attempts, backOff, null, RetriedErrors.EXCEPTIONS, List.of(), null);
    }

    /** One attempt, and no other. */
    public static RetryPolicy none() {
        return NONE;
    }

    /**
     * The same delay after each failed attempt, without jitter.
     *
     * @param attempts how many attempts there are at most, the first included
     * @param delay how long to wait between two of them
     * @throws IllegalArgumentException if {@code attempts} is below 1 or {@code delay} is negative
     */
    public static RetryPolicy fixed(int attempts, Duration delay) {
        return of(checked(attempts), BackOff.fixed(notNegative(delay, "delay")));
    }

    /**
     * A delay that doubles with each failed attempt, with full jitter.
     *
     * <p>After attempt <i>n</i> the delay is drawn evenly from the range between zero and {@code first * 2^(n-1)}, so that
     * jobs that failed together do not come back together. That range grows to one minute, or to {@code first} where that
     * is longer; {@link #cap} changes it. Durations of more than 292 years count as 292 years.
     *
     * @param attempts how many attempts there are at most, the first included
     * @param first the longest delay after the first attempt
     * @throws IllegalArgumentException if {@code attempts} is below 1 or {@code first} is negative
     */
    public static RetryPolicy exponential(int attempts, Duration first) {
        return of(checked(attempts), BackOff.exponential(notNegative(first, "first")));
    }

    /**
     * Bounds the delay before an attempt; an exponential one is drawn from the range up to here.
     *
     * <p>A delay that {@link #delayFrom} suggests is not bounded by it. A second call replaces the first.
     *
     * @throws IllegalArgumentException if {@code longest} is not longer than zero
     */
    public RetryPolicy cap(Duration longest) {
        if (!Objects.requireNonNull(longest, "longest").isPositive()) {
            throw new IllegalArgumentException(
                    "cap must be longer than zero, was " + longest + ". To retry at once, make the delay itself zero.");
        }
        return new RetryPolicy(attempts, backOff.cap(longest), maxElapsed, errors, refusedResults, delayFrom);
    }

    /**
     * Bounds the time from the first attempt's start to the start of the last.
     *
     * <p>If the next delay would pass it, the job ends at once, with the error or the refused result of its last attempt.
     * A running attempt is not stopped by it; a time limit does that. A second call replaces the first.
     *
     * @throws IllegalArgumentException if {@code longest} is not longer than zero
     */
    public RetryPolicy maxElapsed(Duration longest) {
        if (!Objects.requireNonNull(longest, "longest").isPositive()) {
            throw new IllegalArgumentException("maxElapsed must be longer than zero, was " + longest
                    + ". To bound the attempts alone, leave maxElapsed() out.");
        }
        return new RetryPolicy(attempts, backOff, longest, errors, refusedResults, delayFrom);
    }

    /**
     * Retries errors of these classes, besides those that another {@code retryOn} or {@link #retryIf} admits.
     *
     * @param types classes of errors, their subclasses included; an {@link Error} too if it is named
     * @throws IllegalArgumentException if there is no class
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public final RetryPolicy retryOn(Class<? extends Throwable>... types) {
        return with(errors.retryOn(Arrays.asList(Objects.requireNonNull(types, "types"))));
    }

    /** Retries errors that the predicate admits, besides those that another one or {@link #retryOn} admits. */
    public RetryPolicy retryIf(Predicate<? super Throwable> predicate) {
        return with(errors.retryIf(Objects.requireNonNull(predicate, "predicate")));
    }

    /**
     * Never retries errors of these classes, nor those that another {@code abortOn} or {@link #abortIf} names.
     *
     * @param types classes of errors, their subclasses included
     * @throws IllegalArgumentException if there is no class
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public final RetryPolicy abortOn(Class<? extends Throwable>... types) {
        return with(errors.abortOn(Arrays.asList(Objects.requireNonNull(types, "types"))));
    }

    /** Never retries errors that the predicate admits, nor those that another one or {@link #abortOn} names. */
    public RetryPolicy abortIf(Predicate<? super Throwable> predicate) {
        return with(errors.abortIf(Objects.requireNonNull(predicate, "predicate")));
    }

    private RetryPolicy with(RetriedErrors changed) {
        return new RetryPolicy(attempts, backOff, maxElapsed, changed, refusedResults, delayFrom);
    }

    /**
     * Refuses results that the predicate admits, besides those that another {@code retryOnResult} refuses: the work is
     * tried again although it gave a value.
     *
     * <p>Which errors are retried does not change. A result that is still refused at the last attempt is the job's result.
     */
    public RetryPolicy retryOnResult(Predicate<? super @Nullable Object> predicate) {
        var changed = RetriedErrors.with(refusedResults, Objects.requireNonNull(predicate, "predicate"));
        return new RetryPolicy(attempts, backOff, maxElapsed, errors, changed, delayFrom);
    }

    /**
     * Takes the delay from the failure itself where it suggests one, as a server does with {@code Retry-After}.
     *
     * <p>It replaces the back-off, without jitter and without {@link #cap}; only {@link #maxElapsed} and the job's time
     * limit bound it. A second call replaces the first.
     *
     * @param suggestion gives the delay that the error suggests, or an empty answer for the back-off
     */
    public RetryPolicy delayFrom(Function<? super Throwable, Optional<Duration>> suggestion) {
        Objects.requireNonNull(suggestion, "suggestion");
        return new RetryPolicy(attempts, backOff, maxElapsed, errors, refusedResults, suggestion);
    }

    /** How many attempts there are at most, the first included. */
    public int attempts() {
        return attempts;
    }

    /**
     * How long to wait until the next attempt; empty if none should be made. For those who make the attempts themselves.
     *
     * <p>By the rules that hold for every job. A predicate or function that throws is logged, and counts as if it said no.
     *
     * @param attempt which attempt has ended; 1 for the first
     * @param result how it ended; nothing is tried again that was cancelled or whose time in all was up
     * @param elapsed how long ago the first attempt began; a negative one counts as zero
     * @param time where jitter comes from
     * @throws IllegalArgumentException if {@code attempt} is below 1
     */
    public Optional<Duration> delayAfter(int attempt, JobResult<?> result, Duration elapsed, Time time) {
        if (attempt < 1) throw new IllegalArgumentException("attempt must be 1 or more, was " + attempt);
        Objects.requireNonNull(elapsed, "elapsed");
        Objects.requireNonNull(time, "time");
        if (!triesAgain(attempt, Objects.requireNonNull(result, "result"), LOGGED)) return Optional.empty();
        Throwable error = result instanceof JobResult.Failure<?>(Throwable thrown) ? thrown : null;
        Duration delay = delayAfter(attempt, error, time, LOGGED);
        return hasTimeFor(delay, elapsed) ? Optional.of(delay) : Optional.empty();
    }

    /** Whether another attempt should be made after that one, as far as its outcome says; time is another matter. */
    boolean triesAgain(int attempt, JobResult<?> result, UserCode wall) {
        if (attempt >= attempts) return false;
        return switch (result) {
            case JobResult.Success<?> success -> retriesResult(success.value(), wall);
            case JobResult.Failure<?> failure -> retriesError(failure.error(), wall);
            case JobResult.Cancelled<?> cancelled -> false;
            case JobResult.TimedOut<?> timedOut -> false;
        };
    }

    /** Whether there is never a second attempt. */
    boolean isNone() {
        return attempts == 1;
    }

    /** Whether such an error is retried, provided that there is an attempt left. */
    boolean retriesError(Throwable error, UserCode wall) {
        try {
            return errors.admits(error);
        } catch (Throwable thrown) {
            wall.report(thrown, PREDICATE, null);
            return false;
        }
    }

    /** Whether such a result is refused, provided that there is an attempt left. */
    boolean retriesResult(@Nullable Object result, UserCode wall) {
        try {
            for (Predicate<? super @Nullable Object> refused : refusedResults) if (refused.test(result)) return true;
            return false;
        } catch (Throwable thrown) {
            wall.report(thrown, PREDICATE, null);
            return false;
        }
    }

    /**
     * How long to wait before the next attempt.
     *
     * @param failedAttempt which one failed; 1 for the first
     * @param error why; null if its result was refused
     */
    Duration delayAfter(int failedAttempt, @Nullable Throwable error, Time time, UserCode wall) {
        Duration suggested = error == null ? null : suggested(error, wall);
        return suggested == null ? backOff.after(failedAttempt, time) : suggested;
    }

    private @Nullable Duration suggested(Throwable error, UserCode wall) {
        if (delayFrom == null) return null;
        try {
            Optional<Duration> suggestion = Objects.requireNonNull(
                    delayFrom.apply(error), "the suggestion was null. For the back-off, give Optional.empty().");
            return suggestion
                    .map(delay -> notNegative(delay, "suggested delay"))
                    .orElse(null);
        } catch (Throwable thrown) {
            wall.report(thrown, DELAY_FROM, null);
            return null;
        }
    }

    /** Whether the next attempt, begun after that delay, begins within the elapsed cap. */
    boolean hasTimeFor(Duration delay, long firstAttemptStartedNanos, Time time) {
        return maxElapsed == null || hasTimeFor(delay, Duration.ofNanos(time.nanos() - firstAttemptStartedNanos));
    }

    private boolean hasTimeFor(Duration delay, Duration elapsed) {
        if (maxElapsed == null) return true;
        Duration gone = elapsed.isNegative() ? Duration.ZERO : elapsed; // a broken clock may go back
        return delay.compareTo(maxElapsed.minus(gone)) <= 0; // a sum with a huge delay would overflow
    }

    private static int checked(int attempts) {
        if (attempts >= 1) return attempts;
        throw new IllegalArgumentException("attempts must be 1 or more, were " + attempts
                + ". The first one counts: to try once only, use RetryPolicy.none().");
    }

    private static Duration notNegative(Duration delay, String what) {
        if (!Objects.requireNonNull(delay, what).isNegative()) return delay;
        throw new IllegalArgumentException(
                what + " must not be negative, was " + delay + ". To retry at once, use Duration.ZERO.");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RetryPolicy that
                && attempts == that.attempts
                && backOff.equals(that.backOff)
                && Objects.equals(maxElapsed, that.maxElapsed)
                && errors.equals(that.errors)
                && refusedResults.equals(that.refusedResults)
                && Objects.equals(delayFrom, that.delayFrom);
    }

    @Override
    public int hashCode() {
        return Objects.hash(attempts, backOff, maxElapsed, errors, refusedResults, delayFrom);
    }

    /** The calls that make such a policy, defaults included, with dots in place of predicates and functions. */
    @Override
    public String toString() {
        if (equals(NONE)) return "RetryPolicy.none()";
        return "RetryPolicy." + (backOff.doubles() ? "exponential(" : "fixed(") + attempts + ", " + backOff.first()
                + ")"
                + printed(".cap", backOff.cap())
                + printed(".maxElapsed", maxElapsed)
                + errors
                + ".retryOnResult(...)".repeat(refusedResults.size())
                + (delayFrom == null ? "" : ".delayFrom(...)");
    }

    private static String printed(String call, @Nullable Duration argument) {
        return argument == null ? "" : call + "(" + argument + ")";
    }
}
