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
 * Limits of a dispatcher that are behind one lock: of all its jobs, of a job type, of keys (P11); see {@link KeysAndLimits}.
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
        final RunSlots slots;

        /** The limits that were reached when it came: it counts as waiting there. Null once it has its slots. */
        @Nullable
        List<LimitCounter> reached;

        /** Set while its caller waits for room in the line itself; such a run does not count as waiting. */
        @Nullable
        CompletableFuture<Void> caller;

        Place(LimitCounter[] counters, @Nullable RunSlots ofAncestors) {
            this.counters = counters;
            this.slots = new RunSlots(counters, ofAncestors);
        }

        List<LimitCounter> reached() {
            return reached == null ? List.of() : reached;
        }

        boolean isInLine() {
            return reached != null;
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
    private int holders; // how many have their slots
    private final LinkedHashMap<JobRun<?>, Place> line = new LinkedHashMap<>();
    private final LinkedHashSet<Place> crowd = new LinkedHashSet<>(); // those in line whose callers wait
    private final Map<RunsByKey.Place, LimitCounter> byKey = new HashMap<>();

    RunLimits(@Nullable RunLimit ofDispatcher) {
        this.ofDispatcher = ofDispatcher == null ? null : new LimitCounter(ofDispatcher, null, null);
    }

    /** Whether the run can be limited at all. */
    boolean concern(JobRun<?> run) {
        return ofDispatcher != null
                || run.route().limit() != null
                || run.options().keyLimit() != null;
    }

    /**
     * Takes a run in that is just dispatched: it passes now or when there is room.
     *
     * @param asker the dispatch for which it is taken in: the run itself, or one that takes part in it
     * @param callerMayWait whether the calling thread may be made to wait, unless it is running a handler
     * @throws JobRejectedException if a limit turns it away; nothing has changed then
     */
    void enter(JobRun<?> run, JobRun<?> asker, boolean callerMayWait) {
        boolean mayWait = callerMayWait && !Running.isInHandler();
        CrowdedLimit inTheWay;
        Place place;
        boolean passes = false;
        lock.lock();
        try {
            place = placeOf(run);
            inTheWay = place.hasRoom() ? null : crowd(reached(place.counters), mayWait);
            if (inTheWay != null && !inTheWay.lets) forgetIdle(place);
            else passes = takeIn(run, place, inTheWay);
        } finally {
            lock.unlock();
        }
        if (inTheWay != null && !inTheWay.lets) throw refused(run, inTheWay);
        run.whenDown(() -> left(run, place));
        if (passes) run.pass();
        if (inTheWay != null) awaitRoom(run, asker, inTheWay);
    }

    /** Takes a run in that was accepted long ago, and is not turned away any more. */
    void enterLate(JobRun<?> run) {
        if (!concern(run)) {
            run.pass();
            return;
        }
        Place place;
        boolean passes;
        lock.lock();
        try {
            place = placeOf(run);
            passes = takeIn(run, place, null);
        } finally {
            lock.unlock();
        }
        run.whenDown(() -> left(run, place));
        if (passes) run.pass();
    }

    private Place placeOf(JobRun<?> run) {
        RunSlots ofAncestors = RunSlots.held(run.slots());
        return new Place(countersOf(run, ofAncestors), ofAncestors);
    }

    /** Gives it slots or a place in line; true if it has its slots. */
    private boolean takeIn(JobRun<?> run, Place place, @Nullable CrowdedLimit inTheWay) {
        for (LimitCounter each : place.counters) each.known++;
        run.holdSlots(place.slots);
        boolean hasRoom = place.hasRoom();
        if (hasRoom) {
            take(place);
            return true;
        }
        place.reached = reached(place.counters);
        if (inTheWay == null) {
            for (LimitCounter each : place.reached) each.waiting++;
        } else {
            place.caller = inTheWay.room;
            crowd.add(place);
        }
        line.put(run, place);
        return false;
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
                    place, fresh -> new LimitCounter(keyLimit.limit(), run.job().getClass(), fresh)));
        }
        if (ofAncestors != null) counters.removeIf(ofAncestors::include);
        return counters.toArray(LimitCounter[]::new);
    }

    private static List<LimitCounter> reached(LimitCounter[] counters) {
        var reached = new ArrayList<LimitCounter>(counters.length);
        for (LimitCounter counter : counters) if (counter.isFull()) reached.add(counter);
        return reached;
    }

    /** The reached limit that turns a dispatch away or makes its caller wait; null if there is room in line everywhere. */
    private static @Nullable CrowdedLimit crowd(List<LimitCounter> reached, boolean callerMayWait) {
        LimitCounter crowded = null;
        for (LimitCounter each : reached) {
            if (each.waiting < each.limit.waiting()) continue;
            if (each.limit.atLimit() != AtLimit.WAIT || !callerMayWait) return new CrowdedLimit(each, false);
            crowded = each;
        }
        return crowded == null ? null : new CrowdedLimit(crowded, true);
    }

    private static JobRejectedException refused(JobRun<?> run, CrowdedLimit inTheWay) {
        boolean hasLine = inTheWay.limit.limit.atLimit() != AtLimit.REFUSE;
        return new JobRejectedException(
                hasLine ? Reason.LIMIT_QUEUE_FULL : Reason.LIMIT_REACHED,
                inTheWay.limit.key,
                "a job of type " + run.job().getClass().getName() + " was refused: " + inTheWay
                        + ". Dispatch it again later, or ask with tryDispatch where a refusal is no error");
    }

    private void take(Place place) {
        for (LimitCounter counter : place.counters) counter.running++;
        place.reached = null;
        holders++;
    }

    /** Waits until the run has a place in line that counts, or its slots, or its dispatch has ended. */
    private static void awaitRoom(JobRun<?> run, JobRun<?> asker, CrowdedLimit inTheWay) {
        if (inTheWay.isFirst)
            Log.info(inTheWay.withoutKey() + ", and " + inTheWay.waiting
                    + " more wait for it: callers are made to wait from now on. This is said once per limit");
        asker.whenDown(() -> inTheWay.room.complete(null)); // others may take part in the run, which then goes on
        try {
            while (!run.bus().scope().threads().await(inTheWay.room, LONG_ENOUGH)) {}
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            if (inTheWay.room.isDone()) return;
            throw new JobRejectedException(
                    Reason.LIMIT_QUEUE_FULL,
                    inTheWay.limit.key,
                    "a job of type " + run.job().getClass().getName() + " was refused: " + inTheWay
                            + ", and its caller was interrupted while it waited for room in that line");
        }
    }

    /** The run is down, or was refused after all: its slots are free, or its place in line. */
    private void left(JobRun<?> run, Place place) {
        List<JobRun<?>> passing = List.of();
        lock.lock();
        try {
            place.slots.free();
            for (LimitCounter counter : place.counters) counter.known--;
            if (place.isInLine()) {
                line.remove(run);
                leaveLine(place);
            } else {
                passing = giveBack(place);
            }
            letCallersGoOn();
            forgetIdle(place);
        } finally {
            lock.unlock();
        }
        passing.forEach(JobRun::pass);
    }

    /** Gives its slots back; those in line for whom there is room now. */
    private List<JobRun<?>> giveBack(Place place) {
        holders--;
        List<LimitCounter> reached = line.isEmpty() ? List.of() : reached(place.counters);
        for (LimitCounter counter : place.counters) counter.running--;
        return reached.isEmpty() ? List.of() : letPass(reached);
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

    /** Gives slots to those in line for whom there is room now; nobody waits for a limit that was not reached. */
    private List<JobRun<?>> letPass(List<LimitCounter> freed) {
        var passing = new ArrayList<JobRun<?>>();
        var each = line.entrySet().iterator();
        while (each.hasNext() && anyHasRoom(freed)) {
            var next = each.next();
            Place place = next.getValue();
            if (!place.hasRoom()) continue;
            each.remove();
            leaveLine(place);
            take(place);
            passing.add(next.getKey());
        }
        return passing;
    }

    private static boolean anyHasRoom(List<LimitCounter> counters) {
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

    /** A limit of a key is forgotten when nothing with that key is in flight. */
    private void forgetIdle(Place place) {
        for (LimitCounter each : place.counters)
            if (each.place != null && each.isIdle()) byKey.remove(each.place, each);
    }

    /** How many jobs and keys are kept. */
    int size() {
        lock.lock();
        try {
            return holders + line.size() + crowd.size() + byKey.size();
        } finally {
            lock.unlock();
        }
    }
}
