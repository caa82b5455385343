package dev.orchestrator;

import dev.orchestrator.RunLimit.AtLimit;
import java.util.concurrent.CompletableFuture;

/**
 * A limit at which there is no room in line: a dispatch is refused there, or its caller waits.
 *
 * <p>Made under the lock of {@link RunLimits} and never changed; read by the dispatching thread afterwards.
 */
final class CrowdedLimit {
    final LimitCounter limit;
    final int waiting;

    /** Whether the caller waits for room in line; it is refused if not. */
    final boolean lets;

    final boolean isFirst;
    final CompletableFuture<Void> room = new CompletableFuture<>();

    CrowdedLimit(LimitCounter limit, boolean lets) {
        this.limit = limit;
        this.waiting = limit.waiting;
        this.lets = lets;
        this.isFirst = lets && !limit.saidThatCallersWait;
        if (lets) limit.saidThatCallersWait = true;
    }

    /** For the log, where no key belongs. */
    String withoutKey() {
        return "the limit of " + limit.limit.running() + " " + limit.what()
                + (limit.place == null ? "" : " with one key") + " is reached";
    }

    @Override
    public String toString() {
        return "the limit of " + limit.limit.running() + " " + limit.what()
                + (limit.place == null ? "" : " with the key " + limit.place) + " is reached"
                + (limit.limit.atLimit() == AtLimit.REFUSE ? "" : ", and " + waiting + " more wait for it");
    }
}
