package dev.orchestrator.spi;

import dev.orchestrator.BaseOrchestrator;

/**
 * An orchestrator from behind: for tools that look at any of them and know the class of none.
 *
 * <p>No method here counts as a call from outside, so none lets an orchestrator begin to handle (P15). All may be called
 * from any thread.
 */
public interface OrchestratorControl {
    /** The orchestrator. */
    BaseOrchestrator<?> orchestrator();

    /** What the orchestrator is called; the name of its class if asking it fails. */
    String name();

    /** The latest state. */
    Object state();

    /**
     * Puts a state in place of the present one, as a handler of the orchestrator would, and offers it to the subscribers.
     *
     * <p>Nothing checks that it is a state of that orchestrator: one of another class breaks whoever reads it. Does nothing
     * if the orchestrator is closed.
     *
     * @param state the new state
     */
    void replaceState(Object state);
}
