package dev.orchestrator.spi;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * The threads of a scope: where tasks run, and how a thread waits.
 *
 * <p>Every wait of the framework goes through {@link #await}, so that a deterministic implementation can run others
 * meanwhile.
 */
public interface Threads {
    /** What a task is for. */
    enum Role {
        /** Runs a job. */
        WORKER,
        /** Runs the handlers of an orchestrator or of a subscriber for a turn. */
        LANE,
        /** Tells what a timer decided; needs a thread even while every carrier of virtual threads is busy. */
        TELLER
    }

    /**
     * Runs a task on a thread of its own.
     *
     * <p>A task that is a {@link Thread.UncaughtExceptionHandler} may be given as such, before it starts, to a new thread
     * that ends with it, which makes it cheaper; it works without. A thread that goes on with other tasks must not have it.
     *
     * @param role what the task is for
     * @param name what the thread is called in dumps
     * @param task what to run; throws nothing
     */
    void start(Role role, String name, Runnable task);

    /**
     * Waits until a stage has completed, in whichever way.
     *
     * @param stage what to wait for
     * @param limit how long to wait at most; zero or less looks without waiting
     * @return whether the stage has completed
     * @throws InterruptedException if the waiting thread is interrupted
     */
    boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException;

    /** Virtual threads for workers and lanes, a few platform threads for tellers. */
    static Threads standard() {
        return StandardThreads.INSTANCE;
    }
}
