package dev.orchestrator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.model.JobSpec.Ends;
import dev.orchestrator.model.JobSpec.SameKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * P1, P7, P9, P11: random programs that found something, made smaller; each is run in order of arrival, in random orders and on
 * real threads.
 *
 * <p>The first two found defects of the core. The others found rules that the model had not understood.
 */
class KeptProgramsTest {
    private static void check(Program program) {
        for (long seed = 0; seed < 20; seed++)
            assertThat(ModelTest.run(program, Driver.turns(seed)))
                    .as("with seed %d", seed)
                    .isEmpty();
        for (int i = 0; i < 20; i++)
            assertThat(ModelTest.runOnThreads(program)).as("on real threads").isEmpty();
    }

    private static JobSpec plain(Ends ends, SameKey sameKey, int limit, int token) {
        return new JobSpec(ends, 0, 1, false, false, 0, 0, sameKey, 0, limit, token);
    }

    private static JobSpec timed(Ends ends, int timeoutMillis, SameKey sameKey, int limit) {
        return new JobSpec(ends, 0, 1, false, false, timeoutMillis, 0, sameKey, 0, limit, 0);
    }

    /** The worker came between the two halves of a cancellation: told as never started, it ran. */
    @Test
    void code_does_not_run_for_one_that_is_told_as_never_started() {
        var steps = new ArrayList<Step>(List.of(new Step.Open(0, false)));
        for (int i = 0; i < 15; i++) {
            steps.add(new Step.DispatchLatest(1, plain(Ends.RETURNS, SameKey.NONE, 0, 0), i));
            steps.add(new Step.CancelAll(1));
        }
        var program = new Program(steps);
        for (int i = 0; i < 10; i++) check(program);
    }

    /** It passed the question whether the bus is closed, and found nobody left to tell. */
    @Test
    void an_event_that_meets_the_closing_of_its_bus_is_delivered_or_refused() {
        var steps = new ArrayList<Step>();
        for (int i = 0; i < 8; i++) steps.add(new Step.Emit(1));
        steps.add(new Step.CloseBus());
        for (int i = 0; i < 8; i++) steps.add(new Step.Emit(1));
        var program = new Program(steps);
        for (int i = 0; i < 20; i++) check(program);
    }

    @Test
    void whoever_joined_deaf_code_waits_for_its_grace() {
        check(Program.of(
                new Step.Dispatch(0, timed(Ends.DEAF, 37, SameKey.REPLACE, 0)),
                new Step.Dispatch(0, plain(Ends.RETURNS, SameKey.JOIN, 0, 3)),
                new Step.Advance(37),
                new Step.CancelToken(3)));
    }

    @Test
    void deaf_code_holds_its_limit_until_it_has_left() {
        check(Program.of(
                new Step.Dispatch(0, timed(Ends.DEAF, 2, SameKey.NONE, 1)),
                new Step.Advance(35),
                new Step.Dispatch(0, plain(Ends.RETURNS, SameKey.NONE, 1, 0))));
        check(Program.of(
                new Step.Dispatch(0, plain(Ends.DEAF, SameKey.NONE, 3, 0)),
                new Step.Dispatch(0, plain(Ends.RETURNS, SameKey.NONE, 3, 0))));
    }

    @Test
    void one_whose_token_was_cancelled_before_is_in_nobodys_way() {
        check(Program.of(
                new Step.CancelToken(2),
                new Step.Dispatch(0, plain(Ends.RETURNS, SameKey.THROTTLE, 0, 2)),
                new Step.Dispatch(0, plain(Ends.RETURNS, SameKey.THROTTLE, 0, 0))));
        check(Program.of(
                new Step.Open(0, false),
                new Step.CancelToken(1),
                new Step.DispatchLatest(1, plain(Ends.HANGS, SameKey.NONE, 0, 0), 1),
                new Step.DispatchLatest(1, plain(Ends.RETURNS, SameKey.NONE, 0, 1), 1),
                new Step.DispatchIfIdle(1, plain(Ends.HANGS, SameKey.NONE, 0, 1), 1)));
    }

    @Test
    void the_limit_of_a_cancelled_one_is_held_by_those_who_joined_it() {
        check(Program.of(
                new Step.Dispatch(0, new JobSpec(Ends.THROWS, 0, 3, false, false, 0, 0, SameKey.JOIN, 1, 1, 0)),
                new Step.Dispatch(0, new JobSpec(Ends.RETURNS, 0, 1, false, false, 0, 0, SameKey.JOIN, 1, 0, 0)),
                new Step.Cancel(0),
                new Step.Dispatch(0, plain(Ends.RETURNS, SameKey.NONE, 1, 0))));
    }
}
