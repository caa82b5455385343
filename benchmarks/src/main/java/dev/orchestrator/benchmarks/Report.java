package dev.orchestrator.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/** Writes results as Markdown: a table for each suite and each choice of its parameters. */
final class Report {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** One row of a table; times in nanoseconds. */
    private record Row(String who, double median, double least, double most, double bytes) {
        static Row of(String who, RunResult result) {
            Statistics times = result.getPrimaryResult().getStatistics();
            var allocated = result.getSecondaryResults().get(ALLOCATED);
            return new Row(
                    who,
                    times.getPercentile(50),
                    times.getMin(),
                    times.getMax(),
                    allocated == null ? Double.NaN : allocated.getScore());
        }
    }

    private final StringBuilder text = new StringBuilder();

    @Override
    public String toString() {
        return text.toString();
    }

    void line(String line) {
        text.append(line).append('\n');
    }

    void add(Suite suite, Collection<RunResult> results) {
        line("\n## " + suite.title() + "\n\n" + suite.about());
        Map<String, List<Row>> tables = new LinkedHashMap<>();
        for (RunResult result : results) {
            var params = result.getParams();
            String method =
                    params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
            boolean hasPeers = params.getParamsKeys().contains("peer");
            String others = params.getParamsKeys().stream()
                    .filter(key -> !key.equals("peer"))
                    .map(key -> key + " = " + params.getParam(key))
                    .collect(Collectors.joining(", "));
            String caption = hasPeers ? method + (others.isEmpty() ? "" : ", " + others) : others;
            tables.computeIfAbsent(caption, fresh -> new ArrayList<>())
                    .add(Row.of(hasPeers ? params.getParam("peer") : method, result));
        }
        tables.forEach((caption, rows) -> table(suite, caption, rows));
    }

    private void table(Suite suite, String caption, List<Row> rows) {
        double limit = best(rows, row -> suite.limits().contains(row.who()));
        double peer = best(
                rows,
                row -> !suite.limits().contains(row.who()) && !suite.ours().contains(row.who()));
        line("\n| " + (caption.isEmpty() ? "" : caption)
                + " | ns | least and most | to the limit | to the best peer | bytes |\n"
                + "| --- | --- | --- | --- | --- | --- |");
        rows.stream()
                .sorted(Comparator.comparingDouble(Row::median))
                .forEach(row -> line("| " + name(suite, row.who()) + " | " + number(row.median()) + " | "
                        + number(row.least()) + " to " + number(row.most()) + " | " + ratio(row.median(), limit) + " | "
                        + ratio(row.median(), peer) + " | " + number(row.bytes()) + " |"));
    }

    private static double best(List<Row> rows, java.util.function.Predicate<Row> which) {
        return rows.stream().filter(which).mapToDouble(Row::median).min().orElse(Double.NaN);
    }

    private static String name(Suite suite, String who) {
        String words = who.toLowerCase(Locale.ROOT).replace('_', ' ');
        if (suite.ours().contains(who)) return "**" + words + "**";
        return suite.limits().contains(who) ? "*" + words + "*" : words;
    }

    private static String ratio(double value, double to) {
        return Double.isNaN(to) ? "" : String.format(Locale.ROOT, "%.2f", value / to);
    }

    static String number(double value) {
        if (Double.isNaN(value)) return "";
        if (value >= 100) return String.format(Locale.ROOT, "%,.0f", value);
        return String.format(Locale.ROOT, value >= 10 ? "%.0f" : "%.1f", value);
    }
}
