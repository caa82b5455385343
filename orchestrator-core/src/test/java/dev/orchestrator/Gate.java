package dev.orchestrator;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A place in the code where a test meets another thread: it arrives, the test does something, the gate opens. */
final class Gate {
    /** How a broken test ends; a sound one never waits for long. */
    private static final long LIMIT_SECONDS = 30;

    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    /** Arrives, waits until the gate is open, and gives the value. An interrupt ends the wait. */
    <T> T pass(T value) throws InterruptedException {
        arrived.countDown();
        if (!open.await(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new AssertionError("nobody opened the gate");
        return value;
    }

    /** As {@link #pass}, deaf to interrupts; the interrupt is kept. */
    <T> T passUninterruptibly(T value) {
        boolean interrupted = false;
        while (true) {
            try {
                T passed = pass(value);
                if (interrupted) Thread.currentThread().interrupt();
                return passed;
            } catch (InterruptedException ignored) {
                interrupted = true;
            }
        }
    }

    void awaitArrival() {
        await(arrived, "nobody came to the gate");
    }

    boolean hasArrived() {
        return arrived.getCount() == 0;
    }

    void open() {
        open.countDown();
    }

    /** Waits for a latch, with the one time limit that a broken test ends by. */
    static void await(CountDownLatch latch, String otherwise) {
        try {
            if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new AssertionError(otherwise);
        } catch (InterruptedException interrupted) {
            throw new AssertionError("the test itself was interrupted", interrupted);
        }
    }
}
