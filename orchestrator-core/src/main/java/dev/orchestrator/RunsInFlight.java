package dev.orchestrator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a bus by id: a duplicate id is refused, an event and an orchestrator find their run.
 *
 * <p>A run is in flight until its ending is told. One that has an owner stays here until that one handles the ending; where
 * meanwhile another job has its id, that one is found.
 *
 * <p>Every job comes here twice, from different threads. Runs whose ids were made for them are kept by the number in the id
 * ({@link PlacedRuns}). Those with ids that somebody chose, and the few for which there is no place, are spread over several
 * maps, each under a lock of its own that is held for one look-up. A concurrent map would count its entries for all
 * threads together, and that count is what the threads would wait for.
 */
final class RunsInFlight {
    private static final int STRIPE_BITS = 5;
    private static final int SPREAD = 0x9E3779B9; // the golden ratio, as in Knuth's multiplicative hashing

    private static final class Stripe extends ReentrantLock {
        private static final long serialVersionUID = 1;

        private final transient HashMap<String, JobRun<?>> byId = new HashMap<>(); // guarded by this lock
    }

    private final PlacedRuns placed = new PlacedRuns();
    private final Stripe[] stripes = new Stripe[1 << STRIPE_BITS];

    RunsInFlight() {
        for (int i = 0; i < stripes.length; i++) stripes[i] = new Stripe();
    }

    private Stripe stripeOf(String id) {
        return stripes[(id.hashCode() * SPREAD) >>> (Integer.SIZE - STRIPE_BITS)];
    }

    /** Adds a run whose id was just made for it, so that nobody else can have it. */
    void add(JobRun<?> run) {
        if (!placed.add(run)) addUnique(run);
    }

    /** Adds a run whose id somebody chose, unless there is one with that id. */
    void addUnique(JobRun<?> run) {
        JobRun<?> other = placed.find(run.id());
        if (other != null && !other.isTold()) throw isDuplicate(run, other);
        if (other != null) other.noteReplaced();
        Stripe stripe = stripeOf(run.id());
        stripe.lock();
        try {
            other = stripe.byId.putIfAbsent(run.id(), run);
            if (other == null) return;
            if (other.isTold()) {
                stripe.byId.put(run.id(), run);
                other.noteReplaced();
                return;
            }
        } finally {
            stripe.unlock();
        }
        throw isDuplicate(run, other);
    }

    private static IllegalStateException isDuplicate(JobRun<?> run, JobRun<?> other) {
        return new IllegalStateException("job id " + run.id() + " is in flight already, for a job of type "
                + other.job().getClass().getName() + ". Wait for its ending, or give this "
                + Ids.nameOf(run.job().getClass()) + " an id of its own (JobIds.next)");
    }

    /** Lets go of exactly that run: another one may have its id by now. */
    void remove(JobRun<?> run) {
        if (placed.remove(run)) return;
        Stripe stripe = stripeOf(run.id());
        stripe.lock();
        try {
            stripe.byId.remove(run.id(), run);
        } finally {
            stripe.unlock();
        }
    }

    private @Nullable JobRun<?> get(String id) {
        JobRun<?> found = placed.find(id);
        return found == null || found.isTold() ? getChosen(id, found) : found;
    }

    private @Nullable JobRun<?> getChosen(String id, @Nullable JobRun<?> otherwise) {
        Stripe stripe = stripeOf(id);
        stripe.lock();
        try {
            return stripe.byId.getOrDefault(id, otherwise);
        } finally {
            stripe.unlock();
        }
    }

    /** The run with that id, unless its ending is told. */
    @Nullable
    JobRun<?> find(String id) {
        JobRun<?> run = get(id);
        return run == null || run.isTold() ? null : run;
    }

    /** The run with that id, if it belongs to that orchestrator, and that one has not begun to handle its ending. */
    @Nullable
    JobRun<?> find(String id, Inbox owner) {
        JobRun<?> run = get(id);
        return run != null && run.owner() == owner ? run : null;
    }

    /** For how many there is room by the numbers in their ids. */
    int places() {
        return placed.size();
    }

    /** How many are kept, told or not. */
    int kept() {
        var kept = new AtomicInteger();
        placed.forEach(run -> kept.incrementAndGet());
        for (Stripe stripe : stripes) {
            stripe.lock();
            try {
                kept.addAndGet(stripe.byId.size());
            } finally {
                stripe.unlock();
            }
        }
        return kept.get();
    }

    /** A copy of those whose ending is not told. */
    List<JobRun<?>> all() {
        var all = new ArrayList<JobRun<?>>();
        placed.forEach(run -> {
            if (!run.isTold()) all.add(run);
        });
        for (Stripe stripe : stripes) {
            stripe.lock();
            try {
                for (JobRun<?> run : stripe.byId.values()) if (!run.isTold()) all.add(run);
            } finally {
                stripe.unlock();
            }
        }
        return all;
    }
}
