package dev.orchestrator.testkit;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobSnapshot;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ListAssert;

/**
 * Assertions about what happened in a world; a failure shows the whole timeline.
 *
 * <p>Made by {@link OrchestratorAssertions#assertThat(Timeline)}.
 */
public final class TimelineAssert extends AbstractAssert<TimelineAssert, Timeline> {
    TimelineAssert(Timeline actual) {
        super(actual, TimelineAssert.class);
    }

    private Timeline timeline() {
        isNotNull();
        return actual;
    }

    private <T> ListAssert<T> list(String what, List<T> values) {
        return Assertions.assertThat(values).as("%s, in the timeline%n%s", what, timeline());
    }

    /** The jobs that were accepted, in order; to be compared further. */
    public ListAssert<Job<?>> jobs() {
        List<Job<?>> jobs =
                timeline().dispatched().stream().<Job<?>>map(JobSnapshot::job).toList();
        return list("the dispatched jobs", jobs);
    }

    /** Checks that exactly these jobs were accepted, in this order. */
    public TimelineAssert dispatched(Job<?>... jobs) {
        jobs().containsExactly(jobs);
        return this;
    }

    /** Checks that no job was accepted. */
    public TimelineAssert dispatchedNothing() {
        jobs().isEmpty();
        return this;
    }

    /** The events of a type, its subtypes included, in order; to be compared further. */
    public <E extends Event> ListAssert<E> events(Class<E> type) {
        return list("the events of type " + type.getSimpleName(), timeline().events(type));
    }

    /** The states that an orchestrator came to, without the one that it began with; to be compared further. */
    public <S> ListAssert<S> states(BaseOrchestrator<S> orchestrator) {
        return list("the states of " + orchestrator.name(), timeline().states(orchestrator));
    }

    /** Checks that no handler, subscriber or listener threw. */
    public TimelineAssert hasNoErrors() {
        list("what handlers threw", timeline().errors()).isEmpty();
        return this;
    }

    /** What happened to one job; to be checked further. */
    public JobAssert job(JobHandle<?> handle) {
        return job(handle.id());
    }

    /** What happened to one job, by its id; to be checked further. */
    public JobAssert job(String jobId) {
        return new JobAssert(timeline(), jobId);
    }

    /** What happened to the one job of a type; fails if there are none or several. */
    public JobAssert job(Class<? extends Job<?>> type) {
        List<JobSnapshot> found = timeline().dispatched().stream()
                .filter(each -> type.isInstance(each.job()))
                .toList();
        list("the dispatched jobs of type " + type.getSimpleName(), found).hasSize(1);
        return job(found.getFirst().id());
    }
}
