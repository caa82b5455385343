package dev.orchestrator;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.RunLimit.AtLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a dispatcher: of all its jobs, of a job type, of a key (P11).
 *
 * <p>A run takes all its slots at once or none, so who waits for one limit holds no slot of another. Those that wait stand
 * in one line, in the order of their dispatch; when slots are freed, the first ones in line whose limits all have room
 * go on. So at no time does somebody wait whose limits all have room, and whoever comes anew and finds room overtakes
 * nobody who waits for the same limits.
 *
 * <p>All of it is guarded by the lock, under which nobody is called. A dispatch without limits does not come here.
 */
final class RunLimits {
    /** A run in line, or one with slots. */
    private static final class Place {
        final LimitCounter[] counters;

        /** The limits that were reached when it came: it counts as waiting there. Null once it has its slots. */
        @Nullable
        List<LimitCounter> reached;

        /** Set while its caller waits for room in the line itself; such a run does not count as waiting. */
        @Nullable
        CompletableFuture<Void> caller;

        Place(LimitCounter[] counters) {
            this.counters = counters;
        }

        List<LimitCounter> reached() {
            return reached == null ? List.of() : reached;
        }

        boolean hasRoom() {
            for (LimitCounter counter : counters) if (counter.isFull()) return false;
            return true;
        }
    }

    private static final Duration LONG_ENOUGH = Duration.ofDays(365);

    private final @Nullable LimitCounter ofDispatcher;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final Map<JobRun<?>, Place> holders = new HashMap<>();
    private final LinkedHashMap<JobRun<?>, Place> line = new LinkedHashMap<>();
    private final LinkedHashSet<Place> crowd = new LinkedHashSet<>(); // those in line whose callers wait
    private final Map<RunsByKey.Place, LimitCounter> byKey = new HashMap<>();

    RunLimits(@Nullable RunLimit ofDispatcher) {
        this.ofDispatcher =
                ofDispatcher == null ? null : new LimitCounter(ofDispatcher, "jobs of this dispatcher", null);
    }

    /** Whether the run can be limited at all. */
    boolean concern(JobRun<?> run) {
        return ofDispatcher != null
                || run.route().limit() != null
                || run.options().keyLimit() != null;
    }

