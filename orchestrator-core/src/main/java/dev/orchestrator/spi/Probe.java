package dev.orchestrator.spi;

import dev.orchestrator.Job;
import dev.orchestrator.JobSnapshot;

/**
 * Sees what happens in the scope of one bus and is no event: what test tools, inspectors and metrics are made of.
 *
 * <p>Each method does nothing unless it is implemented. It is called on the thread on which the thing happens, with no
 * lock held, and delays whoever does it, so it should be short; it must not wait for anything of the same scope. What it
 * throws is logged and harms nobody (P5). A bus without a probe pays one look at a field.
 *
 * <p>Events are not told here: a subscriber of {@link dev.orchestrator.Event} sees them all.
 */
public interface Probe {
    /**
     * A job was accepted; called before its executor can begin, and so before its first event.
     *
     * <p>One whose token was cancelled before has ended by then.
     *
     * @param job what is known of it at that moment
     */
    default void accepted(JobSnapshot job) {}

    /**
     * A job was refused; whoever dispatched it gets the same error after this.
     *
     * @param job the job, of which nothing is kept
     * @param why the error
     */
    default void refused(Job<?> job, Throwable why) {}

    /**
     * An orchestrator is being made: its base is there, the constructor of its class has yet to run.
     *
     * @param orchestrator a view of it; whoever keeps it keeps the orchestrator
     */
    default void opened(OrchestratorControl orchestrator) {}

    /**
     * The state of an orchestrator was replaced by another one that is not equal to it.
     *
     * <p>Two threads that change one state at the same moment may come here in the other order; what each of them says of
     * its own change is exact.
     *
     * @param orchestrator the view that {@link #opened} was given
     * @param before the state that was replaced
     * @param after the state in its place
     */
    default void stateChanged(OrchestratorControl orchestrator, Object before, Object after) {}

    /**
     * An orchestrator was closed; called once.
     *
     * @param orchestrator the view that {@link #opened} was given
     */
    default void closed(OrchestratorControl orchestrator) {}
}
