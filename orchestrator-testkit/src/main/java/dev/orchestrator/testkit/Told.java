package dev.orchestrator.testkit;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobCancelledEvent;
import dev.orchestrator.JobDataEvent;
import dev.orchestrator.JobEvent;
import dev.orchestrator.JobFailureEvent;
import dev.orchestrator.JobProgressEvent;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.JobSnapshot;
import dev.orchestrator.JobStartedEvent;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.JobTimeoutEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What happened, in words; with payloads, since it is a test that reads them. */
final class Told {
    private Told() {}

    static String inWords(Timeline.Entry entry) {
        return switch (entry) {
            case Timeline.Entry.Dispatched(JobSnapshot job) ->
                (job.owner() == null ? "somebody" : job.owner()) + " dispatched " + job.job() + " with id " + job.id();
            case Timeline.Entry.Refused(Job<?> job, Throwable why) -> "refused was " + job + ": " + why;
            case Timeline.Entry.Told(Event event, var info) -> inWords(event);
            case Timeline.Entry.Opened(BaseOrchestrator<?> orchestrator) -> orchestrator.name() + " was made";
            case Timeline.Entry.StateChanged(BaseOrchestrator<?> orchestrator, Object before, Object after) ->
                orchestrator.name() + " has the state " + after;
            case Timeline.Entry.Closed(BaseOrchestrator<?> orchestrator) -> orchestrator.name() + " was closed";
            case Timeline.Entry.Threw(Throwable error, String handler, @Nullable Event event) ->
                handler + " threw " + error + (event == null ? "" : " while it handled " + inWords(event));
        };
    }

    private static String inWords(Event event) {
        return event instanceof JobEvent ofJob
                ? "job " + ofJob.correlationId() + " " + ending(ofJob)
                : "event " + event;
    }

    private static String ending(JobEvent event) {
        return switch (event) {
            case JobStartedEvent started -> "started";
            case JobProgressEvent progress -> "is at " + progress.progress();
            case JobDataEvent<?> data -> "has " + data.data() + ", " + data.origin();
            case JobRetryingEvent retrying ->
                "failed in attempt " + retrying.attempt() + " of " + retrying.limit() + " with " + retrying.error()
                        + ", goes on after " + retrying.delay();
            case JobSuccessEvent<?> success -> "succeeded with " + success.data();
            case JobFailureEvent failure -> "failed with " + failure.error();
            case JobCancelledEvent cancelled -> "was cancelled: " + cancelled.reason();
            case JobTimeoutEvent timeout -> "timed out after " + timeout.limit();
        };
    }

    static String inWords(JobResult<?> result) {
        return switch (result) {
            case JobResult.Success<?>(Object value) -> "succeeded with " + value;
            case JobResult.Failure<?>(Throwable error) -> "failed with " + error;
            case JobResult.Cancelled<?>(String reason) -> "was cancelled: " + reason;
            case JobResult.TimedOut<?>(Duration limit) -> "timed out after " + limit;
        };
    }
}
