package dev.orchestrator.model;

import dev.orchestrator.Event;
import dev.orchestrator.JobCancelledException;
import dev.orchestrator.JobEvent;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.JobStartedEvent;
import dev.orchestrator.TerminalEvent;
import dev.orchestrator.model.Execution.Accepted;
import dev.orchestrator.model.Execution.Replied;
import dev.orchestrator.model.Execution.Said;
import dev.orchestrator.model.Execution.Stop;
import dev.orchestrator.model.Execution.World;
import dev.orchestrator.model.JobSpec.Ends;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** What must be true of every execution, whoever was faster; each complaint begins with the number of its promise. */
final class Promises {
    private final Execution execution;
    private final List<String> broken = new ArrayList<>();

    private Promises(Execution execution) {
        this.execution = execution;
    }

    static List<String> brokenBy(Execution execution) {
        var promises = new Promises(execution);
        promises.broken.addAll(execution.wrong);
        promises.broken.addAll(execution.code.wrong);
        for (Accepted each : execution.accepted) promises.checkJob(each);
        for (Observed each : execution.orchestrators) promises.checkOrchestrator(each);
        for (World each : execution.worlds) promises.checkWorld(each);
        promises.checkNothingIsKept();
        return promises.broken;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) broken.add(otherwise);
    }

    // ---- one job ----

    private void checkJob(Accepted job) {
        String id = job.handle().id();
        if (execution.again.contains(id)) return; // two jobs with one id, one after the other: their events are mixed
        var known = job.handle().result().toCompletableFuture();
        if (!known.isDone()) {
            broken.add("P1: " + job.work() + " has no ending");
            return;
        }
        JobResult<Integer> result = known.join();
        World world = execution.worlds.get(job.bus());
        List<JobEvent> seen = eventsOf(id, world);
        // A bus that is closed tells its subscribers no more, but the owner of a job is told.
        boolean wereAllSeen = !world.closed;
        boolean isOwnerTold = job.owner() != null && !job.owner().closed;
        List<JobEvent> events = wereAllSeen || !isOwnerTold ? seen : job.owner().activeOf(id);
        if (wereAllSeen || isOwnerTold) {
            checkOrder(job, events, result);
            checkResult(job, events, result);
        }
        checkOwner(job, events);
        checkCancelled(job, result);
        for (World other : execution.worlds)
            if (other != world)
                check(eventsOf(id, other).isEmpty(), "P14: events of " + job.work() + " on another bus");
    }

    private static List<JobEvent> eventsOf(String id, World world) {
        return world.seen.stream()
                .filter(JobEvent.class::isInstance)
                .map(JobEvent.class::cast)
                .filter(event -> event.correlationId().equals(id))
                .toList();
    }

    private void checkOrder(Accepted job, List<JobEvent> events, JobResult<Integer> result) {
        var endings = events.stream().filter(TerminalEvent.class::isInstance).toList();
        check(endings.size() == 1, "P1: " + job.work() + " has " + endings.size() + " endings: " + events);
        if (events.isEmpty()) return;
        check(events.getLast() instanceof TerminalEvent, "P4: the ending of " + job.work() + " is not last: " + events);
        if (events.getLast() instanceof TerminalEvent end)
            check(end.result().equals(result), "P1: " + job.work() + " was told as " + end.result() + ", is " + result);
        long started = events.stream().filter(JobStartedEvent.class::isInstance).count();
        check(started <= 1, "P4: " + job.work() + " started " + started + " times");
        if (started == 1)
            check(
                    events.getFirst() instanceof JobStartedEvent,
                    "P4: " + job.work() + " did not start first: " + events);
    }

    private void checkOwner(Accepted job, List<JobEvent> events) {
        Observed owner = job.owner();
        if (owner == null) return;
        String id = job.handle().id();
        boolean anyPassive = owner.passive.stream()
                .anyMatch(event ->
                        event instanceof JobEvent ofJob && ofJob.correlationId().equals(id));
        if (!owner.closed) {
            check(!anyPassive, "P2: an own event of " + job.work() + " was passive");
            List<JobEvent> active = owner.activeOf(id);
            check(active.equals(events), "P4: the owner of " + job.work() + " saw " + active + ", others " + events);
        }
    }

    private void checkResult(Accepted job, List<JobEvent> events, JobResult<Integer> result) {
        JobSpec spec = job.work().spec();
        boolean joined = spec.sameKey() == JobSpec.SameKey.JOIN;
        TerminalEvent end = events.isEmpty() || !(events.getLast() instanceof TerminalEvent last) ? null : last;
        switch (result) {
            case JobResult.Success<Integer>(Integer value) -> {
                if (joined) return; // the value of whoever it joined
                check(spec.succeedsAlone(), "P1: " + job.work() + " succeeded");
                check(Objects.equals(value, job.work().number()), "P1: " + job.work() + " gave " + value);
                checkAttempts(job, events, end);
            }
            case JobResult.Failure<Integer>(Throwable error) -> {
                if (joined) return;
                // From outside: its child was cancelled, or refused since the dispatcher was being closed.
                boolean dispatchesChildren = spec.child() || spec.ends() == Ends.HANGS;
                boolean fromOutside = dispatchesChildren
                        && (error instanceof JobCancelledException
                                || error instanceof IllegalStateException && execution.dispatcherClosed != null);
                boolean wasSlow = mayAttemptsTimeOut(spec) && error instanceof TimeoutException;
                check(fromOutside || wasSlow || spec.failsAlone(), "P1: " + job.work() + " failed with " + error);
                if (!fromOutside) checkAttempts(job, events, end);
            }
            case JobResult.Cancelled<Integer> cancelled -> checkTimeOfCancelling(job, end);
            case JobResult.TimedOut<Integer>(Duration limit) -> {
                check(spec.timeoutMillis() > 0, "P7: " + job.work() + " timed out and has no limit");
                check(limit.toMillis() == spec.timeoutMillis(), "P7: " + job.work() + " timed out after " + limit);
                checkTimeOfTimeout(job, end);
            }
        }
        boolean mayRunForOthers = spec.sameKey() != JobSpec.SameKey.NONE; // they may have joined it
        if (end != null && end.attempts() == 0 && !mayRunForOthers) {
            check(
                    !execution.code.entered.contains(job.work().number()),
                    "P7: " + job.work() + " never started, and ran: " + result + ", " + events);
            check(events.size() == 1, "P4: " + job.work() + " never started, and said " + events);
        }
    }

    /** On real threads time may pass while code runs, so one that does not hang may come to its limit too. */
    private boolean mayAttemptsTimeOut(JobSpec spec) {
        return spec.attemptMillis() > 0 && !execution.driver.takesTurns();
    }

    // ---- stopped jobs ----

    private void checkCancelled(Accepted job, JobResult<Integer> result) {
        JobSpec spec = job.work().spec();
        Stop stop = execution.stops.get(job.handle().id());
        if (stop != null)
            check(
                    result.equals(new JobResult.Cancelled<Integer>(stop.reason())),
                    "P7: the cancellation of " + job.work() + " decided, and it is " + result);
        boolean isTokenCancelled =
                spec.token() > 0 && execution.tokens.get(spec.token() - 1).isCancelled();
        boolean isCancelled = result instanceof JobResult.Cancelled;
        boolean mayOtherThreadsHaveCancelled =
                !execution.driver.takesTurns() && job.owner() != null && job.owner().cancelledAll;
        boolean hasReason = execution.mayBeCancelled.contains(job.handle().id())
                || spec.sameKey() != JobSpec.SameKey.NONE
                || job.ownKey() != null
                || isTokenCancelled
                || execution.dispatcherClosed != null
                || mayOtherThreadsHaveCancelled;
        check(!isCancelled || hasReason, "P1: nobody cancelled " + job.work() + ", and it is " + result);
    }

    /** At once, or when the grace of its deaf code or the dispatcher's is over. */
    private void checkTimeOfCancelling(Accepted job, TerminalEvent end) {
        Stop stop = execution.stops.get(job.handle().id());
        boolean mayOthersHaveJoined = job.work().spec().sameKey() != JobSpec.SameKey.NONE;
        if (stop == null || end == null || mayOthersHaveJoined || !execution.driver.isExact()) return;
        Instant expected = stop.wasDeaf() ? graceAfter(stop.at()) : stop.at();
        check(
                end.timestamp().equals(expected),
                "P7: " + job.work() + " was cancelled at " + stop + ", told at " + end.timestamp());
    }

    private void checkTimeOfTimeout(Accepted job, TerminalEvent end) {
        boolean mayWaitForOthers = job.work().spec().sameKey() == JobSpec.SameKey.JOIN; // for the code it joined
        if (end == null || mayWaitForOthers || !execution.driver.isExact()) return;
        Instant limit = job.at().plusMillis(job.work().spec().timeoutMillis());
        boolean mayBeDeaf = job.work().spec().ends() == Ends.DEAF;
        Instant told = end.timestamp();
        check(
                told.equals(limit) || mayBeDeaf && told.equals(graceAfter(limit)),
                "P7: " + job.work() + " timed out at " + told + ", began at " + job.at());
    }

    private Instant graceAfter(Instant stopped) {
        Instant own = stopped.plus(JobSpec.GRACE);
        Instant closed = execution.dispatcherClosed;
        return closed == null || closed.isBefore(stopped) || closed.isAfter(own) ? own : closed;
    }

    private void checkAttempts(Accepted job, List<JobEvent> events, TerminalEvent end) {
        if (end == null || mayAttemptsTimeOut(job.work().spec())) return;
        int expected = job.work().spec().expectedAttempts();
        check(
                end.attempts() == expected,
                "P8: " + job.work() + " had " + end.attempts() + " attempts, not " + expected);
        List<Integer> retries = events.stream()
                .filter(JobRetryingEvent.class::isInstance)
                .map(event -> ((JobRetryingEvent) event).attempt())
                .toList();
        var wanted = new ArrayList<Integer>();
        for (int i = 1; i < expected; i++) wanted.add(i);
        check(retries.equals(wanted), "P8: " + job.work() + " told the retries " + retries + ", not " + wanted);
        long entered = execution.code.entered.stream()
                .filter(number -> number == job.work().number())
                .count();
        check(entered == expected, "P8: the code of " + job.work() + " ran " + entered + " times, not " + expected);
    }

    // ---- orchestrators and buses ----

    private void checkOrchestrator(Observed each) {
        broken.addAll(each.wrong);
        for (String id : each.runningInItsEnd)
            check(execution.again.contains(id), "P2: job " + id + " is running inside the hook of its ending");
        check(each.state() <= each.updates.get(), "P6: more was counted than was updated");
        if (!each.closed)
            check(
                    each.state() == each.updates.get(),
                    "P6: of " + each.updates + " updates " + each.state() + " counted");
        check(each.completed, "P6: the stream of states was not completed");
        var states = List.copyOf(each.states);
        check(
                !states.isEmpty() && states.getLast().equals(each.state()),
                "P6: the last state seen is not " + each.state() + ": " + states);
        for (int i = 1; i < states.size(); i++)
            check(states.get(i) > states.get(i - 1), "P6: states out of order: " + states);
        checkPassive(each);
    }

    private void checkPassive(Observed each) {
        List<Event> said = each.passive.stream().filter(Said.class::isInstance).toList();
        List<Said> seen = saidOn(execution.worlds.get(each.bus));
        // Emitted by several threads at once, they have an order for each, and none all together.
        boolean isOrdered = execution.driver.takesTurns() && !each.hasSmallMailbox;
        boolean holds = isOrdered ? isEndOf(said, seen, each.closed) : seen.containsAll(said);
        check(holds, "P15: it heard " + said + " of " + seen);
        check(new HashSet<>(said).size() == said.size(), "P4: something was heard twice: " + said);
    }

    /** Everything from some point on; up to some point, if it was closed. */
    private static boolean isEndOf(List<?> part, List<?> all, boolean closed) {
        if (part.isEmpty()) return true;
        int from = all.indexOf(part.getFirst());
        if (from < 0 || from + part.size() > all.size()) return false;
        return all.subList(from, from + part.size()).equals(part) && (closed || from + part.size() == all.size());
    }

    private static List<Said> saidOn(World world) {
        return world.seen.stream()
                .filter(Said.class::isInstance)
                .map(Said.class::cast)
                .toList();
    }

    private void checkWorld(World world) {
        Set<Said> emitted = new HashSet<>(world.emitted);
        Set<Said> seen = new HashSet<>(saidOn(world));
        check(seen.equals(emitted), "P5, P14: emitted " + emitted + ", seen " + seen);
        check(saidOn(world).size() == emitted.size(), "P4: something was delivered twice");
        List<Event> all = List.copyOf(world.seen);
        for (Said said : emitted) {
            int reply = all.indexOf(new Replied(said.number()));
            check(reply >= 0 || world.closed, "P5: nobody replied to " + said);
            check(reply < 0 || all.indexOf(said) < reply, "P4: the reply came before " + said);
        }
        check(
                world.errors.get() == world.thrown.get(),
                "P5: " + world.thrown + " errors were thrown, " + world.errors + " reported");
    }

    private void checkNothingIsKept() {
        for (World world : execution.worlds) {
            check(world.bus.jobs().isEmpty(), "P10: jobs are kept: " + world.bus.jobs());
            check(world.bus.subscribers().isEmpty(), "P10: subscribers are kept: " + world.bus.subscribers());
        }
        check(execution.dispatcher.jobs().isEmpty(), "P10: jobs are kept: " + execution.dispatcher.jobs());
        check(
                execution.driver.time().pending() == 0,
                "P10: " + execution.driver.time().pending() + " timers are kept");
        List<String> left = execution.driver.leftBehind();
        check(left.isEmpty(), "P10: left behind: " + left.stream().collect(Collectors.joining("; ")));
    }
}
