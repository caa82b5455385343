package dev.orchestrator.examples.catalog;

import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long the catalogue waits for a file system, how often it asks, and for how much at a time.
 *
 * @param seconds how long a folder's page or a file may take, a large file longer; 0 for any time
 * @param attempts how often it is tried, the first time included
 * @param reads how many files are read at the same time, and how many folders
 */
record Patience(int seconds, int attempts, int reads) {
    static final int SECONDS = 60;
    static final int ATTEMPTS = 3;

    static final int MOST_SECONDS = 86_400;
    static final int MOST_ATTEMPTS = 100;
    static final int MOST_READS = Backlog.FILES_AT_A_TIME;

    /** A file may take a second more for so many bytes. */
    private static final long BYTES_PER_SECOND = 1_000_000;

    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(5);

    /** For whoever asks for nothing else; hashing computes, so more reads than processors are seldom faster. */
    static Patience usual() {
        return new Patience(SECONDS, ATTEMPTS, Math.max(2, Runtime.getRuntime().availableProcessors()));
    }

    /**
     * How all jobs of a type are run.
     *
     * @param dispatched how many the orchestrator asks for at a time: there is room in line for all of them
     */
    JobOptions ofType(int dispatched) {
        return common().limit(RunLimit.of(reads).orQueue(dispatched)).build();
    }

    /** How all jobs of a type are run where something else bounds how many there are at the same time. */
    JobOptions ofType() {
        return common().build();
    }

    private JobOptions.Builder common() {
        var options = JobOptions.builder()
                .retry(RetryPolicy.exponential(attempts, FIRST_DELAY)
                        .cap(LONGEST_DELAY)
                        .retryIf(Reasons::mayPass));
        // Not the total limit: that one counts the wait for other files too.
        if (seconds > 0) options.attemptTimeout(Duration.ofSeconds(seconds));
        return options;
    }

    /** What is different for that file. */
    JobOptions of(FingerprintFile job) {
        var longer = longer(job);
        return longer == null
                ? JobOptions.none()
                : JobOptions.builder().attemptTimeout(longer).build();
    }

    /** How long that file may take; null if it is as any other. */
    @Nullable
    Duration longer(FingerprintFile job) {
        long more = job.version().size() / BYTES_PER_SECOND;
        return seconds == 0 || more == 0 ? null : Duration.ofSeconds(seconds + more);
    }
}
