package dev.orchestrator.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
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

/** A: one event to n subscribers; time for each event, until all have counted it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EmitBenchmark {
    private static final int BATCH = 100;

    /** Who brings the events. */
    public enum Peer {
        ARRAY_LOOP(Emitters.PlainLoop::new),
        COPY_ON_WRITE_LOOP(Emitters.CopyOnWriteLoop::new),
        ORCHESTRATOR(Emitters.Ours::new),
        REACTOR(Emitters.ReactorSink::new),
        RXJAVA(Emitters.RxSubject::new),
        GREENROBOT(Emitters.Greenrobot::new),
        MBASSADOR(Emitters.MBassador::new),
        GUAVA(Emitters.Guava::new),
        JDK_PUBLISHER(Emitters.JdkPublisher::new),
        SPRING(Emitters.Spring::new),
        VERTX(Emitters.VertxPublish::new),
        PEKKO(Emitters.PekkoTell::new);

        private final Supplier<Emitter> make;

        Peer(Supplier<Emitter> make) {
            this.make = make;
        }
    }

    @Param
    public Peer peer;

    @Param({"1", "10", "100", "1000"})
    public int subscribers;

    private final Happened event = new Happened(1);
    private List<Counter> counters;
    private Emitter emitter;
    private long emitted;

    @Setup
    public void setUp() throws Exception {
        counters = Stream.generate(() -> new Counter(Counter.ALL))
                .limit(subscribers)
                .toList();
        emitter = peer.make.get();
        emitter.subscribe(counters);
        // Some register in the background: the first event says when all are there.
        emit();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void emit() {
        for (int i = 0; i < BATCH; i++) emitter.emit(event);
        emitted += BATCH;
        if (emitter.isAsync()) for (var counter : counters) counter.await(emitted);
    }

    /** Nobody missed an event. */
    @TearDown(Level.Iteration)
    public void check() {
        for (var counter : counters)
            if (counter.count() != emitted)
                throw new IllegalStateException(peer + " delivered " + counter.count() + " of " + emitted + " events");
    }

    @TearDown
    public void close() throws Exception {
        emitter.close();
    }
}
