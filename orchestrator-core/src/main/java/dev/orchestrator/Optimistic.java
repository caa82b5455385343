package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A value that shows changes before they are known to have happened: each is a patch that a job's success confirms, and
 * any other ending undoes.
 *
 * <p>A field of an orchestrator's state; {@link BaseOrchestrator#patches patches} applies, confirms and undoes along with
 * the jobs. The patches that are not undone count in the order in which they were applied, whichever of their jobs ends
 * first: when all have ended, the value is what the confirmed ones make of the base, one after the other.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="optimistic"}
 *
 * <p>A patch must only compute. One is called again when an earlier one was undone, or the base was replaced. If it throws
 * then, it is left out of the value until it is called again and does not: so the value depends on the base and the
 * patches, and never on the order in which jobs end.
 *
 * <p>Immutable. Two are equal if their bases and values are, and the jobs of their patches; functions are not compared.
 *
 * @param <T> the type of the value: immutable, with an {@code equals} that compares what is in it
 */
public final class Optimistic<T extends @Nullable Object> {
    /**
     * A change on its way: pending, or confirmed behind a pending one.
     *
     * @param key which one it is, for whoever applied it
     * @param after the value with this one and all before it; without this one if it threw
     * @param error what it threw; null if it did not
     */
    private record Patch<T extends @Nullable Object>(
            Object key,
            String jobId,
            UnaryOperator<T> change,
            boolean isConfirmed,
            T after,
            @Nullable Throwable error) {
        Patch<T> confirmed() {
            return new Patch<>(key, jobId, change, true, after, error);
        }

        /** The same one on top of another value. */
        Patch<T> on(T before, Consumer<? super Throwable> newlyThrown) {
            try {
                return new Patch<>(key, jobId, change, isConfirmed, change.apply(before), null);
            } catch (Throwable thrown) {
                if (error == null) newlyThrown.accept(thrown);
                return new Patch<>(key, jobId, change, isConfirmed, before, thrown);
            }
        }

        boolean isAs(Patch<?> other) {
            return isConfirmed == other.isConfirmed && jobId.equals(other.jobId);
        }
    }

    private final T base;
    private final List<Patch<T>> patches; // the first one is pending: a confirmed one there is part of the base

    private Optimistic(T base, List<Patch<T>> patches) {
        this.base = base;
        this.patches = patches;
    }

    /** A value that is known to be so. */
    public static <T extends @Nullable Object> Optimistic<T> of(T base) {
        return new Optimistic<>(base, List.of());
    }

    /** What to show: the base with all patches that were not undone. */
    public T value() {
        return valueAfter(patches.size());
    }

    /** What is known: without the pending patches, and without the confirmed ones that came after a pending one. */
    public T base() {
        return base;
    }

    /** Whether a patch waits for its job. */
    public boolean isPending() {
        return !patches.isEmpty();
    }

    /** Whether a patch waits for that job. */
    public boolean isPending(String jobId) {
        Objects.requireNonNull(jobId, "jobId");
        return indexOf(ofJob(jobId)) >= 0;
    }

    /** The jobs that patches wait for, in the order in which those were applied. */
    public List<String> pending() {
        return patches.stream()
                .filter(patch -> !patch.isConfirmed)
                .map(Patch::jobId)
                .toList();
    }

    /**
     * This value with one more change on top, which waits for that job.
     *
     * @param patch makes the new value of the present one; what it throws is thrown here
     * @throws IllegalArgumentException if {@code jobId} is blank, or a patch waits for that job already
     */
    public Optimistic<T> apply(String jobId, UnaryOperator<T> patch) {
        Ids.checked(jobId, "the id of a patch's job");
        Objects.requireNonNull(patch, "patch");
        if (isPending(jobId)) {
            throw new IllegalArgumentException("a patch waits for job " + jobId
                    + " already. Confirm or undo that one first, or change both things in one patch");
        }
        return apply(jobId, jobId, patch);
    }

    /** As {@link #apply(String, UnaryOperator)}; the key tells it from others of the same job id. */
    Optimistic<T> apply(Object key, String jobId, UnaryOperator<T> patch) {
        var more = new ArrayList<>(patches);
        more.add(new Patch<>(key, jobId, patch, false, patch.apply(value()), null));
        return new Optimistic<>(base, List.copyOf(more));
    }

