package dev.orchestrator.benchmarks;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * C: trivial jobs that several threads hand in together; time for each job, until its result was handled.
 *
 * <p>Of the peers only those whose hand-in any thread may call, and which begin a thread for each job.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SubmittersBenchmark {
    private static final int IN_FLIGHT = 10_000;

    /** What hands the jobs in. */
    public enum Submitter {
        PLATFORM(Thread.ofPlatform().factory()),
        VIRTUAL(Thread.ofVirtual().factory());

        private final ThreadFactory factory;

        Submitter(ThreadFactory factory) {
            this.factory = factory;
        }
    }

    @Param({"VIRTUAL_THREAD", "VIRTUAL_THREAD_AND_MAILBOX", "ORCHESTRATOR", "COMPLETABLE_FUTURE"})
    public RoundTripBenchmark.Peer peer;

    @Param({"1", "2", "8"})
    public int submitters;

    @Param
    public Submitter threads;

    private final Finish finish = new Finish();
    private RoundTrip trip;
    private ExecutorService pool; // which keeps its threads: starting them would be measured
    private List<Callable<Void>> shares;
    private long submitted;

    @Setup
    public void setUp() {
        trip = peer.open(finish);
        pool = Executors.newFixedThreadPool(submitters, threads.factory);
        shares = Collections.nCopies(submitters, this::submitShare);
    }

    private Void submitShare() {
        for (int i = 0; i < IN_FLIGHT / submitters; i++) trip.submit(i);
        return null;
    }

    /** Many at once, of which each thread submits its share. */
    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void inFlight() throws Exception {
        finish.expect(IN_FLIGHT);
        for (var share : pool.invokeAll(shares)) share.get();
        finish.await();
        submitted += IN_FLIGHT;
    }

    /** Each job was handled once. */
    @TearDown(Level.Iteration)
    public void check() {
        if (finish.count() != submitted)
            throw new IllegalStateException(finish.count() + " of " + submitted + " jobs were handled");
    }

    @TearDown
    public void close() throws Exception {
        pool.close();
        trip.close();
    }
}
