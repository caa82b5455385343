package dev.orchestrator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes an orchestrator's events to its hooks and then to its typed handlers, each behind the wall. On its lane. */
final class EventRouter implements Inbox.Handlers {
    private final BaseOrchestrator<?> orchestrator;
    private final OverriddenHooks overridden;
    private final HandlerTable table;
    private final UserCode wall;
    private final Supplier<String> named = this::name;

    // The lane only.
    private boolean isActive; // whether the event that is being handled is
    private boolean isSettling; // whether no hook or handler knows of the ending yet

    /** The names of the job types whose unhandled failure was logged; names, since a class must not be held for this. */
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    EventRouter(BaseOrchestrator<?> orchestrator, OverriddenHooks overridden, HandlerTable table, UserCode wall) {
        this.orchestrator = orchestrator;
        this.overridden = overridden;
        this.table = table;
        this.wall = wall;
    }

    @Override
    public void active(Envelope envelope, JobRun<?> run) {
        Event event = envelope.event;
        isActive = true;
        FollowedRuns.Follower follower = envelope.last ? orchestrator.followerOf(run) : null;
        if (follower != null) settle(follower, (TerminalEvent) event);
        try {
            hook(event);
        } catch (Throwable thrown) {
            wall.report(thrown, "the hook for " + Ids.nameOf(event.getClass()) + " of orchestrator " + name(), event);
        }
        boolean declared = event instanceof JobEvent ofJob && table.callActive(ofJob, named);
        if (!declared) warnIfUnhandled(event);
        orchestrator.tellRefetches(event, run);
        if (follower != null) follower.goOn();
    }

    /** What waits for its ending waits no more; a patch stays as it is, since nobody knows whether to undo it. */
    @Override
    public @Nullable Runnable letGo(JobRun<?> run) {
        FollowedRuns.Follower follower = orchestrator.followerOf(run);
        return follower == null ? null : () -> wall.run("what followed job " + run.id(), follower::goOn);
    }

    private void settle(FollowedRuns.Follower follower, TerminalEvent ending) {
        isSettling = true;
        try {
            follower.settle(ending);
        } catch (Throwable thrown) {
            wall.report(thrown, "the patched field of orchestrator " + name(), ending);
        }
        isSettling = false;
    }

    /** Each event goes to exactly one hook. */
    private void hook(Event event) {
        switch (event) {
            case JobStartedEvent started -> orchestrator.onActiveStarted(started);
            case JobProgressEvent progress -> orchestrator.onActiveProgress(progress);
            case JobRetryingEvent retrying -> orchestrator.onActiveRetrying(retrying);
            case JobSuccessEvent<?> success -> orchestrator.onActiveSuccess(success);
            case JobFailureEvent failure -> orchestrator.onActiveFailure(failure);
            case JobCancelledEvent cancelled -> orchestrator.onActiveCancelled(cancelled);
            case JobTimeoutEvent timeout -> orchestrator.onActiveTimeout(timeout);
            default -> orchestrator.onActiveEvent(event);
        }
    }

    /** No screen loads for ever in silence: what nobody handles is at least in the log, once per job type. */
    private void warnIfUnhandled(Event event) {
        switch (event) {
            case JobFailureEvent failure -> {
                if (!overridden.failure()) warn(failure, "failed", failure.error());
            }
            case JobTimeoutEvent timeout -> {
                if (!overridden.timeout()) warn(timeout, "timed out after " + timeout.limit(), null);
            }
            default -> {}
        }
    }

    private void warn(TerminalEvent event, String what, @Nullable Throwable error) {
        String type = event.job().getClass().getName();
        if (!warned.add(type)) return;
        String text = "job " + event.correlationId() + " of type " + type + " " + what + ", and orchestrator " + name()
                + " handles no such ending: override its hook or declare a handler with on(...). Logged once per job"
                + " type";
        Log.warning(text, error);
    }

    @Override
    public void passive(Envelope envelope) {
        isActive = false;
        if (overridden.passiveEvent()) {
            try {
                orchestrator.onPassiveEvent(envelope.event);
            } catch (Throwable thrown) {
                wall.report(thrown, "onPassiveEvent of orchestrator " + name(), envelope.event);
            }
        }
        table.callPassive(envelope, named);
    }

    @Override
    public boolean wants(Event event) {
        return overridden.passiveEvent() || table.observes(event);
    }

    @Override
    public boolean wantsInfo() {
        return table.wantsInfo();
    }

    @Override
    public boolean wantsStarted() {
        return overridden.started() || table.wantsStarted();
    }

    @Override
    public boolean wantsProgress() {
        return overridden.progress() || table.wantsProgress();
    }

    @Override
    public String running(Event event) {
        if (isSettling)
            return event instanceof JobSuccessEvent ? "the confirming of a patch" : "the undoing of a patch";
        String declared = table.running(isActive);
        if (declared != null) return declared;
        return isActive ? "the hook for " + Ids.nameOf(event.getClass()) : "onPassiveEvent";
    }

    @Override
    public void laneRejected(Throwable error) {
        wall.report(error, "the lane of orchestrator " + name() + ", which is closed now,", null);
        wall.run("close of orchestrator " + name(), orchestrator::close);
        orchestrator.closeNow(); // whatever an overriding close did
    }

    /** What the user calls it; its class's name if that fails. */
    @Override
    public String name() {
        try {
            return orchestrator.name();
        } catch (Throwable ofTheUser) {
            return Ids.nameOf(orchestrator.getClass());
        }
    }
}