    /** Whether the run has its slots or stands in line. */
    boolean know(JobRun<?> run) {
        lock.lock();
        try {
            return holders.containsKey(run) || line.containsKey(run);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a run in that is just dispatched: it passes now or when there is room.
     *
     * @param callerMayWait whether the calling thread may be made to wait, unless it is running a handler
     * @throws JobRejectedException if a limit turns it away; nothing has changed then
     */
    void enter(JobRun<?> run, boolean callerMayWait) {
        enter(run, callerMayWait, false);
    }

    /** Takes a run in that was accepted long ago, and is not turned away any more. */
    void enterLate(JobRun<?> run) {
        if (concern(run)) enter(run, false, true);
        else run.pass();
    }

    private void enter(JobRun<?> run, boolean callerMayWait, boolean late) {
        CompletableFuture<Void> wait = null;
        String said = null;
        boolean passes;
        lock.lock();
        try {
            RunSlots ofAncestors = run.slots();
            LimitCounter[] counters = countersOf(run, ofAncestors);
            var place = new Place(counters);
            passes = place.hasRoom();
            if (passes) {
                take(run, place);
            } else {
                place.reached = reached(counters);
                LimitCounter crowded = late ? null : crowded(run, place, callerMayWait);
                if (crowded == null) {
                    for (LimitCounter each : place.reached) each.waiting++;
                } else {
                    place.caller = wait = new CompletableFuture<>();
                    crowd.add(place);
                    said = sayOnce(crowded);
                }
                line.put(run, place);
            }
            run.holdSlots(new RunSlots(counters, ofAncestors));
        } finally {
            lock.unlock();
        }
        if (said != null) Log.info(said);
        run.whenDown(() -> left(run));
        if (passes) run.pass();
        else if (wait != null) awaitRoom(run, wait);
    }

    /** The limits that count this run; those of a key are made with the first run in flight that has it. */
    private LimitCounter[] countersOf(JobRun<?> run, @Nullable RunSlots ofAncestors) {
        var counters = new ArrayList<LimitCounter>(3);
        if (ofDispatcher != null) counters.add(ofDispatcher);
        LimitCounter ofType = run.route().limit();
        if (ofType != null) counters.add(ofType);
        JobOptions.KeyLimit keyLimit = run.options().keyLimit();
        if (keyLimit != null) {
            var place = new RunsByKey.Place(run.job().getClass(), keyLimit.key());
            counters.add(byKey.computeIfAbsent(
                    place,
                    fresh -> new LimitCounter(
                            keyLimit.limit(),
                            "jobs of type " + Ids.nameOf(run.job().getClass()),
                            fresh)));
        }
        if (ofAncestors != null) counters.removeIf(ofAncestors::include);
        return counters.toArray(LimitCounter[]::new);
    }

    private static List<LimitCounter> reached(LimitCounter[] counters) {
        var reached = new ArrayList<LimitCounter>(counters.length);
        for (LimitCounter counter : counters) if (counter.isFull()) reached.add(counter);
        return reached;
    }

    /** A limit whose line is so long that the caller has to wait; null if there is room in line everywhere. */
    private @Nullable LimitCounter crowded(JobRun<?> run, Place place, boolean callerMayWait) {
        LimitCounter crowded = null;
        for (LimitCounter each : place.reached()) {
            RunLimit limit = each.limit;
            if (limit.atLimit() == AtLimit.REFUSE) throw refused(run, place, each, Reason.LIMIT_REACHED, "is reached");
            if (each.waiting < limit.waiting()) continue;
            if (limit.atLimit() == AtLimit.QUEUE || !callerMayWait || Running.isInHandler()) {
                String what = "is reached, and " + each.waiting + " more wait for it";
                throw refused(run, place, each, Reason.LIMIT_QUEUE_FULL, what);
            }
            crowded = each;
        }
        return crowded;
    }

    private JobRejectedException refused(JobRun<?> run, Place place, LimitCounter at, Reason reason, String what) {
        for (LimitCounter each : place.counters) forgetIfIdle(each);
        return new JobRejectedException(
                reason,
                at.key,
                "a job of type " + run.job().getClass().getName() + " was refused: " + describe(at) + " " + what);
    }

    private static @Nullable String sayOnce(LimitCounter crowded) {
        if (crowded.saidThatCallersWait) return null;
        crowded.saidThatCallersWait = true;
        return describe(crowded) + " is reached, and " + crowded.waiting
                + " jobs wait for it: callers are made to wait from now on. Said once per limit";
    }

    private static String describe(LimitCounter counter) {
        return "the limit of " + counter.limit.running() + " " + counter.what
                + (counter.key == null ? "" : " with the key " + counter.key);
    }

    private void take(JobRun<?> run, Place place) {
        for (LimitCounter counter : place.counters) counter.running++;
        place.reached = null;
        holders.put(run, place);
    }

    /** Waits until the run has a place in line that counts, or its slots, or has ended. */
    private void awaitRoom(JobRun<?> run, CompletableFuture<Void> room) {
        try {
            while (!run.bus().scope().threads().await(room, LONG_ENOUGH)) {}
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            if (!room.isDone()) {
                throw new JobRejectedException(
                        Reason.LIMIT_QUEUE_FULL,
                        null,
                        "a job of type " + run.job().getClass().getName()
                                + " was refused: its caller was interrupted while it waited for room in the line");
            }
        }
    }

    /** The run is down, or was refused after all: its slots are free, or its place in line. */
    private void left(JobRun<?> run) {
        var passing = new ArrayList<JobRun<?>>();
        lock.lock();
        try {
            Place inLine = line.remove(run);
            Place place = inLine != null ? inLine : holders.remove(run);
            if (place == null) return;
            if (inLine != null) leaveLine(place);
            else for (LimitCounter counter : place.counters) counter.running--;
            letPass(place.counters, passing);
            letCallersGoOn();
            for (LimitCounter counter : place.counters) forgetIfIdle(counter);
        } finally {
            lock.unlock();
        }
        passing.forEach(JobRun::pass);
    }

    private void leaveLine(Place place) {
        if (place.caller != null) letCallerGoOn(place);
        else for (LimitCounter each : place.reached()) each.waiting--;
        place.reached = null;
    }

    private void letCallerGoOn(Place place) {
        if (place.caller != null) place.caller.complete(null); // it only wakes: nobody attaches anything to it
        place.caller = null;
        crowd.remove(place);
    }

    /** Gives slots to those in line for whom there is room now. */
    private void letPass(LimitCounter[] freed, List<JobRun<?>> passing) {
        var each = line.entrySet().iterator();
        while (each.hasNext() && anyHasRoom(freed)) {
            var next = each.next();
            Place place = next.getValue();
            if (!place.hasRoom()) continue;
            each.remove();
            leaveLine(place);
            take(next.getKey(), place);
            passing.add(next.getKey());
        }
    }

    private static boolean anyHasRoom(LimitCounter[] counters) {
        for (LimitCounter counter : counters) if (!counter.isFull()) return true;
        return false;
    }

    /** Lets callers go on for whose runs there is room in line now, in their order. */
    private void letCallersGoOn() {
        if (crowd.isEmpty()) return;
        for (Place place : List.copyOf(crowd)) {
            if (!place.reached().stream().allMatch(each -> each.waiting < each.limit.waiting())) continue;
            for (LimitCounter each : place.reached()) each.waiting++;
            letCallerGoOn(place);
        }
    }

    private void forgetIfIdle(LimitCounter counter) {
        if (counter.place != null && counter.isIdle()) byKey.remove(counter.place, counter);
    }
}
