package dev.orchestrator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/**
 * P1 to P11, P14, P15: random programs over several orchestrators and two buses, on threads that take turns and on real ones,
 * checked against what the promises say.
 *
 * <p>{@code -Dproof=long} takes more than a million steps. A program that fails is made smaller and printed as code.
 */
class ModelTest {
    /** Handlers that throw on purpose would fill the log; held here, since loggers are held weakly. */
    private static final Logger LOG = Logger.getLogger("dev.orchestrator");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static final Duration SHRINKING = Duration.ofMinutes(2);
    private static final boolean IS_LONG = "long".equals(System.getProperty("proof"));

    // ---- running programs ----

    /** Runs the steps one after the other; gives what is broken. */
    static List<String> run(Program program, Driver driver) {
        try (driver) {
            var execution = new Execution(driver);
            program.steps().forEach(execution::take);
            execution.end();
            return Promises.brokenBy(execution);
        } catch (Throwable thrown) {
            return List.of("it threw " + thrown + " at " + List.of(thrown.getStackTrace()));
        }
    }

    /** Runs the steps on three threads at once. */
    static List<String> runOnThreads(Program program) {
        try {
            var execution = new Execution(Driver.realThreads());
            var threads = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 3; i++) {
                int mine = i;
                threads.add(CompletableFuture.runAsync(
                        () -> {
                            for (int at = mine; at < program.steps().size(); at += 3)
                                execution.take(program.steps().get(at));
                        },
                        task -> Thread.ofPlatform().start(task)));
            }
            for (var thread : threads) thread.join();
            execution.end();
            return Promises.brokenBy(execution);
        } catch (Throwable thrown) {
            return List.of("it threw " + thrown + " at " + List.of(thrown.getStackTrace()));
        }
    }

    private static void check(int programs, String where, BiFunction<Long, Program, List<String>> runner) {
        long steps = 0;
        for (long seed = 1; seed <= programs; seed++) {
            Program program = Program.random(seed);
            steps += program.steps().size();
            List<String> broken = runner.apply(seed, program);
            if (broken.isEmpty()) continue;
            long failing = seed;
            throw failure(seed, program, broken, where, candidate -> runner.apply(failing, candidate));
        }
        System.out.println(programs + " random programs of " + steps + " steps kept the promises " + where);
    }

    private static AssertionError failure(
            long seed, Program program, List<String> broken, String where, Function<Program, List<String>> runner) {
        long end = System.nanoTime() + SHRINKING.toNanos(); // a program that hangs takes half a minute each time
        Program small = program.shrunk(
                candidate -> System.nanoTime() < end && !runner.apply(candidate).isEmpty(), 2_000);
        List<String> still = runner.apply(small);
        return new AssertionError("the program of seed " + seed + " " + where + " breaks:\n  "
                + String.join("\n  ", still.isEmpty() ? broken : still) + "\nAs a test:\n    " + small.code());
    }

    // ---- the tests ----

    @Test
    void in_order_of_arrival() {
        check(IS_LONG ? 15_000 : 400, "in order of arrival", (seed, program) -> run(program, Driver.turns(0)));
    }

    @Test
    void in_random_orders() {
        check(IS_LONG ? 25_000 : 800, "in a random order", (seed, program) -> run(program, Driver.turns(seed)));
    }

    @Test
    void on_real_threads() {
        check(IS_LONG ? 20_000 : 600, "on real threads", (seed, program) -> runOnThreads(program));
    }

    // ---- the tools ----

    @Test
    void a_failing_program_is_made_smaller() {
        Program program = Program.random(7);
        Program small = program.shrunk(
                candidate -> candidate.steps().stream()
                                .filter(Step.Dispatch.class::isInstance)
                                .count()
                        >= 2,
                2_000);
        assertThat(small.steps())
                .hasSize(2)
                .allMatch(step -> step instanceof Step.Dispatch(int owner, JobSpec spec) && spec.equals(JobSpec.PLAIN));
    }

    @Test
    void a_program_is_printed_as_the_code_that_makes_it() {
        var program = Program.of(new Step.Open(0, false), new Step.Dispatch(1, JobSpec.PLAIN), new Step.Run());
        assertThat(program.code())
                .isEqualToNormalizingWhitespace("Program.of( new Step.Open(0, false), new Step.Dispatch(1, new JobSpec("
                        + "Ends.RETURNS, 0, 1, false, false, 0, 0, SameKey.NONE, 0, 0, 0)), new Step.Run())");
    }
}
