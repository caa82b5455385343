package dev.orchestrator.benchmarks;

import dev.orchestrator.BaseEvent;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;
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

/** B: an event that concerns one of n subscribers; time for each event, until that one has counted it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ConcernsOneBenchmark {
    private static final int BATCH = 1_000;

    /** Who finds the one. */
    public enum Peer {
        DIRECT_REFERENCE(Direct::new),
        HASH_LOOK_UP(LookUp::new),
        ORCHESTRATOR(() -> new Ours(null)),
        ORCHESTRATOR_SAME_THREAD(() -> new Ours(Runnable::run)),
        REACTOR(() -> new AllAsked(new Emitters.ReactorSink())),
        RXJAVA(() -> new AllAsked(new Emitters.RxSubject())),
        GREENROBOT(() -> new AllAsked(new Emitters.Greenrobot())),
        MBASSADOR(() -> new AllAsked(new Emitters.MBassador())),
        GUAVA(() -> new AllAsked(new Emitters.Guava())),
        SPRING(() -> new AllAsked(new Emitters.Spring())),
        VERTX_PUBLISH(() -> new AllAsked(new Emitters.VertxPublish())),
        VERTX_SEND(Emitters.VertxSend::new);

        private final Supplier<Addressed> make;

        Peer(Supplier<Addressed> make) {
            this.make = make;
        }
    }

    /** Brings an event to the one whom it concerns. */
    interface Addressed extends AutoCloseable {
        void subscribe(List<Counter> subscribers) throws Exception;

        void emitTo(int number);

        /** Whether {@link #emitTo} comes back before the subscriber has been called. */
        default boolean isAsync() {
            return false;
        }

        @Override
        default void close() throws Exception {}
    }

    /** The limit: the emitter knows whom it concerns. */
    private static final class Direct implements Addressed {
        private List<Counter> subscribers;

        @Override
        public void subscribe(List<Counter> all) {
            subscribers = new ArrayList<>(all);
        }

        @Override
        public void emitTo(int number) {
            subscribers.get(number).add();
        }
    }

    /** The limit for those who know an id. */
    private static final class LookUp implements Addressed {
        private final Map<String, Counter> byId = new HashMap<>();
        private String[] ids;

        @Override
        public void subscribe(List<Counter> all) {
            ids = new String[all.size()];
            for (int i = 0; i < ids.length; i++) byId.put(ids[i] = "job-" + i, all.get(i));
        }

        @Override
        public void emitTo(int number) {
            byId.get(ids[number]).add();
        }
    }

    /** As many orchestrators, each with a job under way, about which events are emitted. */
    private static final class Ours implements Addressed {
        private record Wait() implements Job<Void> {}

        private static final class AboutJob extends BaseEvent {
            AboutJob(String id) {
                super(id);
            }
        }

        private static final class Owner extends BaseOrchestrator<Long> {
            private final Counter counter;

            Owner(Dispatcher dispatcher, SignalBus bus, Counter counter) {
                super(0L, dispatcher, bus);
                this.counter = counter;
            }

            Owner(Dispatcher dispatcher, SignalBus bus, Counter counter, Executor lane) {
                super(0L, dispatcher, bus, lane);
                this.counter = counter;
            }

            @Override
            protected void onActiveEvent(Event event) {
                counter.add();
            }

            String waitForever() {
                return dispatch(new Wait()).id();
            }
        }

        private final SignalBus bus = SignalBus.scoped();
        private final Dispatcher dispatcher =
                Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build(); // its jobs never end by themselves
        private final Executor lane; // null for the usual one
        private String[] ids;

        Ours(Executor lane) {
            this.lane = lane;
        }

        @Override
        public void subscribe(List<Counter> all) {
            dispatcher.registerAsync(Wait.class, (job, context) -> new CompletableFuture<Void>());
            ids = new String[all.size()];
            for (int i = 0; i < ids.length; i++) {
                var owner = lane == null
                        ? new Owner(dispatcher, bus, all.get(i))
                        : new Owner(dispatcher, bus, all.get(i), lane);
                ids[i] = owner.waitForever();
            }
        }

        @Override
        public void emitTo(int number) {
            bus.emit(new AboutJob(ids[number]));
        }

        @Override
        public boolean isAsync() {
            return lane == null;
        }

        @Override
        public void close() {
            dispatcher.close();
            bus.close();
        }
    }

    /** All subscribers are asked whether it concerns them. */
    private static final class AllAsked implements Addressed {
        private final Emitter emitter;
        private Happened[] events;

        AllAsked(Emitter emitter) {
            this.emitter = emitter;
        }

        @Override
        public void subscribe(List<Counter> all) throws Exception {
            events = new Happened[all.size()];
            for (int i = 0; i < events.length; i++) events[i] = new Happened(i);
            emitter.subscribe(all);
        }

        @Override
        public void emitTo(int number) {
            emitter.emit(events[number]);
        }

        @Override
        public boolean isAsync() {
            return emitter.isAsync();
        }

        @Override
        public void close() throws Exception {
            emitter.close();
        }
    }

    @Param
    public Peer peer;

    @Param({"1", "100", "10000"})
    public int subscribers;

    private List<Counter> counters;
    private int[] order;
    private long[] expected;
    private Addressed addressed;

    @Setup
    public void setUp() throws Exception {
        counters = LongStream.range(0, subscribers).mapToObj(Counter::new).toList();
        expected = new long[subscribers];
        order = new SplittableRandom(1).ints(BATCH, 0, subscribers).toArray();
        addressed = peer.make.get();
        addressed.subscribe(counters);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void emit() {
        for (int number : order) {
            addressed.emitTo(number);
            expected[number]++;
        }
        if (addressed.isAsync()) for (int number : order) counters.get(number).await(expected[number]);
    }

    /** Each got its events, and none of the others'. */
    @TearDown(Level.Iteration)
    public void check() {
        for (int i = 0; i < subscribers; i++)
            if (counters.get(i).count() != expected[i])
                throw new IllegalStateException(peer + ": subscriber " + i + " counted "
                        + counters.get(i).count() + " of " + expected[i] + " events");
    }

    @TearDown
    public void close() throws Exception {
        addressed.close();
    }
}
