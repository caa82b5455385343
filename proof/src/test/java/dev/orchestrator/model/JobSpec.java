package dev.orchestrator.model;

import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import java.time.Duration;

/**
 * What the code of a job does and what is asked of it.
 *
 * @param ends how its last attempt ends
 * @param fails how many attempts fail before
 * @param attempts how many its policy allows
 * @param talks whether it reports progress and emits an event in each attempt
 * @param child whether each attempt dispatches a child and awaits it
 * @param timeoutMillis its total limit; 0 for none
 * @param sameKey what its options say of another job with the same key
 * @param key the number of the key
 */
record JobSpec(
        Ends ends, int fails, int attempts, boolean talks, boolean child, int timeoutMillis, SameKey sameKey, int key) {
    enum Ends {
        RETURNS,
        THROWS,
        THROWS_ERROR,
        /** Waits until it is stopped; blocks its thread. */
        HANGS
    }

    enum SameKey {
        NONE,
        JOIN,
        DROP,
        REPLACE,
        QUEUE
    }

    static final JobSpec PLAIN = new JobSpec(Ends.RETURNS, 0, 1, false, false, 0, SameKey.NONE, 0);

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

    static final Duration BACK_OFF = Duration.ofMillis(10);

    JobOptions options(String id) {
        var options = JobOptions.builder();
        if (id != null) options.id(id);
        if (timeoutMillis > 0) options.timeout(Duration.ofMillis(timeoutMillis));
        if (attempts > 1) options.retry(RetryPolicy.fixed(attempts, BACK_OFF));
        switch (sameKey) {
            case NONE -> {}
            case JOIN -> options.joinRunning(key);
            case DROP -> options.dropIfRunning(key);
            case REPLACE -> options.replaceRunning(key);
            case QUEUE -> options.queueIfRunning(key, QUEUED);
        }
        return options.build();
    }

    /** How many attempts there are if nobody intervenes; a job that hangs is in its last one. */
    int expectedAttempts() {
        boolean isRetried = ends == Ends.THROWS; // errors are not, and the others end
        if (fails >= attempts) return attempts;
        return isRetried ? attempts : fails + 1;
    }

    boolean succeedsAlone() {
        return ends == Ends.RETURNS && fails < attempts;
    }

    boolean failsAlone() {
        return ends != Ends.HANGS && !succeedsAlone() || fails >= attempts;
    }
}
