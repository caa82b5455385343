package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobHandle;
import dev.orchestrator.JobResult;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A database that several processes share, and what all tests on one need. */
abstract class DurableTesting {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The same database at each call within a test. */
    abstract DurableStore store();

    static <R> JobResult<R> ending(JobHandle<R> handle) throws Exception {
        return handle.await(PATIENCE);
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    static void awaitState(Machine machine, String id, JobState wanted) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (machine.durable.jobs().find(id).orElseThrow().state() != wanted) {
            if (System.nanoTime() > end)
                throw new AssertionError(
                        "not " + wanted + ": " + machine.durable.jobs().find(id));
            Thread.onSpinWait();
        }
    }
}
