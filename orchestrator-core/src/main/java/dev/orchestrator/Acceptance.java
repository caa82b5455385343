package dev.orchestrator;

import dev.orchestrator.JobOptions.SameKey;
import dev.orchestrator.spi.AttemptReports;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a dispatcher takes jobs in: everything that can refuse one comes before anything can be emitted, a refusal leaves
 * nothing behind, and the owner knows the run before it is launched (P2, P9).
 */
final class Acceptance {
    /**
     * Who dispatches, as far as it matters to whether and where the job is taken in.
     *
     * @param follower is told which run it is, before anybody else knows the run; null if nobody wants to know
     */
    record Asking(
            SignalBus bus,
            @Nullable Inbox owner,
            @Nullable SameKey ofOwner,
            @Nullable RunAttempt<?> parent,
            boolean callerMayWait,
            @Nullable Consumer<JobRun<?>> follower) {
        Asking(
                SignalBus bus,
                @Nullable Inbox owner,
                @Nullable SameKey ofOwner,
                @Nullable RunAttempt<?> parent,
                boolean callerMayWait) {
            this(bus, owner, ofOwner, parent, callerMayWait, null);
        }
    }

    private final ExecutorTable executors;
    private final DispatcherClosing closing;
    private final InterceptorTable interceptors;
    private final KeysAndLimits keysAndLimits;
    private final @Nullable Route<?> fallback;

    Acceptance(
            ExecutorTable executors,
            DispatcherClosing closing,
            InterceptorTable interceptors,
            @Nullable RunLimit limit,
            @Nullable Route<?> fallback) {
        this.executors = executors;
        this.closing = closing;
        this.interceptors = interceptors;
        this.keysAndLimits = new KeysAndLimits(limit);
        this.fallback = fallback;
    }

    /** Makes the run and hands it to its worker, now or when what it has to wait for lets it pass. */
    <R extends @Nullable Object> JobHandle<R> accept(Job<R> job, JobOptions asked, Asking asking) {
        try {
            return takeIn(job, asked, asking);
        } catch (Throwable refused) {
            asking.bus.scope().probe().refused(job, refused);
            throw refused;
        }
    }

    private <R extends @Nullable Object> JobHandle<R> takeIn(Job<R> job, JobOptions asked, Asking asking) {
        closing.refuseIfClosed();
        Route<R> route = routeOf(job);
        if (route.isDriven()) return takeInDriven(job, null, route, asked, asking);
        JobOptions options = settle(job, asked, route.options());
        SameKey sameKey = asking.ofOwner != null ? asking.ofOwner : options.sameKey();
        JobRun<R> run = make(job, route, options, sameKey, asking);
        try {
            if (chosenId(job, options) != null) asking.bus.runs().addUnique(run);
            else asking.bus.runs().add(run);
            track(run, asking);
            run.limitTotal();
            run.obeyToken();
            admit(run, sameKey, asking);
        } catch (Throwable refused) {
            boolean withdrawn = run.withdraw("it was refused");
            asking.bus.runs().remove(run);
            if (asking.owner != null) asking.owner.disown(run);
            if (withdrawn) {
                logRefusal(run, refused);
                throw refused;
            }
            // Stopped just now, and its ending was told: it was accepted in time.
        }
        return run.handle();
    }

    // ---- for those who drive jobs ----

    /** Has a job taken up again that is under way with that id. */
    <R extends @Nullable Object> JobHandle<R> adopt(Job<R> job, String id, JobOptions asked, Asking asking) {
        try {
            closing.refuseIfClosed();
            Route<R> route = routeOf(job);
            if (!route.isDriven()) {
                throw new IllegalArgumentException(
                        "jobs of type " + job.getClass().getName()
                                + " have an executor and no driver, so none is under way elsewhere; dispatch the job"
                                + " instead");
            }
            return takeInDriven(job, id, route, asked.withId(id), asking);
        } catch (Throwable refused) {
            asking.bus.scope().probe().refused(job, refused);
            throw refused;
        }
    }

    /**
     * Makes the run and hands it to the driver, which obeys the options.
     *
     * @param underWay the id of a job that does not begin now; null for one that does
     */
    private <R extends @Nullable Object> JobHandle<R> takeInDriven(
            Job<R> job, @Nullable String underWay, Route<R> route, JobOptions ofCaller, Asking asking) {
        JobOptions asked = asking.ofOwner == null ? ofCaller : ofCaller.withKey(asking.ofOwner);
        JobOptions options = settle(job, asked, route.options());
        String chosen = underWay != null ? underWay : chosenId(job, options);
        DrivenRun<R> run = makeDriven(job, chosen, route, asked, options, asking);
        try {
            if (chosen != null) asking.bus.runs().addUnique(run);
            else asking.bus.runs().add(run);
            track(run, asking);
            run.obeyToken();
            run.start(underWay != null);
        } catch (Throwable refused) {
            boolean withdrawn = run.withdraw("it was refused");
            asking.bus.runs().remove(run);
            if (asking.owner != null) asking.owner.disown(run);
            if (withdrawn) {
                logRefusal(run, refused);
                throw refused;
            }
            // Stopped before its driver was asked, and its ending was told: it was accepted in time.
        }
        return run.handle();
    }

