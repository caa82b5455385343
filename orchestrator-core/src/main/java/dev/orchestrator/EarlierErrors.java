package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The errors of a run's earlier attempts, to be suppressed into the last one.
 *
 * <p>The first eight different ones are kept, and no exception gets more suppressed ones than eight, its own included:
 * one that is thrown by every attempt of every job would else grow for ever. Whatever goes wrong here (a null, no memory
 * left) the ending is more important, so nothing is ever thrown.
 *
 * <p>Used by one attempt at a time; whoever hands the run over to the next one hands this over too.
 */
final class EarlierErrors {
    private static final int MOST = 8;

    // Held while the suppressed ones of an exception are looked at and one is added. Two jobs may end with the same
    // exception at once: between the look and the addition of one, the other would fill it or add the same error.
    // Shared by all runs, since exceptions are; nobody's code runs inside (both methods of Throwable are final).
    static final ReentrantLock ADDING = new ReentrantLock();

    private final List<Throwable> errors = new ArrayList<>(0); // oldest first; an empty list costs no array

    /** Keeps the error of an attempt that is followed by another one. */
    void add(@Nullable Throwable error) {
        try {
            if (error != null && errors.size() < MOST && !isAmong(errors, error)) errors.add(error);
        } catch (Throwable notRecorded) {
            // The ending does not depend on it.
        }
    }

    /** Suppresses what was kept into the error that the run ends with. */
    void addTo(Throwable last) {
        try {
            ADDING.lock();
            try {
                var carried = List.of(last.getSuppressed());
                int room = MOST - carried.size();
                for (Throwable error : errors) {
                    if (room <= 0) return;
                    if (same(error, last) || isAmong(carried, error)) continue;
                    last.addSuppressed(error);
                    room--;
                }
            } finally {
                ADDING.unlock();
            }
        } catch (Throwable notRecorded) {
            // The ending does not depend on it.
        }
    }

    private static boolean isAmong(List<Throwable> some, Throwable error) {
        for (Throwable one : some) if (same(one, error)) return true;
        return false;
    }

    @SuppressWarnings("ReferenceEquality") // an equals of their own would be a user's code
    private static boolean same(Throwable one, Throwable other) {
        return one == other;
    }
}
