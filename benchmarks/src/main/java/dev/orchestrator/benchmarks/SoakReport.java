package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Writes what a soak saw: a verdict, a table of at most twenty rows, and curves. */
final class SoakReport {
    private static final int MOST_ROWS = 20;

    private SoakReport() {}

    static String of(Duration length, List<Soak.Sample> samples) throws IOException {
        var report = new Report();
        report.line("# Soak, " + length.toMinutes() + " minutes\n\n" + Machine.describe() + "\n\n" + SoakLoad.ABOUT);
        verdict(report, SoakVerdict.of(samples), samples.getLast().at().dividedBy(samples.size()));
        report.line("\n| minute | jobs so far | ns for each job | cores, ns | live heap, KiB | platform threads |"
                + " timers pending | subscribers |\n| --- | --- | --- | --- | --- | --- | --- | --- |");
        int step = (samples.size() + MOST_ROWS - 1) / MOST_ROWS;
        for (int i = (samples.size() - 1) % step; i < samples.size(); i += step) report.line(row(samples.get(i)));
        return report.toString();
    }

    private static void verdict(Report report, SoakVerdict verdict, Duration part) {
        Duration warmUp = part.multipliedBy(verdict.from());
        Duration compared = part.multipliedBy(verdict.size());
        report.line(String.format(
                Locale.ROOT,
                "%n| medians | first %2$s after %1$s | last %2$s | | may be | holds |%n| --- | --- | --- | --- | --- |"
                        + " --- |",
                words(warmUp),
                words(compared)));
        report.line(String.format(
                Locale.ROOT,
                "| ns for each job | %,.0f | %,.0f | %.2f times | %.2f times | %s |",
                verdict.firstNanos(),
                verdict.lastNanos(),
                verdict.slower(),
                SoakVerdict.MOST_SLOWER,
                words(verdict.isAsFast())));
        report.line(String.format(
                Locale.ROOT,
                "| live heap, KiB | %,.0f | %,.0f | %+,.0f | %+,d | %s |",
                verdict.firstBytes() / 1024,
                verdict.lastBytes() / 1024,
                verdict.grown() / 1024,
                SoakVerdict.MOST_GROWTH / 1024,
                words(verdict.isFlat())));
    }

    private static String words(Duration time) {
        return time.toSeconds() < 120
                ? time.toSeconds() + " s"
                : time.plusSeconds(30).toMinutes() + " minutes";
    }

    private static String words(boolean holds) {
        return holds ? "yes" : "**no**";
    }

    static String row(Soak.Sample sample) {
        return String.format(
                Locale.ROOT,
                "| %.1f | %,d | %,.0f | %.0f | %,d | %d | %d | %d |",
                minutes(sample),
                sample.jobs(),
                sample.nanosPerJob(),
                sample.coreDistance(),
                sample.liveBytes() / 1024,
                sample.threads(),
                sample.timers(),
                sample.subscribers());
    }

    static Chart chart(List<Soak.Sample> samples) {
        var chart = new Chart("minutes", "ns, KiB");
        chart.add("ns for each job", points(samples, Soak.Sample::nanosPerJob));
        chart.add("live heap, KiB", points(samples, sample -> sample.liveBytes() / 1024.0));
        return chart;
    }

    private static List<Chart.Point> points(List<Soak.Sample> samples, ToDoubleFunction<Soak.Sample> value) {
        return samples.stream()
                .map(sample -> new Chart.Point(minutes(sample), value.applyAsDouble(sample)))
                .toList();
    }

    private static double minutes(Soak.Sample sample) {
        return sample.at().toMillis() / 60_000.0;
    }
}
