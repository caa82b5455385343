package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/** Who takes part in a {@link SharedRun}: a dispatch with a key, or an attempt that waits for it. */
interface Taker<R extends @Nullable Object> {
    /** The job that is told what the work tells. */
    JobRun<R> jobRun();

    /** Whether progress and values before the ending are for this one; retries and the user's own events are. */
    boolean wantsReports();

    /** It takes part in that work from now on; called under the lock of the work. */
    void takePartIn(SharedRun<R> joined);

    /** The work has begun, or was joined after that; appends what there is to say, under the lock of the work. */
    boolean begin();

    /** Whether it was still there when the work began. */
    boolean hasBegun();

    /** An event was appended for it, under the lock of the work; it is told when that lock was released. */
    void noteAppended();

    /** Tells what was appended and nobody has told yet. */
    void tellAppended();

    /** The work has ended. The owner gets to know; nobody is called. */
    void endForOwner(JobResult<R> result);

    /**
     * The rest of the ending is told.
     *
     * @param mayStay whether this thread has nothing to do after it, and may be held up by those who are called
     */
    void endForOthers(boolean mayStay);

    /** No code of the work is running, and none will. */
    void workIsDown();
}
