package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Parts of a saga that are done side by side until enough of them have come to their ends, or too few can.
 *
 * <p>Each runs in a scope of its own, so that it can be stopped and undone for itself. Only when all are over are their steps
 * added to those of the saga, or undone.
 *
 * @param <O> what each gives
 */
final class SagaBranches<O extends @Nullable Object> {
    /** One of the parts. */
    interface Branch<O extends @Nullable Object> {
        O run(SagaScope scope) throws Exception;
    }

    private record Done<O extends @Nullable Object>(int place, SagaScope scope, O value) {}

    private final SagaScope parent;
    private final List<Branch<O>> branches;
    private final int needed;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock; read without it when all workers are over.
    private final List<SagaScope> scopes = new ArrayList<>();
    private final List<Done<O>> done = new ArrayList<>(); // in the order of their ends
    private final List<Throwable> failures = new ArrayList<>();
    private int begun;
    private boolean decided;

    SagaBranches(SagaScope parent, List<Branch<O>> branches, int needed) {
        this.parent = parent;
        this.branches = branches;
        this.needed = needed;
    }

    /** Runs at most so many at a time; gives what they gave, in their order, or in that of their ends if not all count. */
    List<O> run(int limit) throws Exception {
        var workers = new CompletableFuture<?>[Math.min(limit, branches.size())];
        for (int i = 0; i < workers.length; i++) {
            var over = new CompletableFuture<@Nullable Void>();
            workers[i] = over;
            parent.threads().start(Role.WORKER, "saga " + parent.steps().saga(), () -> {
                try {
                    work();
                } finally {
                    over.complete(null);
                }
            });
        }
        parent.await(CompletableFuture.allOf(workers));
        if (done.size() < needed) throw giveUp();
        return take(done.subList(0, needed));
    }

    // ---- on the workers ----

    private void work() {
        for (int place; (place = next()) >= 0; ) {
            SagaScope scope = parent.branch();
            try {
                noteBegun(scope);
                noteDone(new Done<>(place, scope, branches.get(place).run(scope)));
            } catch (Throwable error) {
                noteFailed(error);
            } finally {
                parent.leave(scope);
            }
        }
    }

    /** The place of the next one; -1 if no further one is to begin. */
    private int next() {
        lock.lock();
        try {
            return decided || begun == branches.size() ? -1 : begun++;
        } finally {
            lock.unlock();
        }
    }

    private void noteBegun(SagaScope scope) {
        boolean isTooLate;
        lock.lock();
        try {
            scopes.add(scope);
            isTooLate = decided;
        } finally {
            lock.unlock();
        }
        if (isTooLate) stop(List.of(scope));
    }

    private void noteDone(Done<O> value) {
        List<SagaScope> others;
        lock.lock();
        try {
            done.add(value);
            others = done.size() == needed && needed < branches.size() ? decide() : List.of();
        } finally {
            lock.unlock();
        }
        stop(others);
    }

    private void noteFailed(Throwable error) {
        List<SagaScope> others;
        lock.lock();
        try {
            failures.add(error);
            others = branches.size() - failures.size() < needed && !decided ? decide() : List.of();
        } finally {
            lock.unlock();
        }
        stop(others);
    }

    /** Under the lock; gives those that are to be stopped, some of which may be over. */
    private List<SagaScope> decide() {
        decided = true;
        return List.copyOf(scopes);
    }

    private static void stop(List<SagaScope> some) {
        for (SagaScope scope : some) scope.stop("another part of its saga has decided");
    }

    // ---- when all are over ----

    /** Leaves everything to be undone with the saga. */
    private Exception giveUp() {
        for (SagaScope scope : scopes) parent.steps().absorb(scope.steps());
        Throwable first = failures.stream()
                .filter(error -> !(error instanceof JobCancelledException))
                .findFirst()
                .orElse(failures.getFirst());
        for (Throwable other : failures) {
            if (!other.equals(first) && !(other instanceof JobCancelledException)) first.addSuppressed(other);
        }
        return Thrown.asIs(first);
    }

    private List<O> take(List<Done<O>> those) {
        var taken = new ArrayList<>(those);
        for (Done<O> each : taken) parent.steps().absorb(each.scope().steps());
        boolean isAllUndone = true;
        for (SagaScope scope : scopes) {
            if (taken.stream().anyMatch(each -> each.scope().equals(scope))) continue;
            SagaSteps.Undone undone = scope.steps().undoAll();
            parent.steps().noteUndone(undone);
            isAllUndone &= undone.left().isEmpty();
        }
        if (!isAllUndone)
            throw new IllegalStateException("what a part had done that is not needed could not be undone");
        if (needed == branches.size()) taken.sort(Comparator.comparingInt(Done::place));
        var values = new ArrayList<O>(taken.size());
        for (Done<O> each : taken) values.add(each.value());
        return values;
    }
}
