package dev.orchestrator.testkit;

import dev.orchestrator.JobHandle;
import dev.orchestrator.JobResult;

/**
 * AssertJ assertions for what the framework gives: import {@code assertThat} from here beside AssertJ's own.
 *
 * {@snippet class="dev.orchestrator.testkit.SnippetsTest" region="assertions"}
 */
public final class OrchestratorAssertions {
    private OrchestratorAssertions() {}

    /** Begins assertions about what happened in a world. */
    public static TimelineAssert assertThat(TestWorld world) {
        return assertThat(world.timeline());
    }

    /** Begins assertions about what happened in a world. */
    public static TimelineAssert assertThat(Timeline timeline) {
        return new TimelineAssert(timeline);
    }

    /** Begins assertions about a result. */
    public static JobResultAssert assertThat(JobResult<?> result) {
        return new JobResultAssert(result);
    }

    /**
     * Begins assertions about the result of a job that has ended.
     *
     * @throws AssertionError if it has not; let the world run first
     */
    public static JobResultAssert assertThat(JobHandle<?> handle) {
        JobResult<?> result = handle.result().toCompletableFuture().getNow(null);
        if (result == null) throw new AssertionError("job " + handle.id() + " has not ended; let the world run first");
        return new JobResultAssert(result);
    }
}
