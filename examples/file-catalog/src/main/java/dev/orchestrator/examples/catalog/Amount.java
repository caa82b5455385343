package dev.orchestrator.examples.catalog;

/** So many files with so many bytes. */
record Amount(long files, long bytes) {
    static final Amount NONE = new Amount(0, 0);

    Amount plus(long moreFiles, long moreBytes) {
        return new Amount(files + moreFiles, bytes + moreBytes);
    }
}
