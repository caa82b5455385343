package dev.orchestrator;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs at numbered places, of which those of consecutive jobs follow each other.
 *
 * <p>So the thread that dispatches and the one that handles endings each walk through memory, a line of the cache serves
 * several jobs, and neither waits for the other. A place taken by a run that stays long is passed over; where too many are
 * taken the table is followed by a larger one, and who finds no place is told so and goes elsewhere.
 *
 * <p>A slot is written from null by whoever adds and to null by whoever removes, both by compareAndSet: two may remove the same
 * run, and the later one must not take out another that came meanwhile. A run stays in the slot where it is, so whoever looks
 * through all tables finds each run that was added before and not removed.
 */
final class PlacedRuns {
    private static final int SMALLEST = 64;
    private static final int LARGEST = 1 << Ids.COUNTER_BITS;
    private static final int GROWTH = 4;
    private static final int TRIES = 4;

    private static final class Table extends AtomicReferenceArray<@Nullable JobRun<?>> {
        private static final long serialVersionUID = 1;

        private final transient @Nullable Table smaller;

        // How many were refused in which round through the table; a few jobs that stay long must not add up to a
        // reason to grow. Two threads at the turn of a round may lose a count: no harm.
        private final AtomicInteger refused = new AtomicInteger();
        private volatile int round;

        Table(int size, @Nullable Table smaller) {
            super(size);
            this.smaller = smaller;
        }

        int slot(int place) {
            return place & (length() - 1);
        }

        /** Notes that a run found no place; true, to one thread, if it was one too many of this round. */
        boolean noteRefused(int place) {
            int now = place >>> Integer.numberOfTrailingZeros(length());
            if (round != now) {
                round = now;
                refused.set(0);
            }
            return refused.incrementAndGet() == length() / 16 + 1;
        }
    }

    // Replaced by a larger one, by compareAndSet; the smaller ones hang on to it.
    private final AtomicReference<Table> largest = new AtomicReference<>(new Table(SMALLEST, null));

    /** Keeps the run at its place, or just behind; false if all is taken there. */
    boolean add(JobRun<?> run) {
        Table table = largest.get();
        for (int i = 0; i < TRIES; i++) {
            int slot = table.slot(run.place() + i);
            if (table.get(slot) == null && table.compareAndSet(slot, null, run)) return true;
        }
        if (table.noteRefused(run.place()) && table.length() < LARGEST)
            largest.compareAndSet(table, new Table(table.length() * GROWTH, table));
        return false;
    }

    /** Lets go of exactly that run; false if it is not here. */
    boolean remove(JobRun<?> run) {
        for (Table table = largest.get(); table != null; table = table.smaller) {
            for (int i = 0; i < TRIES; i++) {
                int slot = table.slot(run.place() + i);
                if (run.equals(table.get(slot)) && table.compareAndSet(slot, run, null)) return true;
            }
        }
        return false;
    }

    /** The run with that id, told or not. */
    @Nullable
    JobRun<?> find(String id) {
        int place = Ids.placeOf(id);
        for (Table table = largest.get(); table != null; table = table.smaller) {
            for (int i = 0; i < TRIES; i++) {
                JobRun<?> run = table.get(table.slot(place + i));
                if (run != null && run.id().equals(id)) return run;
            }
        }
        return null;
    }

    /** How many places the largest table has. */
    int size() {
        return largest.get().length();
    }

    void forEach(Consumer<JobRun<?>> action) {
        for (Table table = largest.get(); table != null; table = table.smaller) {
            for (int i = 0; i < table.length(); i++) {
                JobRun<?> run = table.get(i);
                if (run != null) action.accept(run);
            }
        }
    }
}
