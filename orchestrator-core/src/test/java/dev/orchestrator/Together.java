package dev.orchestrator;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Threads that start each round at the same moment, within nanoseconds: how a race is run many times. */
final class Together {
    /** What one thread does in one round. */
    interface Part {
        void run(int round) throws Exception;
    }

    private static final int SPINS = 500;

    /** Each wait inside has its own limit; all rounds may take long where others use the cores. */
    private static final Duration WHOLE = Duration.ofMinutes(5);

    private final int threads;
    private final AtomicLong arrivals = new AtomicLong();
    private final AtomicBoolean broken = new AtomicBoolean();

    private Together(int threads) {
        this.threads = threads;
    }

    /** Runs each part on a thread of its own, all of them at once, that many times. */
    static void run(int rounds, Part... parts) {
        var together = new Together(parts.length);
        var ends = new CompletableFuture<?>[parts.length];
        for (int i = 0; i < parts.length; i++) {
            Part part = parts[i];
            ends[i] = TestWork.inAnotherThread(() -> together.rounds(rounds, part));
        }
        for (CompletableFuture<?> end : ends) TestWork.valueOf(end, WHOLE);
    }

    /** Runs the same on several threads, once. */
    static void onThreads(int threads, Part part) {
        run(
                1,
                IntStream.range(0, threads)
                        .mapToObj(thread -> (Part) round -> part.run(thread))
                        .toArray(Part[]::new));
    }

    private void rounds(int rounds, Part part) {
        for (int round = 0; round < rounds; round++) {
            meet((round + 1L) * threads);
            try {
                part.run(round);
            } catch (Throwable thrown) {
                broken.set(true);
                throw new AssertionError("a part of the race failed in round " + round, thrown);
            }
        }
    }

    private void meet(long all) {
        arrivals.incrementAndGet();
        for (int spin = 0; spin < SPINS && arrivals.get() < all; spin++) Thread.onSpinWait();
        TestWork.until(() -> arrivals.get() >= all || broken.get(), "another thread of this race hangs");
        if (broken.get()) throw new AssertionError("another thread of this race failed");
    }
}
