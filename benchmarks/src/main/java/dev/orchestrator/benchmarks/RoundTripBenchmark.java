package dev.orchestrator.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** C: a trivial job there and back; time for each job, until its result was handled. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoundTripBenchmark {
    private static final int IN_FLIGHT = 10_000;
    private static final int ONE_BY_ONE = 100;

    /** Who brings it there and back. */
    public enum Peer {
        VIRTUAL_THREAD(RoundTrips.VirtualThread::new),
        VIRTUAL_THREAD_AND_MAILBOX(RoundTrips.VirtualThreadAndMailbox::new),
        ORCHESTRATOR(OurRoundTrip::plain),
        ORCHESTRATOR_WITH_OPTIONS(OurRoundTrip::withOptions),
        COMPLETABLE_FUTURE(RoundTrips.Futures::new),
        FIXED_POOL(RoundTrips.FixedPool::new),
        GUAVA_ASYNC(RoundTrips.GuavaAsync::new),
        VERTX_REQUEST(RoundTrips.VertxRequest::new),
        PEKKO_ASK(RoundTrips.PekkoAsk::new),
        REACTOR_ELASTIC(RoundTrips.ReactorElastic::new),
        RXJAVA_COMPUTATION(RoundTrips.RxComputation::new),
        DISRUPTOR(RoundTrips.TwoDisruptors::new);

        private final Function<Finish, RoundTrip> make;

        Peer(Function<Finish, RoundTrip> make) {
            this.make = make;
        }

        RoundTrip open(Finish finish) {
            return make.apply(finish);
        }
    }

    @Param
    public Peer peer;

    private final Finish finish = new Finish();
    private RoundTrip trip;
    private long number;

    @Setup
    public void setUp() {
        trip = peer.open(finish);
    }

    /** Many at once. */
    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public void inFlight() {
        finish.expect(IN_FLIGHT);
        for (int i = 0; i < IN_FLIGHT; i++) trip.submit(number++);
        finish.await();
    }

    /** Each when the one before was handled. */
    @Benchmark
    @OperationsPerInvocation(ONE_BY_ONE)
    public void oneByOne() {
        for (int i = 0; i < ONE_BY_ONE; i++) {
            finish.expect(1);
            trip.submit(number++);
            finish.awaitSpinning();
        }
    }

    @TearDown
    public void close() throws Exception {
        trip.close();
    }
}
