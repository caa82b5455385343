package dev.orchestrator.testkit;

import dev.orchestrator.JobResult;
import java.time.Duration;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** Assertions about the result of a job; made by {@link OrchestratorAssertions#assertThat(JobResult)}. */
public final class JobResultAssert extends AbstractAssert<JobResultAssert, JobResult<?>> {
    JobResultAssert(JobResult<?> actual) {
        super(actual, JobResultAssert.class);
    }

    private AssertionError failure(String expected) {
        isNotNull();
        return new AssertionError("expected the job " + expected + ", but it " + Told.inWords(actual));
    }

    /** Checks that it is a success with a value equal to that; null if the job gave nothing back. */
    public JobResultAssert isSuccess(@Nullable Object value) {
        boolean isIt = actual instanceof JobResult.Success<?>(Object given) && Objects.deepEquals(given, value);
        if (!isIt) throw failure("to succeed with " + value);
        return this;
    }

    /** Checks that it is a failure, and gives the error, to be checked further. */
    public AbstractThrowableAssert<?, Throwable> isFailure() {
        if (!(actual instanceof JobResult.Failure<?>(Throwable error))) throw failure("to fail");
        return Assertions.assertThat(error);
    }

    /** Checks that it is a cancellation for that reason. */
    public JobResultAssert isCancelled(String reason) {
        if (!new JobResult.Cancelled<>(reason).equals(actual)) throw failure("to be cancelled: " + reason);
        return this;
    }

    /** Checks that the job's time was up, and what it was. */
    public JobResultAssert isTimedOut(Duration limit) {
        if (!new JobResult.TimedOut<>(limit).equals(actual)) throw failure("to time out after " + limit);
        return this;
    }
}
