package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * The limits that count a run, and those that count one of its ancestors.
 *
 * <p>A child takes no slot of a limit of which an ancestor holds one, so waiting for one's child cannot deadlock. It knows
 * the counters and not the ancestors' runs, so it keeps nothing of them alive (P10). An ancestor that is down holds none
 * any more; it is left out when the next child is dispatched, so a chain in which each outlives the one before stays short.
 *
 * <p>Whether they are free is written once, under the lock of the limits that gave them; read under that of the limits to
 * which a descendant comes. A descendant that comes at the same moment counts as if it came before.
 */
final class RunSlots {
    private final LimitCounter[] own;

    // Shortened by whoever looks, to one that is further up and not free; two who do it at once both write such a one.
    private volatile @Nullable RunSlots ancestors;

    private volatile boolean free;

    RunSlots(LimitCounter[] own, @Nullable RunSlots ancestors) {
        this.own = own;
        this.ancestors = ancestors;
    }

    /** The run is down, or was never launched. */
    void free() {
        free = true;
    }

    /** Of these and those above them, the ones that are not free. */
    static @Nullable RunSlots held(@Nullable RunSlots slots) {
        RunSlots nearest = nearestHeld(slots);
        for (RunSlots each = nearest; each != null; each = each.ancestors) each.ancestors = nearestHeld(each.ancestors);
        return nearest;
    }

    private static @Nullable RunSlots nearestHeld(@Nullable RunSlots slots) {
        RunSlots each = slots;
        while (each != null && each.free) each = each.ancestors;
        return each;
    }

    @Nullable
    RunSlots ancestors() {
        return ancestors;
    }

    /** Whether the run or an ancestor of it is counted there. */
    boolean include(LimitCounter counter) {
        for (RunSlots each = this; each != null; each = each.ancestors) {
            for (LimitCounter held : each.own) if (held == counter) return true;
        }
        return false;
    }
}
