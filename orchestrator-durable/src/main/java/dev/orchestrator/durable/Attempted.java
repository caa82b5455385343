package dev.orchestrator.durable;

import org.jspecify.annotations.Nullable;

/**
 * What the step that ends a claim has to know.
 *
 * @param attempts how many attempts there were, this one included
 * @param began when this attempt began, on the database's clock; null if none was made
 * @param letsOthersIn whether its ending may let works into the queue that wait for its key or a slot
 */
record Attempted(
        Attempt attempt,
        Store.Work work,
        int attempts,
        @Nullable Long began,
        boolean letsOthersIn) {
    Store.Claim claim() {
        return attempt.claim();
    }

    /** When the first attempt began; null if none was made. */
    @Nullable
    Long firstBegan() {
        Long noted = work.firstBegan();
        return noted != null ? noted : began;
    }
}
