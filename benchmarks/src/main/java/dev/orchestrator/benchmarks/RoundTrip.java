package dev.orchestrator.benchmarks;

/** Brings a number to somebody who adds one elsewhere, and the result to somebody who handles it; one for each peer. */
interface RoundTrip extends AutoCloseable {
    void submit(long number);

    @Override
    default void close() throws Exception {}

    static long work(long number) {
        return number + 1;
    }
}
