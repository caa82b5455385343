package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * The limits that count a run, and those that count one of its ancestors.
 *
 * <p>A child takes no slot of a limit of which an ancestor holds one, so waiting for one's child cannot deadlock. It knows
 * the counters and not the ancestors' runs, so it keeps nothing of them alive (P10).
 */
final class RunSlots {
    final LimitCounter[] own;
    private final @Nullable RunSlots ancestors;

    RunSlots(LimitCounter[] own, @Nullable RunSlots ancestors) {
        this.own = own;
        this.ancestors = ancestors;
    }

    /** Whether the run or an ancestor of it is counted there. */
    boolean include(LimitCounter counter) {
        for (RunSlots each = this; each != null; each = each.ancestors) {
            for (LimitCounter held : each.own) if (held == counter) return true;
        }
        return false;
    }
}
