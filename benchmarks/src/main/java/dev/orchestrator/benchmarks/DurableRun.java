package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * One measurement of durable jobs, in a process of its own: the last line that it prints has the figures.
 *
 * <p>Arguments: what to measure, whose jobs, the database's address, and what that measurement wants.
 */
public final class DurableRun {
    /** How many jobs each does at the same time. */
    static final int WORKERS = 16;

    private static final int SUBMITTERS = 32;
    private static final Duration POLL = Duration.ofMillis(100); // of those who may choose; all are woken besides
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String FIGURES = "figures: ";

    /** Who keeps and does the jobs. */
    enum Peer {
        BARE_COMMITS,
        ORCHESTRATOR,
        DB_SCHEDULER,
        JOBRUNR;

        DurableRoundTrip open(Place place, Finish finish, Duration poll) throws SQLException {
            return switch (this) {
                case BARE_COMMITS -> new BareCommits(place, finish);
                case ORCHESTRATOR -> new OurDurableJobs(place, finish, poll);
                case DB_SCHEDULER -> new DbSchedulerTasks(place, finish, poll);
                case JOBRUNR -> new JobRunrJobs(place, finish);
            };
        }
    }

    /** How the jobs come. */
    enum Load {
        IN_FLIGHT,
        ONE_BY_ONE
    }

    /**
     * What a measurement found.
     *
     * @param cpuNanos of this process, all threads
     */
    record Figures(double nanosPerJob, double cpuNanos) {}

    private DurableRun() {}

    public static void main(String[] arguments) throws Exception {
        var peer = Peer.valueOf(arguments[1]);
        var place = new Place(arguments[2]);
        int[] numbers = Stream.of(arguments).skip(3).mapToInt(Integer::parseInt).toArray();
        String figures = switch (arguments[0]) {
            case "FILL" -> fill(peer, place, numbers[0], numbers[1]);
            case "IDLE" -> IdleNodes.measure(peer, place, numbers[0], Duration.ofMillis(numbers[1]), numbers[2]);
            default -> measure(Load.valueOf(arguments[0]), peer, place, numbers[0], numbers[1]);
        };
        System.out.println(FIGURES + figures);
        System.exit(0); // whatever threads a peer leaves
    }

    private static String fill(Peer peer, Place place, int count, int priority) throws Exception {
        List<DurableRoundTrip.Rows> rows;
        try (var jobs = peer.open(place, new Finish(), POLL)) {
            jobs.submitForTomorrow(0, priority);
            rows = jobs.rows();
        }
        long begin = System.nanoTime();
        Backlog.multiply(place, rows, count);
        return Long.toString(System.nanoTime() - begin);
    }

    private static String measure(Load load, Peer peer, Place place, int warmUp, int count) throws Exception {
        var finish = new Finish();
        try (var jobs = peer.open(place, finish, POLL)) {
            long before = ended(jobs, place);
            nanos(load, peer, jobs, place, finish, warmUp);
            long cpu = cpuNanos();
            long nanos = nanos(load, peer, jobs, place, finish, count);
            cpu = cpuNanos() - cpu;
            long ended = ended(jobs, place) - before;
            if (jobs.ended() != null && ended != warmUp + count)
                throw new IllegalStateException(warmUp + count + " jobs were submitted, " + ended + " have ended");
            return (double) nanos / count + " " + (double) cpu / count;
        }
    }

    private static long ended(DurableRoundTrip jobs, Place place) {
        return jobs.ended() == null ? 0 : place.count(jobs.ended());
    }

    private static long nanos(Load load, Peer peer, DurableRoundTrip jobs, Place place, Finish finish, int count)
            throws SQLException, InterruptedException {
        jobs.idleNanos(0); // forget the batch before
        long first = finish.count();
        long begin = System.nanoTime();
        long submitted = 0;
        if (load == Load.ONE_BY_ONE) {
            for (int i = 0; i < count; i++) {
                finish.expect(1);
                jobs.submit(first + i);
                finish.await(PATIENCE);
            }
        } else {
            finish.expect(count);
            submitAll(jobs, first, count, peer == Peer.BARE_COMMITS ? 1 : SUBMITTERS);
            submitted = System.nanoTime();
            finish.await(PATIENCE);
        }
        awaitFinished(jobs, place);
        return System.nanoTime() - begin - (submitted == 0 ? 0 : jobs.idleNanos(submitted));
    }

    private static void submitAll(DurableRoundTrip jobs, long first, int count, int threads)
            throws InterruptedException {
        var next = new AtomicLong(first);
        var all = new ArrayList<Thread>();
        for (int i = 0; i < threads; i++) {
            all.add(Thread.ofPlatform().start(() -> {
                for (long number = next.getAndIncrement(); number < first + count; number = next.getAndIncrement())
                    jobs.submit(number);
            }));
        }
        for (var thread : all) thread.join();
    }

    /** What is written after the last job was handled counts too. */
    private static void awaitFinished(DurableRoundTrip jobs, Place place) throws SQLException {
        long begin = System.nanoTime();
        try (var connection = place.connect()) {
            while (Place.count(connection, jobs.unfinished()) > 0) {
                if (System.nanoTime() - begin > PATIENCE.toNanos())
                    throw new IllegalStateException("not finished: " + jobs.unfinished());
                Thread.yield();
            }
        }
    }

    static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    // ---- from another process ----

    static Figures run(Load load, Peer peer, Place place, int warmUp, int count) throws IOException {
        double[] figures = run(load.name(), peer, place, warmUp, count);
        return new Figures(figures[0], figures[1]);
    }

    static double[] run(String what, Peer peer, Place place, int... numbers) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-Xms1g",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(profile(what, peer));
        command.addAll(List.of(DurableRun.class.getName(), what, peer.name(), place.address()));
        for (int number : numbers) command.add(Integer.toString(number));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int figures = said.lastIndexOf(FIGURES);
            if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0 || figures < 0)
                throw new IllegalStateException(what + " " + peer + " failed: " + said);
            return Arrays.stream(said.substring(figures + FIGURES.length()).split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** With {@code -Dorchestrator.benchmarks.jfr=FOLDER} each process leaves a recording there. */
    private static List<String> profile(String what, Peer peer) {
        String folder = System.getProperty("orchestrator.benchmarks.jfr");
        if (folder == null) return List.of();
        String name = (what + "-" + peer + "-" + System.nanoTime()).toLowerCase(Locale.ROOT);
        return List.of(
                "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + Path.of(folder, name + ".jfr"));
    }
}
