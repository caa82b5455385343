package dev.orchestrator.examples.mailroom;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Lets a program end in its own way at Ctrl-C and {@code kill}. */
final class OnInterrupt {
    private static final long GRACE_SECONDS = 5;

    private static volatile boolean happened; // written by the hook, read by anyone

    private OnInterrupt() {}

    /** Whether it is about to end by that: what fails from then on is no news. */
    static boolean happened() {
        return happened;
    }

    /** Runs it on this thread, which Ctrl-C and {@code kill} interrupt; gives its exit code. */
    static int run(IntSupplier program) {
        var thread = Thread.currentThread();
        var over = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (over.getCount() == 0) return;
            happened = true;
            thread.interrupt();
            await(over);
        }));
        try {
            return program.getAsInt();
        } finally {
            over.countDown();
        }
    }

    private static void await(CountDownLatch over) {
        try {
            var unused = over.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException nobodyDoesThat) {
            Thread.currentThread().interrupt();
        }
    }
}