    private static <R extends @Nullable Object> DrivenRun<R> makeDriven(
            Job<R> job, @Nullable String chosen, Route<R> route, JobOptions asked, JobOptions options, Asking asking) {
        JobRun<?> parent = asking.parent == null ? null : asking.parent.run();
        return new DrivenRun<>(
                chosen != null ? chosen : freshId(job, asking.bus),
                job,
                route,
                asking.bus,
                asking.owner,
                parent == null ? Running.cause(asking.bus) : parent.cause(),
                parent == null ? Running.nextLink(asking.bus, job.getClass()) : parent.chain(),
                parent == null ? null : parent.children(),
                asked,
                options);
    }

    /** Makes one attempt at a driven job, as a run that belongs to nobody and reports to those. */
    <R extends @Nullable Object> JobHandle<R> attempt(
            Job<R> job, String id, Route<R> route, SignalBus bus, JobOptions options, AttemptReports reports) {
        try {
            return takeInAttempt(job, id, route, bus, options, reports);
        } catch (Throwable refused) {
            bus.scope().probe().refused(job, refused);
            throw refused;
        }
    }

    private <R extends @Nullable Object> JobHandle<R> takeInAttempt(
            Job<R> job, String id, Route<R> route, SignalBus bus, JobOptions options, AttemptReports reports) {
        closing.refuseIfClosed();
        closing.serve(bus);
        var run = new ReportingRun<>(
                id, job, route, bus, Running.cause(bus), Running.nextLink(bus, job.getClass()), options, reports);
        bus.runs().addUnique(run);
        try {
            closing.refuseIfClosed(); // closing decides first and then looks for runs
            run.limitTotal();
            launch(run, run);
        } catch (Throwable refused) {
            boolean withdrawn = run.withdraw("it was refused");
            bus.runs().remove(run);
            if (withdrawn) throw refused;
        }
        return run.handle();
    }

    /** Says why, and leaves out what the exception says of keys, which belong in no log. */
    private static void logRefusal(JobRun<?> run, Throwable refused) {
        if (!Log.isDebug()) return;
        Object why = refused instanceof JobRejectedException rejected
                ? rejected.reason()
                : refused.getClass().getName();
        Log.debug(run.named() + " was refused: " + why);
    }

    @SuppressWarnings("unchecked") // register ties the executor's result to the job's
    private <R extends @Nullable Object> Route<R> routeOf(Job<R> job) {
        var route = (Route<R>) executors.find(job.getClass());
        if (route == null) route = (Route<R>) fallback;
        if (route == null) throw new ExecutorNotFoundException(job.getClass(), executors.jobTypes());
        return route;
    }

    /** Refuses a job whose type has no executor. */
    void refuseUnknown(Job<?> job) {
        routeOf(job);
    }

    /** The dispatch's options over the job's over the registration's. */
    static JobOptions settle(Job<?> job, JobOptions asked, JobOptions ofRegistration) {
        JobOptions options = asked.checkedForDispatch();
        if (job instanceof JobWithOptions<?> withOptions) {
            Class<?> type = job.getClass();
            JobOptions own = Objects.requireNonNull(
                    withOptions.options(),
                    () -> "options() of " + type.getName() + " returned null; return JobOptions.none()");
            options = options.over(own.checkedForJob(type));
        }
        return options.over(ofRegistration);
    }

    private static <R extends @Nullable Object> JobRun<R> make(
            Job<R> job, Route<R> route, JobOptions options, @Nullable SameKey sameKey, Asking asking) {
        String chosen = chosenId(job, options);
        String id = chosen != null ? chosen : freshId(job, asking.bus);
        JobRun<?> parent = asking.parent == null ? null : asking.parent.run();
        long cause = parent == null ? Running.cause(asking.bus) : parent.cause();
        Chain chain = parent == null ? Running.nextLink(asking.bus, job.getClass()) : parent.chain();
        ChildRuns siblings = parent == null ? null : parent.children();
        JobRun<R> run;
        JobRun<R> work;
        if (sameKey != null && sameKey.rule().isExclusive()) {
            var shared = new SharedRun<>(id, job, route, asking.bus, cause, chain, options);
            run = new JoinedRun<>(job, route, asking.owner, siblings, shared);
            work = shared;
        } else {
            work = run = new JobRun<>(id, job, route, asking.bus, asking.owner, cause, chain, siblings, options);
        }
        if (parent != null) work.inheritSlots(parent.slots());
        return run;
    }

