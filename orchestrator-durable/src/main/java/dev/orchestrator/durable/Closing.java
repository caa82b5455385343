package dev.orchestrator.durable;

import dev.orchestrator.spi.Threads;
import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The end of an engine: claim nothing, wait, cancel, hand back, stop.
 *
 * <p>Timers drive it, so it happens whether or not somebody waits: after one grace the attempts that are left are cancelled;
 * after a second one their works are given back although their code is still inside.
 */
final class Closing {
    /** How long the last steps may take to reach the database. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Time time;
    private final Threads threads;
    private final Works works;
    private final Duration grace;
    private final Runnable stopAll;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

    /** {@code stopAll} is called once, when nothing is left to be done or the time is up; it may wait for the database. */
    Closing(Time time, Threads threads, Works works, Duration grace, Runnable stopAll) {
        this.time = time;
        this.threads = threads;
        this.works = works;
        this.grace = grace;
        this.stopAll = stopAll;
    }

    void close() {
        if (begun.compareAndSet(false, true)) onThread(this::begin);
        if (!Inside.isHere()) await();
    }

    /** Not on the caller's thread: a claim under way is waited for. */
    private void begin() {
        CompletionStage<@Nullable Void> idle = works.close();
        after(grace, () -> works.all().forEach(Attempt::handBack));
        after(grace.multipliedBy(2), () -> works.all().forEach(Attempt::waitNoLonger));
        after(grace.multipliedBy(2).plus(PATIENCE), this::stop);
        idle.thenRun(() -> onThread(this::stop));
    }

    private void after(Duration delay, Runnable task) {
        Time.Timer timer = time.schedule(delay, () -> onThread(task));
        CompletionStage<@Nullable Void> end = over;
        end.thenRun(timer::cancel);
    }

    private void onThread(Runnable task) {
        threads.start(Role.TELLER, "durable-closing", task);
    }

    private void stop() {
        if (!stopping.compareAndSet(false, true)) return;
        try {
            stopAll.run();
        } catch (Throwable broken) {
            EngineLog.warning("closing the durable jobs failed", broken);
        } finally {
            over.complete(null);
        }
    }

    /** An interrupt ends the patience: what is left is given back at once. */
    private void await() {
        boolean interrupted = false;
        while (!over.isDone()) {
            try {
                threads.await(over, Duration.ofDays(1));
            } catch (InterruptedException wish) {
                interrupted = true;
                works.all().forEach(Attempt::handBack);
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
