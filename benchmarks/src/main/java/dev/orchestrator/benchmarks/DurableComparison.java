package dev.orchestrator.benchmarks;

import dev.orchestrator.benchmarks.DurableRun.Figures;
import dev.orchestrator.benchmarks.DurableRun.Load;
import dev.orchestrator.benchmarks.DurableRun.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Durable jobs beside bare commits, plain db-scheduler and JobRunr, on a SQLite file and on PostgreSQL, with and without a
 * backlog, and what nodes cost that have nothing to do.
 *
 * <p>Each figure is one process of {@link DurableRun}; all rows of a table are measured in turn, round by round.
 */
final class DurableComparison {
    /** How much is measured. */
    enum Size {
        QUICK(1, new Jobs(3_000, 5_000), new Jobs(500, 1_000), new Jobs(50, 200), 100_000),
        FULL(3, new Jobs(20_000, 20_000), new Jobs(2_000, 2_000), new Jobs(100, 500), 1_000_000);

        private final int rounds;
        private final Jobs inFlight;
        private final Jobs oneByOne;
        private final Jobs ofJobRunr; // who looks for more every five seconds
        private final int backlog;

        Size(int rounds, Jobs inFlight, Jobs oneByOne, Jobs ofJobRunr, int backlog) {
            this.rounds = rounds;
            this.inFlight = inFlight;
            this.oneByOne = oneByOne;
            this.ofJobRunr = ofJobRunr;
            this.backlog = backlog;
        }

        private Jobs of(Row row) {
            if (row.peer == Peer.JOBRUNR) return ofJobRunr;
            return row.load == Load.ONE_BY_ONE ? oneByOne : inFlight;
        }
    }

    /** How many before and while it is measured. */
    private record Jobs(int warmUp, int measured) {}

    /** What waits meanwhile. */
    private enum Waiting {
        NOTHING("nothing waits"),
        LATER("%,d due tomorrow"),
        LATER_AND_MORE_URGENT("%,d due tomorrow, of a higher priority");

        private final String words;

        Waiting(String words) {
            this.words = words;
        }
    }

    /** A row of a table. */
    private record Row(Peer peer, Load load, Waiting waiting) {}

    private static final int NODES = 10;
    private static final int[] POLL_MILLIS = {1_000, 100};
    /** A ratio of one process to another is this much off where the machine has other things to do. */
    private static final double NOISE = 1.5;

    private final Size size;
    private final Path file;
    private final Path folder;
    private final Report report = new Report();
    private final Progress progress = new Progress();
    private final List<String> targets = new ArrayList<>();
    private final List<String> missed = new ArrayList<>();
    private int files;

    DurableComparison(Size size, Path file) {
        this.size = size;
        this.file = file;
        folder = file.toAbsolutePath().resolveSibling("durable-databases");
    }

    /** Gives whether nothing is further from its target than noise explains. */
    boolean measureAll() throws IOException {
        removeFolder();
        Files.createDirectories(folder);
        try (var server = new PostgresServer(folder)) {
            report.line("# Durable jobs, " + size.name().toLowerCase(Locale.ROOT) + " run\n\n"
                    + Machine.describe(Machine.DURABLE) + " " + server.version()
                    + ", of this run alone; SQLite in WAL mode, synchronous=FULL.");
            report.line("\n"
                    + "Jobs per second, from the dispatch until the database has nothing left to do for them:"
                    + " medians of "
                    + size.rounds + (size.rounds == 1 ? " round" : " rounds")
                    + ", each figure from a process of its own. In italics the limit, single rows committed"
                    + " one after the other by one connection, with nobody who does a job; in bold this"
                    + " project. In flight: "
                    + String.format(Locale.ROOT, "%,d", size.inFlight.measured) + " jobs by 32 threads, done by "
                    + DurableRun.WORKERS
                    + ". CPU is that of the process that dispatches and does the jobs.");
            measure("SQLite", () -> Place.file(folder.resolve("jobs" + ++files + ".db")), () -> {});
            measure("PostgreSQL", server::make, server::checkpoint);
            idle(server);
        } finally {
            removeFolder();
        }
        report.line("\n## Targets\n\n| | reached | asked for | holds |\n| --- | --- | --- | --- |");
        targets.forEach(report::line);
        report.line("\nThe whole took " + progress.elapsed().toSeconds() + " s.");
        write();
        progress.say("the report is in " + file);
        missed.forEach(row -> progress.say("far from its target: " + row));
        return missed.isEmpty();
    }