    private static String freshId(Job<?> job, SignalBus bus) {
        return bus.scope().ids().next(Ids.nameOf(job.getClass()));
    }

    /** The id that somebody gave the job, or this dispatch of it; null if one is to be made. */
    private static @Nullable String chosenId(Job<?> job, JobOptions options) {
        return job instanceof BaseJob<?> own ? own.id() : options.id();
    }

    private void track(JobRun<?> run, Asking asking) {
        RunAttempt<?> parent = asking.parent;
        if (asking.follower != null) asking.follower.accept(run);
        if (asking.owner != null && !asking.owner.own(run)) disown(run, asking.owner, parent);
        run.joinSiblings();
        // Closing and stopping decide first and then look for runs, so a run that they missed sees their decision.
        closing.refuseIfClosed();
        if (parent != null && !parent.isOpen()) {
            throw new IllegalStateException("job " + parent.jobId()
                    + " has ended or was stopped, or its attempt is over, and dispatches no more children");
        }
    }

    /** The owner is closed: it dispatches no more, but a child of one of its jobs goes on without it. */
    private static void disown(JobRun<?> run, Inbox owner, @Nullable RunAttempt<?> parent) {
        if (parent == null) {
            throw new IllegalStateException("this orchestrator is closed and dispatches no more jobs: " + owner.name()
                    + ". Dispatch before close, or make another one");
        }
        run.forgetOwner();
    }

    // ---- what it may have to wait for ----

    private <R extends @Nullable Object> void admit(JobRun<R> run, @Nullable SameKey sameKey, Asking asking) {
        if (run.isEnded()) {
            noteAccepted(run);
            return; // by its token: it disturbs nobody, and is in nobody's way
        }
        if (sameKey == null) {
            enterLimits(run, asking);
            launch(run, run);
            return;
        }
        Inbox owner = asking.ofOwner == null ? null : asking.owner;
        var place = new RunsByKey.Place(owner == null ? run.job().getClass() : null, sameKey.key());
        RunsByKey there = owner == null ? keysAndLimits.keys(place) : owner.keys();
        switch (sameKey.rule()) {
            case SameKeyRule.Debounce(var silence) -> {
                run.hold();
                there.debounce(run, place, silence, this::enterLimitsLate);
                launch(run, run);
            }
            case SameKeyRule.Throttle(var window) -> {
                Runnable closeAgain = there.throttle(run, place, window);
                try {
                    enterLimits(run, asking);
                    launch(run, run);
                } catch (Throwable refused) {
                    closeAgain.run();
                    throw refused;
                }
            }
            case SameKeyRule rule -> admitWithKey((JoinedRun<R>) run, there, place, rule, asking);
        }
    }

    private void enterLimits(JobRun<?> run, Asking asking) {
        RunLimits limits = keysAndLimits.limits(run);
        if (!limits.concern(run)) return;
        run.hold();
        limits.enter(run, run, asking.callerMayWait);
    }

    private void enterLimitsLate(JobRun<?> run) {
        keysAndLimits.limits(run).enterLate(run);
    }

    /** What is asked at the dispatch is the last that can refuse it, so it is asked once per accepted dispatch. */
    private void launch(JobRun<?> work, JobRun<?> accepted) {
        work.surroundBy(interceptors.atDispatch(work.job()));
        noteAccepted(accepted);
        work.passHere();
    }

    private static void noteAccepted(JobRun<?> run) {
        run.bus().scope().probe().accepted(run);
    }

    private <R extends @Nullable Object> void admitWithKey(
            JoinedRun<R> run, RunsByKey there, RunsByKey.Place place, SameKeyRule rule, Asking asking) {
        SharedRun<R> work = run.work();
        RunLimits limits = keysAndLimits.limits(work);
        RunSlots slotsBefore = work.slots();
        work.hold();
        RunsByKey.Entry entry = there.enter(run, place, rule, this::enterLimitsLate);
        if (entry == RunsByKey.Entry.JOINED) {
            noteAccepted(run);
            run.hasJoined();
            return;
        }
        try {
            if (entry == RunsByKey.Entry.GOES_ON) {
                if (limits.concern(work)) limits.enter(work, run, asking.callerMayWait);
                else work.pass();
            }
            launch(work, run);
        } catch (Throwable refused) {
            // Others may have joined this work already: they were accepted, and it goes on for them.
            if (work.goesOnWithout(run)) {
                if (entry == RunsByKey.Entry.GOES_ON
                        && limits.concern(work)
                        && Objects.equals(work.slots(), slotsBefore)) limits.enterLate(work);
                work.passHere();
            }
            throw refused;
        }
    }

    /** The dispatcher is closed. */
    void close() {
        keysAndLimits.close();
    }

    /** How many keys and jobs with limits are kept. */
    int kept() {
        return keysAndLimits.kept();
    }
}
