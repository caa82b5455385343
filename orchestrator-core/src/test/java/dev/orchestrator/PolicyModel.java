package dev.orchestrator;

import dev.orchestrator.JobRejectedException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What keys and limits are to do, said in the simplest way: lists that are searched from the front, one thing after the
 * other. Nothing of it is the engine's.
 */
final class PolicyModel {
    /** What a dispatch asks for. */
    record Asked(int number, String type, Rule rule, String key, boolean deaf, Limit ofKey) {}

    enum Rule {
        NONE,
        JOIN,
        DROP,
        REPLACE,
        QUEUE,
        DEBOUNCE,
        THROTTLE
    }

    /** How many may run, and how many may wait. */
    record Limit(String name, int running, int waiting) {}

    private enum Phase {
        WAITS_FOR_SILENCE,
        WAITS_FOR_KEY,
        WAITS_FOR_LIMIT,
        INSIDE,
        /** It was stopped, and its code does not notice. */
        STOPPING,
        /** It was told, and its code is still inside. */
        TOLD,
        DOWN
    }

    private static final class Work {
        final Asked asked;
        final List<Integer> takers = new ArrayList<>();
        final List<Limit> limits;
        final List<Limit> waitsFor = new ArrayList<>();
        Phase phase = Phase.WAITS_FOR_LIMIT;
        boolean joinable = true;
        int last; // who left last
        int due; // when its silence or its grace is over

        Work(Asked asked, List<Limit> limits) {
            this.asked = asked;
            this.limits = limits;
            takers.add(asked.number);
        }
    }

    static final int QUEUE = 2;
    static final int SILENCE = 2;
    static final int WINDOW = 3;
    static final int GRACE = 5;

    private final List<Limit> limitsOfAll;
    private final Map<String, Limit> limitsOfTypes;
    private final Map<String, Limit> limitsOfKeys = new HashMap<>();

    private final List<Work> works = new ArrayList<>(); // that are not down, in the order in which they came
    private final Map<String, Work> current = new HashMap<>();
    private final Map<String, List<Work>> waiting = new HashMap<>();
    private final Map<String, Integer> windows = new HashMap<>(); // when they are over
    private final List<Work> line = new ArrayList<>();
    private final List<Work> stopping = new ArrayList<>(); // deaf, in the order in which they were stopped
    private int now;

    /** How each dispatch ended. */
    final TreeMap<Integer, String> endings = new TreeMap<>();

    PolicyModel(Limit ofDispatcher, Limit ofLoad) {
        limitsOfAll = List.of(ofDispatcher);
        limitsOfTypes = Map.of("Load", ofLoad);
    }

    Set<Integer> inside() {
        var inside = new TreeSet<Integer>();
        for (Work work : works) {
            switch (work.phase) {
                case INSIDE, STOPPING, TOLD -> inside.add(work.asked.number);
                case WAITS_FOR_SILENCE, WAITS_FOR_KEY, WAITS_FOR_LIMIT, DOWN -> {}
            }
        }
        return inside;
    }

    /** The dispatches that have not ended. */
    Set<Integer> open() {
        var open = new TreeSet<Integer>();
        for (Work work : works) {
            open.addAll(work.takers);
            if (work.phase == Phase.STOPPING) open.add(work.last);
        }
        return open;
    }

    // ---- what can happen ----

    /** Why it is refused; null if it is accepted. */
    Reason dispatch(Asked asked) {
        String place = asked.type + " " + asked.key;
        var work = new Work(asked, limitsOf(asked));
        switch (asked.rule) {
            case NONE -> {
                return enterLimits(work, false);
            }
            case DEBOUNCE -> {
                for (Work other : List.copyOf(works))
                    if (other.phase == Phase.WAITS_FOR_SILENCE && place.equals(place(other))) stop(other);
                work.phase = Phase.WAITS_FOR_SILENCE;
                work.due = now + SILENCE;
                works.add(work);
                return null;
            }
            case THROTTLE -> {
                if (windows.getOrDefault(place, 0) > now) return Reason.THROTTLED;
                Reason refused = enterLimits(work, false);
                if (refused == null) windows.put(place, now + WINDOW);
                return refused;
            }
            case JOIN, DROP, REPLACE, QUEUE -> {
                return dispatchWithKey(work, place);
            }
        }
        throw new AssertionError(asked.rule);
    }

    private Reason dispatchWithKey(Work work, String place) {
        Work inTheWay = current.get(place);
        if (inTheWay == null) {
            Reason refused = enterLimits(work, false);
            if (refused == null) current.put(place, work);
            return refused;
        }
        List<Work> behind = waiting.computeIfAbsent(place, fresh -> new ArrayList<>());
        var replaced = new ArrayList<Work>();
        switch (work.asked.rule) {
            case JOIN -> {
                Work newest = behind.isEmpty() ? inTheWay : behind.get(behind.size() - 1);
                for (Work other : List.of(inTheWay, newest)) {
                    if (!other.joinable) continue;
                    other.takers.add(work.asked.number);
                    return null;
                }
            }
            case DROP -> {
                return Reason.KEY_IN_USE;
            }
            case QUEUE -> {
                if (behind.size() >= QUEUE) return Reason.KEY_QUEUE_FULL;
            }
            case REPLACE -> {
                replaced.add(inTheWay);
                replaced.addAll(behind);
                behind.clear();
            }
            case NONE, DEBOUNCE, THROTTLE -> throw new AssertionError();
        }
        work.phase = Phase.WAITS_FOR_KEY;
        works.add(work);
        behind.add(work);
        for (Work other : replaced) {
            other.joinable = false;
            for (int taker : List.copyOf(other.takers)) cancel(taker);
        }
        return null;
    }

