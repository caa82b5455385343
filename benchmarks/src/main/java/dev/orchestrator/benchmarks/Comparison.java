package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Measures all suites; the report is written after each of them, so that a run which is ended leaves what it has. */
final class Comparison {
    private final Effort effort;
    private final Path file;
    private final Report report = new Report();
    private final Checks checks = new Checks();
    private final Progress progress = new Progress();

    Comparison(Effort effort, Path file) {
        this.effort = effort;
        this.file = file;
    }

    /** Gives whether ours is within its margins. */
    boolean measureAll() throws RunnerException, IOException {
        report.line("# Benchmarks, " + effort.name().toLowerCase(Locale.ROOT) + " run\n\n" + Machine.describe());
        report.line(
                "\nMedians of JMH's average times; in italics the limits, which do nothing but the work, in bold this"
                        + " project. Ratios are to the fastest limit and the fastest peer of the same table.");
        for (Suite suite : Suite.ALL) {
            progress.say(suite.title());
            List<Table> tables = Table.of(new Runner(options(suite), progress).run());
            report.add(suite, tables);
            checks.add(suite, tables);
            write();
        }
        progress.say(Suite.IN_FLIGHT.title());
        checks.add(Suite.IN_FLIGHT, InFlight.report(report, progress, effort));
        checks.report(report);
        report.line("\nThe whole took " + progress.elapsed().toSeconds() + " s.");
        write();
        progress.say("the report is in " + file);
        checks.failed().forEach(row -> progress.say("beyond its margin: " + row));
        return checks.failed().isEmpty();
    }

    private org.openjdk.jmh.runner.options.Options options(Suite suite) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(suite.include())
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .jvmArgsAppend("--sun-misc-unsafe-memory-access=allow", "-Xmx2g");
        effort.set(options);
        if (effort == Effort.QUICK) suite.restrict(options);
        return options.build();
    }

    private void write() throws IOException {
        Files.writeString(file, report.toString());
    }
}
