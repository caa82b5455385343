package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Programs that are lists of steps, made from seeds, for tests with a small model of their own.
 *
 * <p>One that breaks what the model says is made smaller before it is shown. {@code -Dproof=long} takes many more.
 */
final class RandomPrograms {
    private static final boolean IS_LONG = "long".equals(System.getProperty("proof"));
    private static final int TIMES = 40;
    private static final int SHRINKINGS = 500;

    /** Runs the steps in the world that the seed decides; gives what is broken, in words. */
    interface Runner<S> {
        List<String> brokenBy(List<S> steps, long seed) throws Exception;
    }

    private RandomPrograms() {}

    /** Runs so many programs, in the long form more. */
    static <S> void check(int programs, Function<RandomGenerator, List<S>> maker, Runner<S> runner) {
        int count = IS_LONG ? TIMES * programs : programs;
        for (long seed = 1; seed <= count; seed++) {
            List<S> steps = maker.apply(new SplittableRandom(seed));
            List<String> broken = run(steps, seed, runner);
            if (!broken.isEmpty()) throw failure(steps, seed, broken, runner);
        }
    }

    private static <S> List<String> run(List<S> steps, long seed, Runner<S> runner) {
        try {
            return runner.brokenBy(steps, seed);
        } catch (Throwable thrown) {
            return List.of("it threw " + thrown + " at " + List.of(thrown.getStackTrace()));
        }
    }

    private static <S> AssertionError failure(List<S> steps, long seed, List<String> broken, Runner<S> runner) {
        List<S> small = shrunk(steps, fewer -> !run(fewer, seed, runner).isEmpty());
        return new AssertionError("the program of seed " + seed + " breaks:\n  " + String.join("\n  ", broken)
                + "\nmade smaller:\n  " + String.join("\n  ", run(small, seed, runner)) + "\nwith the steps\n  "
                + String.join("\n  ", small.stream().map(String::valueOf).toList()));
    }

    private static <S> List<S> shrunk(List<S> steps, Predicate<List<S>> fails) {
        List<S> best = steps;
        int left = SHRINKINGS;
        for (int length = best.size() / 2; length > 0; length /= 2) {
            for (int from = 0; from + length <= best.size() && left > 0; left--) {
                var fewer = new ArrayList<>(best);
                fewer.subList(from, from + length).clear();
                if (fails.test(fewer)) best = fewer;
                else from += length;
            }
        }
        return best;
    }
}