    // ---- jobs per second ----

    /** Makes an empty database. */
    private interface Maker {
        Place make() throws IOException;
    }

    private void measure(String name, Maker maker, Runnable settle) throws IOException {
        progress.say(name);
        Map<Row, Place> filled = new LinkedHashMap<>();
        for (Row row : rows()) {
            if (row.waiting == Waiting.NOTHING) continue;
            var place = maker.make();
            filled.put(row, place);
            double[] nanos = DurableRun.run(
                    "FILL", row.peer, place, size.backlog, row.waiting == Waiting.LATER_AND_MORE_URGENT ? 9 : 0);
            progress.say(String.format(
                    Locale.ROOT, "    backlog of %s: %.1f s", Report.words(row.peer.name()), nanos[0] / 1e9));
        }
        Map<Row, List<Figures>> all = new LinkedHashMap<>();
        for (int round = 0; round < size.rounds; round++) {
            for (Row row : rows()) {
                settle.run();
                var place = filled.containsKey(row) ? filled.get(row) : maker.make();
                Jobs jobs = size.of(row);
                var figures = DurableRun.run(row.load, row.peer, place, jobs.warmUp, jobs.measured);
                all.computeIfAbsent(row, fresh -> new ArrayList<>()).add(figures);
                progress.say("    " + words(row) + ": " + Report.number(1e9 / figures.nanosPerJob()) + " jobs/s");
            }
        }
        write(name, all);
        check(name, all);
        write();
    }

    private static List<Row> rows() {
        var rows = new ArrayList<Row>();
        for (Peer peer : Peer.values()) rows.add(new Row(peer, Load.IN_FLIGHT, Waiting.NOTHING));
        rows.add(new Row(Peer.ORCHESTRATOR, Load.IN_FLIGHT, Waiting.LATER));
        rows.add(new Row(Peer.ORCHESTRATOR, Load.IN_FLIGHT, Waiting.LATER_AND_MORE_URGENT));
        rows.add(new Row(Peer.DB_SCHEDULER, Load.IN_FLIGHT, Waiting.LATER));
        rows.add(new Row(Peer.ORCHESTRATOR, Load.ONE_BY_ONE, Waiting.NOTHING));
        rows.add(new Row(Peer.DB_SCHEDULER, Load.ONE_BY_ONE, Waiting.NOTHING));
        return rows;
    }

    private String words(Row row) {
        return Report.words(row.peer.name())
                + (row.load == Load.ONE_BY_ONE ? ", one by one" : "")
                + (row.waiting == Waiting.NOTHING
                        ? ""
                        : ", " + String.format(Locale.ROOT, row.waiting.words, size.backlog));
    }

    private void write(String name, Map<Row, List<Figures>> all) {
        double commits = perSecond(all, new Row(Peer.BARE_COMMITS, Load.IN_FLIGHT, Waiting.NOTHING));
        report.line(
                "\n## " + name + "\n\n| | per second | least and most | to bare commits | to db-scheduler, same load |"
                        + " CPU, µs for each |\n| --- | --- | --- | --- | --- | --- |");
        all.forEach((row, figures) -> {
            double[] each = figures.stream()
                    .mapToDouble(one -> 1e9 / one.nanosPerJob())
                    .sorted()
                    .toArray();
            var peer = new Row(
                    Peer.DB_SCHEDULER, row.load, row.waiting == Waiting.NOTHING ? Waiting.NOTHING : Waiting.LATER);
            String mark = row.peer == Peer.ORCHESTRATOR ? "**" : row.peer == Peer.BARE_COMMITS ? "*" : "";
            report.line(String.format(
                    Locale.ROOT,
                    "| %s%s%s | %s | %s to %s | %.2f | %.2f | %.0f |",
                    mark,
                    words(row),
                    mark,
                    Report.number(perSecond(all, row)),
                    Report.number(each[0]),
                    Report.number(each[each.length - 1]),
                    perSecond(all, row) / commits,
                    perSecond(all, row) / perSecond(all, peer),
                    median(figures.stream().map(Figures::cpuNanos).toList()) / 1e3));
        });
    }

