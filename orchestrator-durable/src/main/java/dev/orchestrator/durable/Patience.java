package dev.orchestrator.durable;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries a step in the database again until the database is there: so nothing is lost that is known in memory only.
 *
 * <p>The delays double from a tenth of a second to five seconds. That the database is gone is logged once, and once that it
 * is back.
 */
final class Patience {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Time time;
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
    private final AtomicBoolean troubled = new AtomicBoolean();

    Patience(Time time) {
        this.time = time;
    }

    /** Nobody waits any more: a step that fails from now on, or waits for its next try, is given up. */
    void end() {
        over.complete(null);
    }

    /** What the step gives, once it works. */
    <T> T until(Supplier<T> step) {
        return until(step, () -> true);
    }

    void until(Runnable step) {
        until(() -> {
            step.run();
            return true;
        });
    }

    /**
     * What the step gives, once it works.
     *
     * @param goesOn whether another try is wanted; asked after each one that failed
     * @throws DurableStoreException what the last try threw, if no other one is wanted
     * @throws LostClaimException if the claim is lost
     */
    <T> T until(Supplier<T> step, BooleanSupplier goesOn) {
        Duration delay = FIRST;
        while (true) {
            try {
                T value = step.get();
                if (troubled.compareAndSet(true, false)) EngineLog.info("the database of the durable jobs is back");
                return value;
            } catch (DurableStoreException gone) {
                if (over.isDone() || !goesOn.getAsBoolean()) throw gone;
                if (troubled.compareAndSet(false, true))
                    EngineLog.warning(
                            "the database of the durable jobs is gone; what is to be stored waits for it", gone);
            }
            sleep(delay);
            delay = delay.multipliedBy(2).compareTo(LONGEST) < 0 ? delay.multipliedBy(2) : LONGEST;
        }
    }

    /** Ends early with {@link #end}; then there is one more try. */
    private void sleep(Duration delay) {
        var awake = new CompletableFuture<@Nullable Void>();
        Time.Timer timer = time.schedule(delay, () -> awake.complete(null));
        CompletableFuture.anyOf(awake, over).join();
        timer.cancel();
    }
}
