package dev.orchestrator;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/** A lane whose turns run when the test says so, on the test's thread. */
final class ManualLane implements Executor {
    private final ConcurrentLinkedQueue<Runnable> turns = new ConcurrentLinkedQueue<>();

    @Override
    public void execute(Runnable turn) {
        turns.add(turn);
    }

    int waiting() {
        return turns.size();
    }

    /** Runs everything that waits, and what that brings. */
    void runAll() {
        for (Runnable turn; (turn = turns.poll()) != null; ) turn.run();
    }
}
