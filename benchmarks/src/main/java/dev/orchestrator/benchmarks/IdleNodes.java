package dev.orchestrator.benchmarks;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;

/** What nodes cost that have nothing to do: all of them in one process. */
final class IdleNodes {
    private static final int SETTLE_SECONDS = 5;
    private static final int SECONDS = 10;

    private IdleNodes() {}

    /** Gives transactions per second (NaN where the database does not count), and the CPU time of this process and of the server for each second, in nanoseconds. */
    static String measure(DurableRun.Peer peer, Place place, int nodes, Duration poll, int serverPid) throws Exception {
        var all = new ArrayList<DurableRoundTrip>();
        try {
            for (int i = 0; i < nodes; i++) all.add(peer.open(place, new Finish(), poll));
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            long transactions = transactions(place);
            long cpu = DurableRun.cpuNanos();
            long serverCpu = serverCpuNanos(serverPid);
            long begin = System.nanoTime();
            TimeUnit.SECONDS.sleep(SECONDS);
            double seconds = (System.nanoTime() - begin) / 1e9;
            serverCpu = serverCpuNanos(serverPid) - serverCpu;
            cpu = DurableRun.cpuNanos() - cpu;
            transactions = transactions(place) - transactions;
            return (place.isSqlite() ? "NaN" : transactions / seconds) + " " + cpu / seconds + " "
                    + serverCpu / seconds;
        } finally {
            for (var one : all) one.close();
        }
    }

    /** Each statement outside a transaction counts as one. */
    private static long transactions(Place place) throws SQLException {
        if (place.isSqlite()) return 0;
        try (var connection = place.connect()) {
            return Place.count(
                    connection,
                    "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()");
        }
    }

    /** Of all processes of the server; those that end meanwhile are lost. */
    private static long serverCpuNanos(int pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .mapToLong(process ->
                        process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L))
                .sum();
    }
}
