package dev.orchestrator.durable;

import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What works wait for besides their time: looks whether it holds, and lets the works go on when it has changed. */
final class ConditionWatch {
    /** The longest time until a work is looked at again. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration AFTER_OFFLINE = Duration.ofSeconds(1);

    /** So many works are given back one after the other before the rest is left in the queue unclaimed. */
    private static final int PROBES = 64;

    /** What is known of one condition in this process. Its numbers are hints: a lost update costs a claim at most. */
    private static final class Known {
        final CopyOnWriteArrayList<Condition> conditions = new CopyOnWriteArrayList<>();
        final Round change;
        final AtomicInteger givenBack = new AtomicInteger();

        Known(String name, Consumer<Condition> look, SignalBus bus) {
            // The round does turns on demand only: each sees the conditions as they are then, so no change is missed.
            change = new Round("looking at condition " + name, LONGEST, () -> conditions.forEach(look), bus);
        }
    }

    private final Store store;
    private final SignalBus bus;
    private final Runnable wake;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /** How often an attempt has said "offline" in a row, by the type of jobs. */
    private final Map<String, AtomicInteger> offline = new ConcurrentHashMap<>();

    ConditionWatch(Store store, SignalBus bus, Runnable wake) {
        this.store = store;
        this.bus = bus;
        this.wake = wake;
    }

    /** Asks the condition to say when it has changed, once. */
    void watch(Condition condition) {
        Known here = known.computeIfAbsent(condition.name(), name -> new Known(name, this::lookAgain, bus));
        if (!here.conditions.addIfAbsent(condition)) return;
        try {
            condition.onChange(here.change::now);
        } catch (Throwable thrown) {
            EngineLog.warning(
                    "condition " + condition.name() + " cannot say when it changes; it is looked at again and again",
                    thrown);
        }
    }

    private void lookAgain(Condition condition) {
        if (!holds(condition)) return;
        if (store.conditionChanged(List.of(condition.name())) > 0) store.wakeOthers();
        wake.run();
    }

    boolean holds(Condition condition) {
        boolean holds;
        try {
            holds = condition.holds();
        } catch (Throwable thrown) {
            EngineLog.warning("condition " + condition.name() + " failed, which counts as no", thrown);
            return false;
        }
        Known here = known.get(condition.name());
        if (holds && here != null) here.givenBack.set(0);
        return holds;
    }

    /** In how long a work that waits for it should be looked at again. */
    Duration wait(Condition condition) {
        Known here = known.get(condition.name());
        if (here != null) here.givenBack.incrementAndGet();
        Duration wait;
        try {
            wait = condition.holdsIn().orElse(LONGEST);
        } catch (Throwable thrown) {
            EngineLog.warning("condition " + condition.name() + " cannot say when it holds", thrown);
            wait = LONGEST;
        }
        if (wait.compareTo(SHORTEST) < 0) return SHORTEST;
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }

    /** The work that waited is back in the queue; a change that came before it was there found nothing to let go. */
    void isWaiting(Condition condition) {
        if (!holds(condition)) return;
        Known here = known.get(condition.name());
        if (here != null) here.change.now();
    }

    /** An attempt said that it is not there; gives in how long another one may be made, which grows until one succeeds. */
    Duration waitAfterOffline(Kind<?, ?> kind) {
        int before = offline.computeIfAbsent(kind.name(), name -> new AtomicInteger())
                .getAndUpdate(count -> Math.min(count + 1, 8));
        Duration wait = AFTER_OFFLINE.multipliedBy(1L << before);
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }

    /** An attempt did not say that it is not there. */
    void isThere(Kind<?, ?> kind) {
        offline.remove(kind.name());
    }

    /** Whether works that need it should be claimed: not if many were given back and it still does not hold. */
    boolean isWorthATry(Condition condition) {
        Known here = known.get(condition.name());
        return here == null || here.givenBack.get() < PROBES || holds(condition);
    }

    void stop() {
        known.values().forEach(here -> here.change.stop());
    }
}
