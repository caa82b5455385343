package dev.orchestrator.model;

import dev.orchestrator.CancellationToken;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import java.time.Duration;
import java.util.List;

/**
 * What the code of a job does and what is asked of it.
 *
 * @param ends how its last attempt ends
 * @param fails how many attempts fail before
 * @param attempts how many its policy allows
 * @param talks whether it reports progress and emits an event in each attempt
 * @param child whether each attempt dispatches a child and awaits it
 * @param timeoutMillis its total limit; 0 for none
 * @param attemptMillis the limit of each attempt; 0 for none
 * @param sameKey what its options say of another job with the same key
 * @param key the number of the key
 * @param limit which of the {@linkplain #LIMITS limits} it has; 0 for none
 * @param token which token it has; 0 for none
 */
record JobSpec(
        Ends ends,
        int fails,
        int attempts,
        boolean talks,
        boolean child,
        int timeoutMillis,
        int attemptMillis,
        SameKey sameKey,
        int key,
        int limit,
        int token) {
    enum Ends {
        RETURNS,
        THROWS,
        THROWS_ERROR,
        /** Waits until it is stopped; blocks its thread. */
        HANGS,
        /** Waits for the end of the program, deaf to interrupts. */
        DEAF
    }

    enum SameKey {
        NONE,
        JOIN,
        DROP,
        REPLACE,
        QUEUE,
        DEBOUNCE,
        THROTTLE;

        /** Whether there is one work at a time. */
        boolean isOneAtATime() {
            return this == JOIN || this == DROP || this == REPLACE || this == QUEUE;
        }
    }

    static final JobSpec PLAIN = new JobSpec(Ends.RETURNS, 0, 1, false, false, 0, 0, SameKey.NONE, 0, 0, 0);

    /** The job of a program; the number tells it from all others. */
    record Work(int number, JobSpec spec) implements Job<Integer> {}

    /** A child of such a job. */
    record Part(int number) implements Job<Integer> {}

    /** What a hanging job waits for: a child that never ends by itself. */
    record Never(int number) implements Job<Integer> {}

    /** Nobody is registered for it. */
    record Unknown(int number) implements Job<Integer> {}

    /** How many may wait for their key. */
    static final int QUEUED = 1;

    /** What a job with the limit of that number may meet: one that refuses, one with a queue, one that lets all wait. */
    static final List<RunLimit> LIMITS = List.of(
            RunLimit.of(1).orRefuse(), RunLimit.of(2).orQueue(1), RunLimit.of(1).orWait());

    /** How many may be in flight in each of the limits. */
    static final List<Integer> IN_FLIGHT = List.of(1, 2, 1);

    static final int TOKENS = 3;
    static final Duration BACK_OFF = Duration.ofMillis(10);
    static final Duration GRACE = Duration.ofMillis(30);
    static final Duration SILENCE = Duration.ofMillis(20);
    static final Duration WINDOW = Duration.ofMillis(40);

    JobOptions options(String id, List<CancellationToken> tokens) {
        var options = JobOptions.builder();
        if (id != null) options.id(id);
        if (timeoutMillis > 0) options.timeout(Duration.ofMillis(timeoutMillis));
        if (attemptMillis > 0) options.attemptTimeout(Duration.ofMillis(attemptMillis));
        if (attempts > 1) options.retry(RetryPolicy.fixed(attempts, BACK_OFF));
        if (ends == Ends.DEAF) options.grace(GRACE);
        if (limit > 0) options.limitPerKey(limit, LIMITS.get(limit - 1));
        if (token > 0) options.token(tokens.get(token - 1));
        switch (sameKey) {
            case NONE -> {}
            case JOIN -> options.joinRunning(key);
            case DROP -> options.dropIfRunning(key);
            case REPLACE -> options.replaceRunning(key);
            case QUEUE -> options.queueIfRunning(key, QUEUED);
            case DEBOUNCE -> options.debounce(key, SILENCE);
            case THROTTLE -> options.throttle(key, WINDOW);
        }
        return options.build();
    }

    /** For a dispatch that has a key of its own, and tells a refusal otherwise. */
    JobSpec withoutRules() {
        return new JobSpec(
                ends, fails, attempts, talks, child, timeoutMillis, attemptMillis, SameKey.NONE, 0, 0, token);
    }

    boolean waitsForItsEnd() {
        return ends == Ends.HANGS || ends == Ends.DEAF;
    }

    /** Whether a limit may turn it away. */
    boolean isRefusedAtItsLimit() {
        return limit == 1 || limit == 2;
    }

    /** How many attempts there are if nobody intervenes and nothing but what hangs takes any time. */
    int expectedAttempts() {
        if (fails >= attempts || ends == Ends.THROWS) return attempts;
        if (ends == Ends.HANGS && attemptMillis > 0) return attempts;
        return fails + 1; // errors are not retried, and the others end
    }

    boolean succeedsAlone() {
        return ends == Ends.RETURNS && fails < attempts;
    }

    boolean failsAlone() {
        if (fails >= attempts) return true;
        return switch (ends) {
            case THROWS, THROWS_ERROR -> true;
            case HANGS -> attemptMillis > 0;
            case RETURNS, DEAF -> false;
        };
    }
}
