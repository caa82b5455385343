package dev.orchestrator;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The runs of an orchestrator for whose ending something in it waits: a patch, a refetch.
 *
 * <p>A run is put in by the dispatching thread, before anything can be told of it and before its owner takes it, so however
 * fast it ends, the lane finds it here. The lane takes it out with the ending; a refusal takes it out too, and a closing
 * takes out all. Runs are known by identity: an id may be dispatched again while the ending of the run before waits in the
 * mailbox.
 */
final class FollowedRuns {
    /** What waits for the ending of one run. Called on the lane. */
    interface Follower {
        /** The run has ended, and no hook or handler knows of it yet. */
        void settle(TerminalEvent ending);

        /** All hooks and handlers for that ending have been called; or none will come, and it is not settled. */
        default void goOn() {}
    }

    /** One dispatch, until it is known which run it is. */
    private final class Dispatching implements Consumer<JobRun<?>> {
        private final Follower follower;
        private @Nullable JobRun<?> run;

        Dispatching(Follower follower) {
            this.follower = follower;
        }

        @Override
        public void accept(JobRun<?> accepted) {
            run = accepted;
            followers.put(accepted, follower);
        }

        void forget() {
            if (run != null) followers.remove(run);
        }
    }

    private final ConcurrentHashMap<JobRun<?>, Follower> followers = new ConcurrentHashMap<>();

    /** Dispatches a job of that owner, and calls the follower with its ending; not if it is refused. */
    <R extends @Nullable Object> JobHandle<R> dispatch(
            Dispatcher dispatcher, Inbox owner, Job<R> job, JobOptions options, Follower follower) {
        var dispatching = new Dispatching(follower);
        try {
            return dispatcher.dispatchFollowed(owner, job, options, dispatching);
        } catch (Throwable refused) {
            dispatching.forget();
            throw refused;
        }
    }

    /** Who waits for the ending of that run, which is about to be handled; null if nobody does. */
    @Nullable
    Follower take(JobRun<?> run) {
        return followers.remove(run);
    }

    /** The orchestrator is closed and handles no ending any more; one that is being dispatched is refused. */
    void clear() {
        followers.clear();
    }

    /** How many runs are kept. */
    int size() {
        return followers.size();
    }
}
