package dev.orchestrator.examples.catalog;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.SignalBus;
import java.util.concurrent.Executor;

/** Finds files with the same content. It dispatches nothing: it learns all it knows from other people's events. */
final class DuplicatesOrchestrator extends BaseOrchestrator<DuplicatesState> {
    private static final long NOT_KNOWN = -1;

    // The lane only; too large for a state that is replaced at every change.
    private final DuplicateIndex index = new DuplicateIndex();
    private long seen;
    private long expected = NOT_KNOWN;

    DuplicatesOrchestrator(Dispatcher dispatcher, SignalBus bus, Executor lane) {
        super(DuplicatesState.UNKNOWN, dispatcher, bus, lane);
        observeSuccess(FingerprintFile.class, this::fingerprinted);
        observe(CatalogEnded.class, this::catalogEnded);
    }

    private void fingerprinted(FingerprintFile job, Fingerprint fingerprint) {
        seen++;
        index.add(job, fingerprint);
        finishIfAllSeen();
    }

    /** The owner of the jobs may be ahead of those who only listen, so there may be fingerprints still to come. */
    private void catalogEnded(CatalogEnded event) {
        expected = event.fingerprints();
        finishIfAllSeen();
    }

    private void finishIfAllSeen() {
        if (seen == expected) emit(new DuplicatesState(true, index.groups()));
    }
}
