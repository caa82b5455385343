package dev.orchestrator.testkit;

import dev.orchestrator.JobEvent;
import dev.orchestrator.JobProgressEvent;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.JobStartedEvent;
import dev.orchestrator.TerminalEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ListAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about one job in a timeline; a failure shows the whole timeline.
 *
 * <p>Made by {@link TimelineAssert#job(dev.orchestrator.JobHandle)}.
 */
public final class JobAssert extends AbstractAssert<JobAssert, Timeline> {
    private final String id;

    JobAssert(Timeline actual, String id) {
        super(actual, JobAssert.class);
        this.id = id;
    }

    private List<JobEvent> events() {
        return actual.eventsOf(id);
    }

    private AssertionError failure(String expected, String found) {
        return new AssertionError(
                "expected job " + id + " " + expected + ", but it " + found + ". The timeline:\n" + actual);
    }

    /** Its ending; checks that there is exactly one (P1). */
    private JobResult<?> ending(String expected) {
        List<JobEvent> endings =
                events().stream().filter(TerminalEvent.class::isInstance).toList();
        if (endings.isEmpty()) throw failure(expected, "has not ended");
        if (endings.size() > 1) throw failure(expected, "ended " + endings.size() + " times");
        return ((TerminalEvent) endings.getFirst()).result();
    }

    /** Checks that it succeeded. */
    public JobAssert succeeded() {
        JobResult<?> ending = ending("to succeed");
        if (!(ending instanceof JobResult.Success)) throw failure("to succeed", Told.inWords(ending));
        return this;
    }

    /** Checks that it succeeded with a value equal to that; null if it gave nothing back. */
    public JobAssert succeededWith(@Nullable Object value) {
        String expected = "to succeed with " + value;
        JobResult<?> ending = ending(expected);
        boolean isIt = ending instanceof JobResult.Success<?>(Object given) && Objects.deepEquals(given, value);
        if (!isIt) throw failure(expected, Told.inWords(ending));
        return this;
    }

    /** Checks that it failed, and gives the error, to be checked further. */
    public AbstractThrowableAssert<?, Throwable> failed() {
        JobResult<?> ending = ending("to fail");
        if (!(ending instanceof JobResult.Failure<?>(Throwable error))) throw failure("to fail", Told.inWords(ending));
        return Assertions.assertThat(error).as("the error of job %s, in the timeline%n%s", id, actual);
    }

    /** Checks that it failed with an error of that type. */
    public JobAssert failedWith(Class<? extends Throwable> type) {
        failed().isInstanceOf(type);
        return this;
    }

    /** Checks that it was cancelled, for whatever reason. */
    public JobAssert wasCancelled() {
        JobResult<?> ending = ending("to be cancelled");
        if (!(ending instanceof JobResult.Cancelled)) throw failure("to be cancelled", Told.inWords(ending));
        return this;
    }

    /** Checks that it was cancelled for that reason. */
    public JobAssert wasCancelledBecause(String reason) {
        JobResult<?> ending = ending("to be cancelled: " + reason);
        if (!ending.equals(new JobResult.Cancelled<>(reason)))
            throw failure("to be cancelled: " + reason, Told.inWords(ending));
        return this;
    }

    /** Checks that its time was up. */
    public JobAssert timedOut() {
        JobResult<?> ending = ending("to time out");
        if (!(ending instanceof JobResult.TimedOut)) throw failure("to time out", Told.inWords(ending));
        return this;
    }

    /** Checks that it has not ended. */
    public JobAssert isInFlight() {
        for (JobEvent event : events())
            if (event instanceof TerminalEvent end) throw failure("to be in flight", Told.inWords(end.result()));
        boolean isKnown = actual.dispatched().stream().anyMatch(job -> job.id().equals(id));
        if (!isKnown) throw failure("to be in flight", "was never dispatched");
        return this;
    }

    /** Checks that its code began. */
    public JobAssert started() {
        if (events().stream().noneMatch(JobStartedEvent.class::isInstance)) throw failure("to start", "did not");
        return this;
    }

    /** Checks that its code never began. */
    public JobAssert neverStarted() {
        if (events().stream().anyMatch(JobStartedEvent.class::isInstance)) throw failure("never to start", "started");
        return this;
    }

    /** Checks after how many failed attempts it went on. */
    public JobAssert wasRetried(int times) {
        long found =
                events().stream().filter(JobRetryingEvent.class::isInstance).count();
        if (found != times) throw failure("to be retried " + times + " times", "was retried " + found + " times");
        return this;
    }

    /** Checks that it reported exactly these fractions, in this order. */
    public JobAssert reported(double... fractions) {
        List<Double> found = events().stream()
                .filter(JobProgressEvent.class::isInstance)
                .map(event -> ((JobProgressEvent) event).fraction())
                .toList();
        List<Double> expected = Arrays.stream(fractions).boxed().toList();
        if (!found.equals(expected)) throw failure("to report " + expected, "reported " + found);
        return this;
    }

    /** The types of its events, in order; to be compared further. */
    public ListAssert<Class<?>> eventTypes() {
        List<Class<?>> types =
                events().stream().<Class<?>>map(JobEvent::getClass).toList();
        return Assertions.assertThat(types).as("the events of job %s, in the timeline%n%s", id, actual);
    }
}
