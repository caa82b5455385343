package dev.orchestrator.examples.desk;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Waiting without a thread. */
final class Delay {
    private Delay() {}

    /** Completes when that time has passed, by that clock. */
    static CompletableFuture<Void> of(Duration delay, Time time) {
        var over = new CompletableFuture<Void>();
        time.schedule(delay, () -> over.complete(null));
        return over;
    }
}
