package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/** The place of a run among those of its owner; {@link OwnedRuns} alone reads and writes it. */
abstract class RunLinks extends Awaited {
    // Written by the dispatching thread before it hands the run over, then under the lock of the owner's runs.
    @Nullable
    JobRun<?> nextOwned;

    // Under that lock.
    @Nullable
    JobRun<?> previousOwned;

    boolean isOwned;
}
