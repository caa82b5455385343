package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the benchmarks, ours and the peers', and writes a report. Arguments: quick, full or growth, and the file. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws RunnerException, IOException {
        String form = arguments.length > 0 ? arguments[0] : "";
        if (arguments.length != 2 || !Set.of("quick", "full", "growth").contains(form)) {
            System.err.println("benchmarks: say quick, full or growth, and the file for the report");
            System.exit(2);
        }
        if (form.equals("growth")) {
            Growth.measureAll(Path.of(arguments[1]));
            return;
        }
        boolean isQuick = form.equals("quick");
        var report = new Report();
        report.line("# Benchmarks, " + form + " run\n\n" + Machine.describe());
        report.line(
                "\nMedians of JMH's average times; in italics the limits, which do nothing but the work, in bold this"
                        + " project. Ratios are to the fastest limit and the fastest peer of the same table.");
        long begin = System.nanoTime();
        for (Suite suite : Suite.ALL) {
            System.out.println(suite.title());
            report.add(suite, new Runner(options(suite, isQuick)).run());
        }
        InFlight.report(report, isQuick);
        report.line("\nThe whole took " + (System.nanoTime() - begin) / 1_000_000_000 + " s.");
        Files.writeString(Path.of(arguments[1]), report.toString());
        System.out.println("the report is in " + arguments[1]);
    }

    private static org.openjdk.jmh.runner.options.Options options(Suite suite, boolean isQuick) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(suite.include())
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .jvmArgsAppend("--sun-misc-unsafe-memory-access=allow", "-Xmx2g");
        if (isQuick) {
            suite.restrict(options);
            options.forks(1)
                    .warmupIterations(2)
                    .warmupTime(TimeValue.milliseconds(250))
                    .measurementIterations(3)
                    .measurementTime(TimeValue.milliseconds(250));
        } else {
            options.forks(3)
                    .warmupIterations(5)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.seconds(1));
        }
        return options.build();
    }
}
