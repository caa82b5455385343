package dev.orchestrator.examples.catalog;

import dev.orchestrator.JobOptions;

/** How the catalogue asks for files to be read. */
@FunctionalInterface
interface Reads {
    /** What is said at the dispatch of the job for that file. */
    JobOptions of(FingerprintFile job);

    /** The same for one whose job was cancelled, although nobody has stopped this catalogue. */
    default JobOptions again(FingerprintFile job) {
        return of(job);
    }
}
