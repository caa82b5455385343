package dev.orchestrator.testkit;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A place in the code where a test meets another real thread: it arrives, the test does something, the gate opens.
 *
 * <p>So a race becomes a script: <em>it is inside</em>, <em>time passes</em>, <em>it goes on</em>. All methods may be called
 * from any thread. A test that is broken ends by the one time limit here, of 30 seconds; a sound one never waits for long.
 */
public final class Gate {
    private static final long LIMIT_SECONDS = 30;

    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    /** Makes a gate that is closed. */
    public Gate() {}

    /**
     * Arrives, waits until the gate is open, and gives the value.
     *
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws AssertionError if nobody opens the gate
     */
    public <T extends @Nullable Object> T pass(T value) throws InterruptedException {
        arrived.countDown();
        if (!open.await(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new AssertionError("nobody opened the gate");
        return value;
    }

    /**
     * As {@link #pass}, deaf to interrupts, which are kept.
     *
     * @throws AssertionError if nobody opens the gate
     */
    public <T extends @Nullable Object> T passUninterruptibly(T value) {
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

    /**
     * Waits until a thread has come to the gate.
     *
     * @throws AssertionError if nobody comes
     */
    public void awaitArrival() {
        await(arrived, "nobody came to the gate");
    }

    /** Whether a thread has come to the gate. */
    public boolean hasArrived() {
        return arrived.getCount() == 0;
    }

    /** Lets everybody through, from now on. */
    public void open() {
        open.countDown();
    }

    /**
     * Waits for a latch, with the same time limit.
     *
     * @param otherwise what is wrong if the latch is not opened
     * @throws AssertionError if it is not opened, or the waiting thread is interrupted
     */
    public static void await(CountDownLatch latch, String otherwise) {
        try {
            if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new AssertionError(otherwise);
        } catch (InterruptedException interrupted) {
            throw new AssertionError("the test itself was interrupted", interrupted);
        }
    }
}
