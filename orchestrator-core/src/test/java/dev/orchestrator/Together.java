package dev.orchestrator;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** Threads that start each round at the same moment: how a race is run many times. */
final class Together {
    /** What one thread does in one round. */
    interface Part {
        void run(int round) throws Exception;
    }

    private Together() {}

    /** Runs each part on a thread of its own, all of them at once, that many times. */
    static void run(int rounds, Part... parts) {
        var barrier = new CyclicBarrier(parts.length);
        var ends = new CompletableFuture<?>[parts.length];
        for (int i = 0; i < parts.length; i++) {
            Part part = parts[i];
            ends[i] = TestWork.inAnotherThread(() -> rounds(rounds, part, barrier));
        }
        for (CompletableFuture<?> end : ends) TestWork.valueOf(end);
    }

    /** Runs the same on several threads, once. */
    static void onThreads(int threads, Part part) {
        run(
                1,
                IntStream.range(0, threads)
                        .mapToObj(thread -> (Part) round -> part.run(thread))
                        .toArray(Part[]::new));
    }

    private static void rounds(int rounds, Part part, CyclicBarrier barrier) {
        try {
            for (int round = 0; round < rounds; round++) {
                barrier.await(TestWork.LIMIT.toSeconds(), TimeUnit.SECONDS);
                part.run(round);
            }
        } catch (BrokenBarrierException | TimeoutException other) {
            throw new AssertionError("another thread of this race failed or hangs", other);
        } catch (Exception thrown) {
            barrier.reset();
            throw new AssertionError("a part of the race failed", thrown);
        }
    }
}
