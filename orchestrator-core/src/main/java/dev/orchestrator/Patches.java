package dev.orchestrator;

import java.util.ArrayList;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Shows changes of an orchestrator's state at once, while the jobs that make them true are under way.
 *
 * <p>Given by {@link BaseOrchestrator#patches}. The job's success confirms the patch; its failure, its time limit and its
 * cancellation undo it. Both happen on the lane before the hooks and handlers for that ending, which see the settled
 * state. Patches may overlap: whichever job ends first, what remains is what the confirmed ones make of the base in the
 * order in which they were applied, see {@link Optimistic}.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="patches"}
 *
 * <p>After the orchestrator's {@linkplain BaseOrchestrator#close closing} nothing is settled any more: the last state stays
 * as it was. {@link BaseOrchestrator#undo undo} and {@link BaseOrchestrator#redo redo} leave a patched field as it is,
 * since they undo no job; to take back a patch that is pending, cancel its job.
 *
 * @param <T> the type of the patched value
 */
public final class Patches<T extends @Nullable Object> {
    private final BaseOrchestrator<?> orchestrator;
    private final PatchedField<?, T> field;

    Patches(BaseOrchestrator<?> orchestrator, PatchedField<?, T> field) {
        this.orchestrator = orchestrator;
        this.field = field;
    }

    /**
     * Applies a patch now, and dispatches the job that decides whether it stays.
     *
     * <p>If the dispatch is refused, the patch is taken back and the refusal thrown, as
     * {@link BaseOrchestrator#dispatch(Job)} throws it. What the patch throws now is thrown too; then nothing has changed,
     * and nothing is dispatched.
     *
     * @param patch makes the new value of the present one; may be called more than once and must only compute
     * @return the way to the job's ending; it may be dropped
     */
    public <R extends @Nullable Object> JobHandle<R> apply(UnaryOperator<T> patch, Job<R> job) {
        return apply(patch, job, JobOptions.NONE);
    }

    /**
     * Applies a patch now, and dispatches the job with options; otherwise as {@link #apply(UnaryOperator, Job)}.
     *
     * @param patch makes the new value of the present one; may be called more than once and must only compute
     * @param options as for {@link BaseOrchestrator#dispatch(Job, JobOptions)}
     * @return the way to the job's ending; it may be dropped
     */
    public <R extends @Nullable Object> JobHandle<R> apply(UnaryOperator<T> patch, Job<R> job, JobOptions options) {
        Objects.requireNonNull(patch, "patch");
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(options, "options");
        // The job may end before dispatch returns. Its ending finds the patch, which is applied before, under an id
        // that is therefore made here; and it finds the follower, which is there before the run can tell anything.
        String known = job instanceof BaseJob<?> own ? own.id() : options.id();
        String id = known != null ? known : orchestrator.bus().scope().ids().next(Ids.nameOf(job.getClass()));
        JobOptions named =
                known != null ? options : JobOptions.builder().id(id).build().over(options);
        var applied = new Applied();
        field.change(before -> before.apply(applied, id, patch));
        try {
            return orchestrator.dispatchFollowed(job, named, applied);
        } catch (Throwable refused) {
            takeBack(applied, refused);
            throw refused;
        }
    }

    private void takeBack(Applied applied, Throwable refused) {
        try {
            applied.undo(null);
        } catch (Throwable ofTheUser) {
            refused.addSuppressed(ofTheUser);
        }
    }

    /** One patch; its own key, since an id may come again before the ending of the job that had it is handled. */
    private final class Applied implements FollowedRuns.Follower {
        @Override
        public void settle(TerminalEvent ending) {
            if (ending instanceof JobSuccessEvent) field.change(before -> before.confirmKey(this));
            else undo(ending);
        }

        void undo(@Nullable TerminalEvent ending) {
            var thrown = new ArrayList<Throwable>();
            field.change(before -> {
                thrown.clear(); // this is called again if another change came first
                return before.undoKey(this, thrown::add);
            });
            var wall = orchestrator.bus().scope().wall();
            String what = "a patch that was applied again, and is left out now, of orchestrator "
                    + orchestrator.inbox().name();
            for (Throwable each : thrown) wall.report(each, what, ending);
        }
    }
}