    /** The job has succeeded: its patch stays. This one if no patch waits for that job. */
    public Optimistic<T> confirm(String jobId) {
        Objects.requireNonNull(jobId, "jobId");
        return confirm(ofJob(jobId));
    }

    /** As {@link #confirm(String)}, for the patch with that key. */
    Optimistic<T> confirmKey(Object key) {
        return confirm(patch -> patch.key.equals(key));
    }

    private Optimistic<T> confirm(Predicate<Patch<T>> which) {
        int index = indexOf(which);
        if (index < 0) return this;
        var settled = new ArrayList<>(patches);
        settled.set(index, settled.get(index).confirmed());
        return settled(base, settled);
    }

    /** The job has not succeeded: its patch is as if it had never been. This one if no patch waits for that job. */
    public Optimistic<T> undo(String jobId) {
        Objects.requireNonNull(jobId, "jobId");
        return undo(ofJob(jobId), Optimistic::tellNobody);
    }

    /**
     * As {@link #undo(String)}, for the patch with that key.
     *
     * @param newlyThrown gets what those throw that are left out from now on
     */
    Optimistic<T> undoKey(Object key, Consumer<? super Throwable> newlyThrown) {
        return undo(patch -> patch.key.equals(key), newlyThrown);
    }

    private Optimistic<T> undo(Predicate<Patch<T>> which, Consumer<? super Throwable> newlyThrown) {
        int index = indexOf(which);
        if (index < 0) return this;
        var settled = new ArrayList<>(patches.subList(0, index));
        addOnTop(valueAfter(index), patches.subList(index + 1, patches.size()), settled, newlyThrown);
        return settled(base, settled);
    }

    /**
     * The same changes on top of a value that was fetched anew: the pending patches stay, the confirmed ones are dropped,
     * since the source knows of them.
     *
     * <p>A fetch that began before a job had succeeded may bring what was there before; fetch after the success.
     */
    public Optimistic<T> rebase(T fresh) {
        var kept = new ArrayList<Patch<T>>();
        var waiting = patches.stream().filter(patch -> !patch.isConfirmed).toList();
        addOnTop(fresh, waiting, kept, Optimistic::tellNobody);
        return new Optimistic<>(fresh, List.copyOf(kept));
    }

    private static <T extends @Nullable Object> void addOnTop(
            T value, List<Patch<T>> patches, List<Patch<T>> to, Consumer<? super Throwable> newlyThrown) {
        T before = value;
        for (Patch<T> patch : patches) {
            Patch<T> moved = patch.on(before, newlyThrown);
            to.add(moved);
            before = moved.after;
        }
    }

    /** The confirmed ones at the beginning become part of the base, so there are no more patches than jobs in flight need. */
    private static <T extends @Nullable Object> Optimistic<T> settled(T base, List<Patch<T>> patches) {
        int known = 0;
        while (known < patches.size() && patches.get(known).isConfirmed) known++;
        T next = known == 0 ? base : patches.get(known - 1).after;
        return new Optimistic<>(next, List.copyOf(patches.subList(known, patches.size())));
    }

    private static void tellNobody(Throwable thrown) {}

    private T valueAfter(int count) {
        return count == 0 ? base : patches.get(count - 1).after;
    }

    private Predicate<Patch<T>> ofJob(String jobId) {
        return patch -> patch.jobId.equals(jobId);
    }

    /** The first pending one; -1 if there is none. */
    private int indexOf(Predicate<Patch<T>> which) {
        for (int i = 0; i < patches.size(); i++) {
            Patch<T> patch = patches.get(i);
            if (!patch.isConfirmed && which.test(patch)) return i;
        }
        return -1;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Optimistic<?> that
                && Objects.equals(base, that.base)
                && Objects.equals(value(), that.value())
                && hasPatchesAs(that.patches);
    }

    /**
     * The confirmed ones behind a pending one count too: an update to an equal state is no change, and one that drops them
     * must not get lost.
     */
    private boolean hasPatchesAs(List<? extends Patch<?>> others) {
        if (patches.size() != others.size()) return false;
        for (int i = 0; i < others.size(); i++) if (!patches.get(i).isAs(others.get(i))) return false;
        return true;
    }

    @Override
    public int hashCode() {
        return Objects.hash(base, value(), patches.size());
    }

    /** How many patches wait, without contents, which may be what belongs in no log. */
    @Override
    public String toString() {
        return "Optimistic[" + pending().size() + " pending]";
    }
}
