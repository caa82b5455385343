package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stops runs and all their descendants: first it decides and interrupts, one run after the other and not one inside the
 * other, however deep the tree is; then it tells those whose code was not running, since that calls users, who may not
 * return.
 *
 * <p>Used by one thread.
 */
final class StopWalk {
    private record Told(JobRun<?> run, Runnable telling) {}

    /** Whether this is the timer's thread or one that must not be held up: then a thread of ours tells. */
    private final boolean tellsElsewhere;

    private final ArrayDeque<JobRun<?>> parents = new ArrayDeque<>();
    private final List<Told> tellings = new ArrayList<>();

    StopWalk(boolean tellsElsewhere) {
        this.tellsElsewhere = tellsElsewhere;
    }

    /** Stops one run with that ending; true if this call decided. */
    static <R extends @Nullable Object> boolean stop(
            JobRun<R> run, JobResult<R> result, Duration grace, boolean tellsElsewhere) {
        var walk = new StopWalk(tellsElsewhere);
        boolean decided = run.stop(result, grace, walk);
        walk.end();
        return decided;
    }

    /** Cancels several, each with its own grace; gives how many endings this call decided. */
    static int cancelAll(Collection<? extends JobRun<?>> runs, String reason, boolean tellsElsewhere) {
        var walk = new StopWalk(tellsElsewhere);
        int decided = 0;
        for (JobRun<?> run : runs) if (walk.cancel(run, reason, run.options().grace())) decided++;
        walk.end();
        return decided;
    }

    /** Cancels several with one grace for all; it tells on threads of ours. */
    static void cancelAll(Collection<? extends JobRun<?>> runs, String reason, Duration grace) {
        var walk = new StopWalk(true);
        for (JobRun<?> run : runs) walk.cancel(run, reason, grace);
        walk.end();
    }

    private <R extends @Nullable Object> boolean cancel(JobRun<R> run, String reason, Duration grace) {
        return run.stop(new JobResult.Cancelled<>(reason), grace, this);
    }

    /** The code of that run was stopped: its children are next. */
    void goOnWithChildrenOf(JobRun<?> run) {
        parents.add(run);
    }

    /** The ending of that run was decided and is to be told. */
    void tellLater(JobRun<?> run, Runnable telling) {
        tellings.add(new Told(run, telling));
    }

    /** Decides for the children of those that were stopped, and theirs; tells nobody. */
    void decideChildren() {
        for (JobRun<?> parent; (parent = parents.poll()) != null; ) {
            for (JobRun<?> child : parent.runningChildren())
                cancel(child, parent.parentDidNotSucceed(), child.options().grace());
        }
    }

    /** Decides what is left, and tells. */
    void end() {
        decideChildren();
        for (Told each : tellings) {
            if (tellsElsewhere) each.run.bus().scope().threads().start(Role.TELLER, each.run.id(), each.telling);
            else each.telling.run();
        }
        tellings.clear();
    }
}
