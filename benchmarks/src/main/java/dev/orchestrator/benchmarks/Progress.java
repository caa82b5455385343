package dev.orchestrator.benchmarks;

import java.time.Duration;
import java.util.Collection;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Says what is done, a line for each benchmark with the time since the beginning, and what went wrong. */
final class Progress implements OutputFormat {
    private final long begin = System.nanoTime();

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    void say(String line) {
        System.out.printf("%3d:%02d %s%n", elapsed().toMinutes(), elapsed().toSecondsPart(), line);
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        if (result == null) return; // it failed, which was told
        var params = result.getParams();
        String values = params.getParamsKeys().stream()
                .map(key -> " " + params.getParam(key))
                .collect(Collectors.joining());
        say("    " + Table.methodOf(params) + values + ": "
                + Report.number(result.getPrimaryResult().getScore()) + " ns");
    }

    /** Errors come here, and JMH's own progress as comments. */
    @Override
    public void println(String line) {
        if (!line.isBlank() && !line.startsWith("#")) System.out.println(line);
    }

    @Override
    public void startRun() {}

    @Override
    public void endRun(Collection<RunResult> results) {}

    @Override
    public void startBenchmark(BenchmarkParams params) {}

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams iteration, int number) {}

    @Override
    public void iterationResult(
            BenchmarkParams benchmark, IterationParams iteration, int number, IterationResult result) {}

    @Override
    public void print(String text) {}

    @Override
    public void verbosePrintln(String line) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public void write(int value) {}

    @Override
    public void write(byte[] values) {}
}
