package dev.orchestrator.durable;

import dev.orchestrator.JobOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * When a durable job may run, and before which others: what only durable jobs have, beside the {@link JobOptions}.
 *
 * <p>An immutable value; each method that changes something gives a new one. It travels as an extra of the options:
 * {@code JobOptions.builder().extra(DurableOptions.class, DurableOptions.delayed(Duration.ofHours(1))).build()}.
 */
public final class DurableOptions {
    private static final DurableOptions NONE = new DurableOptions(Duration.ZERO, null, 0);

    private static final Instant LATEST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final Duration delay;
    private final @Nullable Instant startAt;
    private final int priority;

    private DurableOptions(Duration delay, @Nullable Instant startAt, int priority) {
        this.delay = delay;
        this.startAt = startAt;
        this.priority = priority;
    }

    /** As soon as possible, with priority 0: what holds unless something is set. */
    public static DurableOptions none() {
        return NONE;
    }

    /**
     * Not before that time has passed since the dispatch, on the database's clock.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public static DurableOptions delayed(Duration delay) {
        if (Objects.requireNonNull(delay, "delay").isNegative())
            throw new IllegalArgumentException(
                    "delay must not be negative, was " + delay + ". To run as soon as possible, leave it out");
        return new DurableOptions(delay, null, 0);
    }

    /**
     * Not before that moment, on the database's clock; at once if it has passed.
     *
     * @throws IllegalArgumentException if it is so far away that no count of milliseconds reaches it
     */
    public static DurableOptions startingAt(Instant start) {
        if (Objects.requireNonNull(start, "start").isAfter(LATEST))
            throw new IllegalArgumentException("a start must be a moment that milliseconds can count, was " + start);
        return new DurableOptions(Duration.ZERO, start.isBefore(Instant.EPOCH) ? Instant.EPOCH : start, 0);
    }

    /** With that priority, as soon as possible. */
    public static DurableOptions prioritized(int priority) {
        return NONE.withPriority(priority);
    }

    /** Before due jobs with a lower number, after those with a higher one; 0 unless set. Those that run are not stopped. */
    public DurableOptions withPriority(int value) {
        return new DurableOptions(delay, startAt, value);
    }

    /** How long after the dispatch it may run; zero unless set. */
    public Duration delay() {
        return delay;
    }

    /** When it may run; null unless set. */
    public @Nullable Instant startAt() {
        return startAt;
    }

    /** Its place among due jobs. */
    public int priority() {
        return priority;
    }

    /** What the options of a job say; {@link #none} if they say nothing. */
    static DurableOptions of(JobOptions options) {
        DurableOptions asked = options.extra(DurableOptions.class);
        return asked == null ? NONE : asked;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DurableOptions that
                && delay.equals(that.delay)
                && Objects.equals(startAt, that.startAt)
                && priority == that.priority;
    }

    @Override
    public int hashCode() {
        return Objects.hash(delay, startAt, priority);
    }

    /** What is set, and nothing else. */
    @Override
    public String toString() {
        return "DurableOptions[" + (delay.isZero() ? "" : "delay=" + delay + ", ")
                + (startAt == null ? "" : "startAt=" + startAt + ", ") + "priority=" + priority + "]";
    }
}
