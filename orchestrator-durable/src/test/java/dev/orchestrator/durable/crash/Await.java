package dev.orchestrator.durable.crash;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other processes do, up to a limit at which the test has failed. */
final class Await {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = 5_000_000;

    private Await() {}

    static void until(String what, BooleanSupplier condition, Supplier<String> instead) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0)
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what + "; " + instead.get());
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
