package dev.orchestrator.examples.catalog;

import org.jspecify.annotations.Nullable;

/**
 * How far the catalogue is, and what it found.
 *
 * @param done the files that need no more work, and the bytes that need not be read any more
 * @param expected how much there is in all; null while nobody knows
 */
record CatalogState(Amount done, @Nullable Amount expected, Findings findings, Phase phase) {
    enum Phase {
        RUNNING,
        /** Somebody stopped it: no new jobs, and those under way are ending. */
        STOPPING,
        ENDED,
        INTERRUPTED
    }

    static final CatalogState NOTHING_YET = new CatalogState(Amount.NONE, null, Findings.NONE, Phase.RUNNING);

    boolean isOver() {
        return phase == Phase.ENDED || phase == Phase.INTERRUPTED;
    }

    CatalogState expecting(Amount amount) {
        return new CatalogState(done, amount, findings, phase);
    }

    CatalogState plusDone(long files, long bytes) {
        return new CatalogState(done.plus(files, bytes), expected, findings, phase);
    }

    CatalogState with(Findings now) {
        return new CatalogState(done, expected, now, phase);
    }

    CatalogState stopping() {
        return new CatalogState(done, expected, findings, Phase.STOPPING);
    }

    CatalogState over() {
        return new CatalogState(done, expected, findings, phase == Phase.STOPPING ? Phase.INTERRUPTED : Phase.ENDED);
    }
}
