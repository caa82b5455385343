package dev.orchestrator.durable;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which durable jobs are meant; without a restriction, all of them. A value.
 */
public final class JobFilter {
    private static final int LONGEST_TEXT = 10_000;
    private static final JobFilter ALL = new JobFilter(Set.of(), null, null, null, null, null, null, false);

    private final Set<JobState> states;
    private final @Nullable String type;
    private final @Nullable String key;
    private final @Nullable String owner;
    private final @Nullable Instant from;
    private final @Nullable Instant until;
    private final @Nullable String errorText;
    private final boolean leavesOutDiscarded;

    private JobFilter(
            Set<JobState> states,
            @Nullable String type,
            @Nullable String key,
            @Nullable String owner,
            @Nullable Instant from,
            @Nullable Instant until,
            @Nullable String errorText,
            boolean leavesOutDiscarded) {
        this.states = states;
        this.type = type;
        this.key = key;
        this.owner = owner;
        this.from = from;
        this.until = until;
        this.errorText = errorText;
        this.leavesOutDiscarded = leavesOutDiscarded;
    }

    /** All jobs. */
    public static JobFilter all() {
        return ALL;
    }

    /**
     * Only those in one of these states.
     *
     * @throws IllegalArgumentException if there is no state; {@link #all} has no restriction
     */
    public JobFilter in(JobState... wanted) {
        if (wanted.length == 0) throw new IllegalArgumentException("name a state at least, or leave in() out");
        return new JobFilter(Set.copyOf(List.of(wanted)), type, key, owner, from, until, errorText, leavesOutDiscarded);
    }

    /** Only those of the type with that name. */
    public JobFilter ofType(String wanted) {
        return new JobFilter(
                states, Objects.requireNonNull(wanted, "type"), key, owner, from, until, errorText, leavesOutDiscarded);
    }

    /**
     * Only those with that key.
     *
     * @throws IllegalArgumentException if it is none that a durable job can have
     */
    public JobFilter withKey(Object wanted) {
        return new JobFilter(
                states,
                type,
                DurableDriver.textOf(Objects.requireNonNull(wanted, "key")),
                owner,
                from,
                until,
                errorText,
                leavesOutDiscarded);
    }

    /** Only those that the orchestrator with that name dispatched. */
    public JobFilter ownedBy(String wanted) {
        return new JobFilter(
                states, type, key, Objects.requireNonNull(wanted, "owner"), from, until, errorText, leavesOutDiscarded);
    }

    /** Only those that were accepted at that time or later. */
    public JobFilter acceptedFrom(Instant wanted) {
        return new JobFilter(
                states, type, key, owner, Objects.requireNonNull(wanted, "from"), until, errorText, leavesOutDiscarded);
    }

    /** Only those that were accepted before that time. */
    public JobFilter acceptedBefore(Instant wanted) {
        return new JobFilter(
                states, type, key, owner, from, Objects.requireNonNull(wanted, "until"), errorText, leavesOutDiscarded);
    }

    /**
     * Only those whose error has that text in it, whatever the case of its letters.
     *
     * @throws IllegalArgumentException if it has more than 10,000 characters
     */
    public JobFilter withErrorText(String wanted) {
        if (Objects.requireNonNull(wanted, "errorText").length() > LONGEST_TEXT)
            throw new IllegalArgumentException(
                    "a text to look for has at most " + LONGEST_TEXT + " characters, this one has " + wanted.length());
        return new JobFilter(states, type, key, owner, from, until, wanted, leavesOutDiscarded);
    }

    /** Without the dead letters with which somebody has done. */
    JobFilter notDiscarded() {
        return new JobFilter(states, type, key, owner, from, until, errorText, true);
    }

    boolean leavesOutDiscarded() {
        return leavesOutDiscarded;
    }

    Set<JobState> states() {
        return states;
    }

    @Nullable
    String type() {
        return type;
    }

    @Nullable
    String key() {
        return key;
    }

    @Nullable
    String owner() {
        return owner;
    }

    @Nullable
    Instant from() {
        return from;
    }

    @Nullable
    Instant until() {
        return until;
    }

    @Nullable
    String errorText() {
        return errorText;
    }
}
