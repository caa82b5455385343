package dev.orchestrator.benchmarks;

import java.time.Duration;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How long a comparison takes.
 *
 * <p>A process costs about a second beside its iterations.
 */
enum Effort {
    /** Below five minutes: few parameters, the order of the peers is right. */
    QUICK(1, 3, 7, 3, Duration.ofMillis(150)),
    /** About an hour: all parameters, three processes for each. */
    FULL(3, 3, 10, 5, Duration.ofMillis(500));

    private final int forks;
    private final int warmUps;
    private final int slowWarmUps; // of what takes seconds until it is compiled for good
    private final int iterations;
    private final Duration iteration;

    Effort(int forks, int warmUps, int slowWarmUps, int iterations, Duration iteration) {
        this.forks = forks;
        this.warmUps = warmUps;
        this.slowWarmUps = slowWarmUps;
        this.iterations = iterations;
        this.iteration = iteration;
    }

    void set(ChainedOptionsBuilder options, boolean warmsUpSlowly) {
        var time = TimeValue.milliseconds(iteration.toMillis());
        options.forks(forks)
                .warmupIterations(warmsUpSlowly ? slowWarmUps : warmUps)
                .warmupTime(time)
                .measurementIterations(iterations)
                .measurementTime(time);
    }
}