    private void check(String name, Map<Row, List<Figures>> all) {
        double ours = perSecond(all, new Row(Peer.ORCHESTRATOR, Load.IN_FLIGHT, Waiting.NOTHING));
        if (name.equals("SQLite")) {
            double commits = perSecond(all, new Row(Peer.BARE_COMMITS, Load.IN_FLIGHT, Waiting.NOTHING));
            target(name + ": bare commits to a job", commits / ours, 3);
        }
        for (Load load : Load.values()) {
            double peer = perSecond(all, new Row(Peer.DB_SCHEDULER, load, Waiting.NOTHING));
            double our = perSecond(all, new Row(Peer.ORCHESTRATOR, load, Waiting.NOTHING));
            target(name + ": tasks of db-scheduler to a job, " + Report.words(load.name()), peer / our, 1.5);
        }
        for (Waiting waiting : List.of(Waiting.LATER, Waiting.LATER_AND_MORE_URGENT)) {
            double with = perSecond(all, new Row(Peer.ORCHESTRATOR, Load.IN_FLIGHT, waiting));
            target(
                    name + ": jobs without to jobs with " + String.format(Locale.ROOT, waiting.words, size.backlog),
                    ours / with,
                    1.5);
        }
    }

    private void target(String what, double reached, double most) {
        String row = String.format(
                Locale.ROOT,
                "| %s | %.2f | at most %.1f | %s |",
                what,
                reached,
                most,
                reached <= most ? "yes" : "**no**");
        targets.add(row);
        if (!(reached <= most * NOISE)) missed.add(row);
    }

    private static double perSecond(Map<Row, List<Figures>> all, Row row) {
        return 1e9 / median(all.get(row).stream().map(Figures::nanosPerJob).toList());
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    // ---- idle nodes ----

    private void idle(PostgresServer server) throws IOException {
        progress.say(NODES + " idle nodes");
        report.line("\n## " + NODES
                + " idle nodes\n\n"
                + "In one process; transactions are those that PostgreSQL counts, each statement outside of"
                + " one included. CPU in milliseconds for each second, of that process and of the server's."
                + " JobRunr refuses to look more often than every five seconds.\n\n"
                + "| | looks every | transactions/s | CPU of the nodes | CPU of the server |\n"
                + "| --- | --- | --- | --- | --- |");
        for (int poll : POLL_MILLIS) {
            for (Peer peer : List.of(Peer.ORCHESTRATOR, Peer.DB_SCHEDULER))
                for (boolean sqlite : List.of(false, true)) idle(server, peer, poll, sqlite);
        }
        idle(server, Peer.JOBRUNR, (int) JobRunrJobs.POLL.toMillis(), false);
        write();
    }

    private void idle(PostgresServer server, Peer peer, int poll, boolean sqlite) throws IOException {
        var place = sqlite ? Place.file(folder.resolve("idle" + ++files + ".db")) : server.make();
        double[] figures = DurableRun.run("IDLE", peer, place, NODES, poll, (int) server.pid());
        String name = Report.words(peer.name());
        String row = String.format(
                Locale.ROOT,
                "| %s, %s | %,d ms | %s | %s | %s |",
                peer == Peer.ORCHESTRATOR ? "**" + name + "**" : name,
                sqlite ? "SQLite" : "PostgreSQL",
                poll,
                Report.number(figures[0]),
                Report.number(figures[1] / 1e6),
                sqlite ? "" : Report.number(figures[2] / 1e6));
        report.line(row);
        progress.say("    " + row);
    }

    // ---- files ----

    private void write() throws IOException {
        Files.writeString(file, report.toString());
    }

    private void removeFolder() throws IOException {
        if (!Files.exists(folder)) return;
        try (var found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }
}
