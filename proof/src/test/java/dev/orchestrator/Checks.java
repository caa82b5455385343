package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * How Lincheck is asked: could each result of operations that run at the same time have come of a specification that
 * knows no threads, in some order?
 *
 * <p>Model checking walks through the ways in which two threads take turns, in few scenarios in the normal run. With
 * {@code -Dproof=long} it walks through many more, and stress runs them for real; the class is then transformed anew, which
 * costs more than the few runs that a normal one could afford.
 */
final class Checks {
    private static final boolean LONG = "long".equals(System.getProperty("proof"));
    private static final int TIMES = 10;

    private Checks() {}

    /** A part alone. */
    static void hold(Class<?> operations, Class<?> specification) {
        hold(operations, specification, 20, 30);
    }

    /** A part with a lock: there is little to find between two of its steps that is not found soon. */
    static void holdForLockedOperations(Class<?> operations, Class<?> specification) {
        hold(operations, specification, 12, 20);
    }

    /** A part that is asked with whole runs, or that works much under its lock: each way takes long. */
    static void holdForLongOperations(Class<?> operations, Class<?> specification) {
        hold(operations, specification, 4, 20);
    }

    private static void hold(Class<?> operations, Class<?> specification, int scenarios, int ways) {
        int times = LONG ? TIMES : 1;
        sized(new ModelCheckingOptions(), times * scenarios, times * ways)
                .sequentialSpecification(specification)
                .check(operations);
        if (!LONG) return;
        sized(new StressOptions(), times * scenarios, times * ways)
                .sequentialSpecification(specification)
                .check(operations);
    }

    /** The same check finds the broken twin out, so that it would find a broken original. */
    static void findOut(Class<?> twin, Class<?> specification) {
        var options = sized(new ModelCheckingOptions(), 200, 500).sequentialSpecification(specification);
        options.minimizeFailedScenario(false);
        assertThatThrownBy(() -> options.check(twin)).isInstanceOf(LincheckAssertionError.class);
    }

    private static <O extends Options<O, ?>> O sized(O options, int scenarios, int ways) {
        options.threads(2);
        options.actorsPerThread(3);
        options.actorsBefore(0);
        options.actorsAfter(0);
        options.iterations(scenarios);
        options.invocationsPerIteration(ways);
        return options;
    }
}
