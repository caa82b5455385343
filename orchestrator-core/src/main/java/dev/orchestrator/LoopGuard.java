package dev.orchestrator;

import dev.orchestrator.spi.Time;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Notices handlers that set each other off in a circle, and stops them (P13).
 *
 * <p>It makes the links of a {@link Chain}, one for each dispatch and emission inside a handler, and counts those that
 * come within 10 ms of the one before. The link that reaches the first limit is warned of; a chain may have as many links
 * as the second limit says, and the one after them is refused to whoever makes it, before anything is tracked or queued.
 */
final class LoopGuard {
    /** When a chain is warned of, and how many links it may have. */
    record Limits(int warnAt, int stopAt) {
        static final Limits DEFAULT = new Limits(10_000, 1_000_000);

        Limits {
            if (warnAt < 1) {
                throw new IllegalArgumentException("warnAt must be at least 1 link, was " + warnAt
                        + "; to run without the guard, use withoutLoopGuard()");
            }
            if (stopAt < warnAt) {
                throw new IllegalArgumentException("stopAt must not be below warnAt, was " + stopAt + " and warnAt "
                        + warnAt + "; to stop earlier, warn earlier too");
            }
        }
    }

    private static final long SOON_NANOS = 10_000_000;

    /** Of more circles than that no warning is given, so that what is remembered has a bound. */
    private static final int MOST_WARNINGS = 100;

    private final Time time;
    private final Limits limits;

    /** The circles that were warned of, by their names, since a class must not be held for this. Any thread adds. */
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    LoopGuard(Time time, Limits limits) {
        this.time = time;
        this.limits = limits;
    }

    /**
     * The link that a handler makes by dispatching or emitting something of that class.
     *
     * @param before the chain of what it handles; null if that was set in motion outside of handlers
     * @throws LoopDetectedException if the chain has as many links already as it may have
     */
    Chain next(@Nullable Chain before, Class<?> what) {
        long now = time.nanos();
        Chain last = before == null || now - before.nanos > SOON_NANOS ? Chain.START : before;
        String name = what.getName();
        // Not equal: another bus with other limits may have made the links before.
        if (last.depth >= limits.stopAt)
            throw new LoopDetectedException(name, Chain.circle(last.namesAnd(name)), last.depth);
        int depth = last.depth + 1;
        boolean nearLimit = depth > (last.warned ? limits.stopAt : limits.warnAt) - Chain.NAMES;
        String[] names = nearLimit ? last.namesAnd(name) : Chain.NO_NAMES;
        boolean warnNow = !last.warned && depth >= limits.warnAt;
        if (warnNow) warn(Chain.circle(names), depth);
        return new Chain(depth, now, names, last.warned || warnNow);
    }

    /** Once per circle, not per chain: a circle may be entered again and again. */
    private void warn(String circle, int links) {
        if (warned.size() >= MOST_WARNINGS || !warned.add(circle)) return;
        Log.warning("handlers set each other off in a circle, " + circle + ", for " + links
                + " links, each within 10 ms of the one before; after " + limits.stopAt
                + " the next one is refused. Let one of them stop, or set the limits with"
                + " SignalBus.builder().loopGuard(...). Logged once per circle");
    }
}
