package dev.orchestrator.benchmarks;

import java.util.List;

/** A round trip whose job is in a database before {@link #submit} returns. Any thread may submit. */
interface DurableRoundTrip extends RoundTrip {
    /** Rows of a table that make one job, and its columns that tell jobs apart. */
    record Rows(String table, List<String> ids) {
        Rows(String table, String... ids) {
            this(table, List.of(ids));
        }
    }

    /** Submits a job that is due tomorrow, with that priority if there are any. */
    void submitForTomorrow(long number, int priority);

    /** Where the rows of a job are. */
    List<Rows> rows();

    /** How many jobs that are due the database still has something to do for, after all were handled. */
    String unfinished();

    /** How many jobs ended, as a query; null if it keeps none. */
    String ended();

    /** How long nothing was done, since a peer looks for jobs only so often and may not look more often. */
    default long idleNanos(long allSubmitted) {
        return 0;
    }
}
