package dev.orchestrator.examples.desk;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobCancelledEvent;
import dev.orchestrator.JobEvent;
import dev.orchestrator.JobFailureEvent;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.JobStartedEvent;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.JobTimeoutEvent;
import dev.orchestrator.Origin;
import dev.orchestrator.SignalBus;
import java.util.function.Consumer;

/** Writes into a journal what becomes of its jobs: a hook is called before the handlers that heirs declare. */
abstract class JournalingOrchestrator<S> extends BaseOrchestrator<S> {
    private final Consumer<String> journal;

    JournalingOrchestrator(S initial, Dispatcher dispatcher, SignalBus bus, Consumer<String> journal) {
        super(initial, dispatcher, bus);
        this.journal = journal;
    }

    @Override
    protected final void onActiveStarted(JobStartedEvent event) {
        note(event, "started");
    }

    @Override
    protected final void onActiveRetrying(JobRetryingEvent event) {
        note(
                event,
                "attempt " + event.attempt() + " of " + event.limit() + " failed: "
                        + event.error().getMessage() + "; again in "
                        + event.delay().toMillis() + " ms");
    }

    @Override
    protected void onActiveSuccess(JobSuccessEvent<?> event) {
        note(event, event.origin() == Origin.LIVE ? "succeeded" : "succeeded, " + Texts.of(event.origin()));
    }

    @Override
    protected final void onActiveFailure(JobFailureEvent event) {
        note(event, "failed: " + event.error().getMessage());
    }

    @Override
    protected final void onActiveCancelled(JobCancelledEvent event) {
        note(event, "cancelled: " + event.reason());
    }

    @Override
    protected final void onActiveTimeout(JobTimeoutEvent event) {
        note(event, "timed out after " + event.limit().toMillis() + " ms");
    }

    private void note(JobEvent event, String what) {
        journal.accept(event.job() + " " + what);
    }
}