    void cancel(int number) {
        for (Work work : List.copyOf(works)) {
            if (!work.takers.contains(number)) continue;
            work.takers.remove((Integer) number);
            if (!work.takers.isEmpty()) {
                endings.put(number, "cancelled");
            } else {
                work.takers.add(number);
                stop(work);
            }
        }
    }

    /** Its code leaves. */
    void letGo(int number) {
        for (Work work : List.copyOf(works)) {
            if (work.asked.number != number) continue;
            if (work.phase == Phase.INSIDE) tell(work, "done " + number);
            else if (work.phase == Phase.STOPPING) tell(work, "cancelled");
            down(work);
        }
    }

    /** One second passes. */
    void tick() {
        now++;
        for (Work work : List.copyOf(works))
            if (work.phase == Phase.WAITS_FOR_SILENCE && work.due == now) enterLimits(work, true);
        for (Work work : List.copyOf(stopping)) {
            if (work.due > now) continue;
            if (work.phase == Phase.STOPPING) {
                tell(work, "cancelled");
                work.phase = Phase.TOLD;
            }
            stopping.remove(work);
        }
    }

    // ---- what follows ----

    private void stop(Work work) {
        work.joinable = false;
        if (work.phase == Phase.INSIDE && work.asked.deaf) {
            work.phase = Phase.STOPPING;
            work.due = now + GRACE;
            work.last = work.takers.remove(0);
            stopping.add(work);
            return;
        }
        tell(work, "cancelled");
        down(work);
    }

    private static String place(Work work) {
        return work.asked.type + " " + work.asked.key;
    }

    private void tell(Work work, String ending) {
        work.joinable = false;
        for (int taker : work.takers) endings.put(taker, ending);
        if (work.phase == Phase.STOPPING) endings.put(work.last, "cancelled");
        work.takers.clear();
        String place = place(work);
        if (current.get(place) == work) {
            List<Work> behind = waiting.getOrDefault(place, List.of());
            Work next = behind.isEmpty() ? null : behind.remove(0);
            if (next == null) current.remove(place);
            else current.put(place, next);
            if (next != null) enterLimits(next, true);
        } else {
            waiting.getOrDefault(place, new ArrayList<>()).remove(work);
        }
    }

    private void down(Work work) {
        work.phase = Phase.DOWN;
        works.remove(work);
        line.remove(work);
        for (Work next : List.copyOf(line)) if (hasRoom(next)) goIn(next);
        limitsOfKeys.values().removeIf(limit -> works.stream().noneMatch(other -> counts(other, limit)));
    }

    // ---- limits ----

    private List<Limit> limitsOf(Asked asked) {
        var limits = new ArrayList<>(limitsOfAll);
        if (limitsOfTypes.containsKey(asked.type)) limits.add(limitsOfTypes.get(asked.type));
        if (asked.ofKey != null) limits.add(asked.ofKey);
        return limits;
    }

    /** Whether the work is in line there or inside. */
    private boolean counts(Work work, Limit limit) {
        return work.phase != Phase.WAITS_FOR_SILENCE
                && work.phase != Phase.WAITS_FOR_KEY
                && work.limits.contains(limit);
    }

    private Reason enterLimits(Work work, boolean late) {
        if (work.asked.ofKey != null) { // the first one in flight sets it
            Limit set = limitsOfKeys.getOrDefault(work.asked.ofKey.name, work.asked.ofKey);
            work.limits.set(work.limits.size() - 1, set);
        }
        if (!late && !hasRoom(work)) {
            for (Limit limit : work.limits) {
                if (isReached(limit) && waitingFor(limit) >= limit.waiting)
                    return limit.waiting == 0 ? Reason.LIMIT_REACHED : Reason.LIMIT_QUEUE_FULL;
            }
        }
        if (work.asked.ofKey != null) limitsOfKeys.put(work.asked.ofKey.name, work.limits.get(work.limits.size() - 1));
        if (!works.contains(work)) works.add(work);
        if (hasRoom(work)) {
            work.phase = Phase.WAITS_FOR_LIMIT;
            goIn(work);
        } else {
            work.phase = Phase.WAITS_FOR_LIMIT;
            for (Limit limit : work.limits) if (isReached(limit)) work.waitsFor.add(limit);
            line.add(work);
        }
        return null;
    }

    private long waitingFor(Limit limit) {
        return line.stream().filter(other -> other.waitsFor.contains(limit)).count();
    }

    private boolean isReached(Limit limit) {
        long running = works.stream()
                .filter(other -> counts(other, limit) && other.phase != Phase.WAITS_FOR_LIMIT)
                .count();
        return running >= limit.running;
    }

    private boolean hasRoom(Work work) {
        return work.limits.stream().noneMatch(this::isReached);
    }

    private void goIn(Work work) {
        line.remove(work);
        work.phase = Phase.INSIDE;
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Work work : works)
            text.append(work.asked)
                    .append(" takers ")
                    .append(work.takers)
                    .append(' ')
                    .append(work.phase)
                    .append('\n');
        return text + "line "
                + line.stream().map(work -> Objects.toString(work.asked.number)).toList();
    }
}
