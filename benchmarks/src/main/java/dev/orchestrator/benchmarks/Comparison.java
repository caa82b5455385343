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

/**
 * Measures all suites with the JDK that runs this, and those of events and jobs with the oldest one that runs the library.
 *
 * <p>The report is written after each of them, so that a run which is ended leaves what it has.
 */
final class Comparison {
    private static final int OLDEST = 21;

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
        report.line("\n"
                + "Medians of JMH's average times; in italics the limits, which do nothing but the work, in bold"
                + " this project. Ratios are to the fastest limit and the fastest peer of the same table."
                + " \"Cores\" is how long a line of the caches took from one core to another and back meanwhile:"
                + " where it is several times as long as elsewhere, the machine's cores were moved apart, and what"
                + " threads hand to each other is dearer.");
        for (Suite suite : Suite.ALL) checks.add(suite, measure(suite, options(suite, effort == Effort.QUICK)));
        progress.say(Suite.IN_FLIGHT.title());
        checks.add(Suite.IN_FLIGHT, InFlight.report(report, progress, effort));
        write();
        if (effort == Effort.FULL && Runtime.version().feature() != OLDEST) measureWithOldest();
        checks.report(report);
        report.line("\nThe whole took " + progress.elapsed().toSeconds() + " s.");
        write();
        progress.say("the report is in " + file);
        checks.failed().forEach(row -> progress.say("beyond its margin: " + row));
        return checks.failed().isEmpty();
    }

    /** Says so where there is none, or where it cannot run something; what was measured before stays. */
    private void measureWithOldest() throws IOException {
        var oldest = Jdk.ofRelease(OLDEST);
        if (oldest.isEmpty()) {
            report.line("\n## JDK " + OLDEST + "\n\nNot installed, so nothing was measured with it.");
            return;
        }
        try {
            for (Suite suite : List.of(Suite.EMIT, Suite.ROUND_TRIP)) {
                var options = options(suite, true).jvm(oldest.get().java().toString());
                measure(suite.on(oldest.get()), options);
            }
        } catch (RunnerException failed) {
            report.line("\n## JDK " + oldest.get().version() + "\n\nNot measured to the end: " + failed.getMessage()
                    + "; the output of the run tells more.");
        }
    }

    private List<Table> measure(Suite suite, ChainedOptionsBuilder options) throws RunnerException, IOException {
        progress.say(suite.title());
        List<Table> tables = Table.of(new Runner(options.build(), progress).run());
        report.add(suite, tables);
        write();
        return tables;
    }

    private ChainedOptionsBuilder options(Suite suite, boolean isRestricted) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(suite.include())
                .addProfiler(GCProfiler.class)
                .addProfiler(CoreDistance.class)
                .shouldFailOnError(true)
                // For libraries that reach memory in the old way; a JDK of 21 neither warns nor knows the option.
                .jvmArgs(
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xms2g",
                        "-Xmx2g");
        effort.set(options, suite.warmsUpSlowly());
        if (isRestricted) suite.restrict(options);
        return options;
    }

    private void write() throws IOException {
        Files.writeString(file, report.toString());
    }
}
