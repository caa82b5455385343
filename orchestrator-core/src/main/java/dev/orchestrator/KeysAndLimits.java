package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * The keys and the limits of a dispatcher, each guarded by one of several locks, so that jobs with different keys seldom
 * meet.
 *
 * <p>What two jobs share is behind the same lock: a key by its hash, and with it the limit of that key; all limits of a job
 * that has another one besides, of its type or of the dispatcher, are behind one for all such jobs. So the jobs of a type
 * whose executor was replaced by one with another limit of the type are counted anew, by key as well.
 */
final class KeysAndLimits {
    private static final int STRIPES = 16;
    private static final int SPREAD = 0x9E3779B9; // the golden ratio, as in Knuth's multiplicative hashing

    private final boolean hasLimitOfAll;
    private final RunLimits shared;
    private final RunLimits[] byKey = new RunLimits[STRIPES];
    private final RunsByKey[] keys = new RunsByKey[STRIPES];

    KeysAndLimits(@Nullable RunLimit ofDispatcher) {
        hasLimitOfAll = ofDispatcher != null;
        shared = new RunLimits(ofDispatcher);
        for (int i = 0; i < STRIPES; i++) {
            byKey[i] = new RunLimits(null);
            keys[i] = new RunsByKey();
        }
    }

    private static int stripe(Object key) {
        return (key.hashCode() * SPREAD) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(STRIPES));
    }

    /** Those among which that key is. */
    RunsByKey keys(RunsByKey.Place key) {
        return keys[stripe(key)];
    }

    /** Those that may limit that run. */
    RunLimits limits(JobRun<?> run) {
        JobOptions.KeyLimit ofKey = run.options().keyLimit();
        if (ofKey == null || hasLimitOfAll || run.route().limit() != null) return shared;
        return byKey[stripe(ofKey.key())];
    }

    /** The dispatcher is closed. */
    void close() {
        for (RunsByKey each : keys) each.close();
    }

    /** How many keys and jobs with limits are kept. */
    int kept() {
        int kept = shared.size();
        for (int i = 0; i < STRIPES; i++) kept += byKey[i].size() + keys[i].size();
        return kept;
    }
}
