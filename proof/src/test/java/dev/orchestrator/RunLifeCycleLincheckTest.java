package dev.orchestrator;

import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** P1: whoever decides first decides, exactly one tells, and the two may be hours apart. */
class RunLifeCycleLincheckTest {
    @Test
    void the_first_decision_wins_and_one_caller_tells_it() {
        Checks.hold(Cell.class, Specification.class);
    }

    @Test
    void of_a_running_job_too() {
        Checks.hold(RunningCell.class, RunningSpecification.class);
    }

    @Test
    void a_life_cycle_that_looks_and_then_decides_is_found_out() {
        Checks.findOut(LookThenDecide.class, Specification.class);
    }

    private static String told(@Nullable JobResult<String> ending) {
        return switch (ending) {
            case null -> "nothing";
            case JobResult.Success<String>(String value) -> value;
            case JobResult.Cancelled<String>(String reason) -> reason;
            case JobResult.Failure<String> failure -> throw new AssertionError("nothing fails here");
            case JobResult.TimedOut<String> timedOut -> throw new AssertionError("nothing is timed out here");
        };
    }

    /** The cell of a run, as its worker, a stopper, its timers and an early executor use it. */
    public static class Cell {
        private final RunLifeCycle<String> cell = new RunLifeCycle<>();

        @Operation
        public boolean enter() {
            return cell.enter();
        }

        @Operation
        public boolean rest() {
            return cell.rest();
        }

        @Operation
        public String finish(int value) {
            return told(cell.endAfterCode(new JobResult.Success<>("value " + value)));
        }

        @Operation
        public boolean endRunning(int value) {
            return cell.endRunning(new JobResult.Success<>("early " + value));
        }

        @Operation
        public boolean endIdle(int value) {
            return cell.endIdle(new JobResult.Success<>("refused " + value));
        }

        @Operation
        public String stop(int reason) {
            return cell.decideStop(new JobResult.Cancelled<>("reason " + reason))
                    .name();
        }

        @Operation
        public String graceIsOver() {
            return told(cell.endAfterGrace());
        }

        @Operation
        public boolean isRunning() {
            return cell.isRunning();
        }

        @Operation
        public boolean isStopped() {
            return cell.isStopped();
        }

        @Operation
        public boolean isEnded() {
            return cell.isEnded();
        }
    }

    /** What it promises, for one thread. */
    public static class Specification {
        private enum Phase {
            NEW,
            RUNNING,
            RESTING,
            STOPPING,
            ENDED
        }

        private Phase phase = Phase.NEW;
        private String decided = "nothing";

        private boolean move(boolean possible, Phase to) {
            if (possible) phase = to;
            return possible;
        }

        private boolean isOpen() {
            return phase.compareTo(Phase.STOPPING) < 0;
        }

        private boolean decide(boolean possible, Phase to, String ending) {
            if (possible) decided = ending;
            return move(possible, to);
        }

        public boolean enter() {
            return move(phase == Phase.NEW || phase == Phase.RESTING, Phase.RUNNING);
        }

        public boolean rest() {
            return move(phase == Phase.RUNNING, Phase.RESTING);
        }

        public String finish(int value) {
            return decide(isOpen(), Phase.ENDED, "value " + value) ? decided : graceIsOver();
        }

        public boolean endRunning(int value) {
            return decide(phase == Phase.RUNNING, Phase.ENDED, "early " + value);
        }

        public boolean endIdle(int value) {
            return decide(phase == Phase.NEW || phase == Phase.RESTING, Phase.ENDED, "refused " + value);
        }

        public String stop(int reason) {
            boolean codeRuns = phase == Phase.RUNNING;
            if (!decide(isOpen(), codeRuns ? Phase.STOPPING : Phase.ENDED, "reason " + reason)) return "TOO_LATE";
            return codeRuns ? "STOPPING" : "ENDED";
        }

        public String graceIsOver() {
            return move(phase == Phase.STOPPING, Phase.ENDED) ? decided : "nothing";
        }

        public boolean isRunning() {
            return phase == Phase.RUNNING || phase == Phase.RESTING;
        }

        public boolean isStopped() {
            return decided.startsWith("reason");
        }

        public boolean isEnded() {
            return phase == Phase.ENDED;
        }
    }

    /** The cell of a job whose code is running, and what may decide and tell then. */
    public static class RunningCell {
        private final Cell running = new Cell();

        /** Makes it, running. */
        public RunningCell() {
            running.enter();
        }

        @Operation
        public String finish(int value) {
            return running.finish(value);
        }

        @Operation
        public boolean endRunning(int value) {
            return running.endRunning(value);
        }

        @Operation
        public String stop(int reason) {
            return running.stop(reason);
        }

        @Operation
        public String graceIsOver() {
            return running.graceIsOver();
        }
    }

    /** What it promises, for one thread. */
    public static class RunningSpecification extends Specification {
        /** Makes it, running. */
        public RunningSpecification() {
            enter();
        }
    }

    /** The twin: who finds it open decides, in a second step. */
    public static class LookThenDecide {
        private final AtomicReference<String> decided = new AtomicReference<>();

        @Operation
        public boolean endIdle(int value) {
            if (decided.get() != null) return false;
            decided.set("refused " + value);
            return true;
        }

        @Operation
        public String stop(int reason) {
            if (decided.get() != null) return "TOO_LATE";
            decided.set("reason " + reason);
            return "ENDED";
        }
    }
}
