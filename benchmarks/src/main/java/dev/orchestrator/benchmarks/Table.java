package dev.orchestrator.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/** What is compared with each other: one benchmark with one choice of its parameters, a row for each peer. */
record Table(String caption, List<Row> rows) {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** From the least to the most of what was measured. */
    record Range(double least, double most) {
        private static final Range NONE = new Range(Double.NaN, Double.NaN);

        private static Range of(Statistics values) {
            return new Range(values.getMin(), values.getMax());
        }

        private static Range of(Result<?> result) {
            return result == null ? NONE : of(result.getStatistics());
        }
    }

    /**
     * Times in nanoseconds, as a rule.
     *
     * @param cores how far apart they were meanwhile, see {@link CoreDistance}
     */
    record Row(String who, double median, Range range, double bytes, Range cores) {
        static Row of(String who, double only) {
            return new Row(who, only, new Range(only, only), Double.NaN, Range.NONE);
        }

        private static Row of(String who, RunResult result) {
            Statistics times = result.getPrimaryResult().getStatistics();
            var others = result.getSecondaryResults();
            var allocated = others.get(ALLOCATED);
            return new Row(
                    who,
                    times.getPercentile(50),
                    Range.of(times),
                    allocated == null ? Double.NaN : allocated.getScore(),
                    Range.of(others.get(CoreDistance.NAME)));
        }
    }

    /** The tables of a suite: where there are no peers, its benchmarks are the rows. */
    static List<Table> of(Collection<RunResult> results) {
        Map<String, Table> tables = new LinkedHashMap<>();
        for (RunResult result : results) {
            var params = result.getParams();
            boolean hasPeers = params.getParamsKeys().contains("peer");
            String method = methodOf(params);
            String others = params.getParamsKeys().stream()
                    .filter(key -> !key.equals("peer"))
                    .map(key -> key + " = " + params.getParam(key))
                    .collect(Collectors.joining(", "));
            String caption = hasPeers ? method + (others.isEmpty() ? "" : ", " + others) : others;
            tables.computeIfAbsent(caption, fresh -> new Table(fresh, new ArrayList<>()))
                    .rows()
                    .add(Row.of(hasPeers ? params.getParam("peer") : method, result));
        }
        return List.copyOf(tables.values());
    }

    static String methodOf(BenchmarkParams params) {
        return params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
    }

    /** The median of the fastest of the suite's limits. */
    double limit(Suite suite) {
        return best(row -> suite.limits().contains(row.who()));
    }

    /** The median of the fastest that is neither a limit nor ours. */
    double bestPeer(Suite suite) {
        return best(row -> !suite.limits().contains(row.who()) && !suite.ours().contains(row.who()));
    }

    private double best(Predicate<Row> which) {
        return rows.stream().filter(which).mapToDouble(Row::median).min().orElse(Double.NaN);
    }
}
