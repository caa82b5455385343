package dev.orchestrator.benchmarks;

import dev.orchestrator.spi.Time;
import io.netty.util.HashedWheelTimer;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** E: a time limit that is not reached: scheduled and cancelled, with others pending. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TimerBenchmark {
    /** Who keeps the time. */
    public enum Peer {
        ORCHESTRATOR(Ours::new),
        SCHEDULED_POOL(Pool::new),
        NETTY_WHEEL(Wheel::new);

        private final Supplier<Timers> make;

        Peer(Supplier<Timers> make) {
            this.make = make;
        }
    }

    private interface Timers extends AutoCloseable {
        /** Schedules something that must not happen; gives what cancels it. */
        Runnable schedule(int seconds);

        @Override
        void close();
    }

    private static void neverComes() {
        throw new IllegalStateException("the time limit was reached");
    }

    private static final class Ours implements Timers {
        private final Time time = Time.system();

        @Override
        public Runnable schedule(int seconds) {
            return time.schedule(Duration.ofSeconds(seconds), TimerBenchmark::neverComes)::cancel;
        }

        @Override
        public void close() {}
    }

    private static final class Pool implements Timers {
        private final ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(1);

        Pool() {
            pool.setRemoveOnCancelPolicy(true);
        }

        @Override
        public Runnable schedule(int seconds) {
            var timer = pool.schedule(TimerBenchmark::neverComes, seconds, TimeUnit.SECONDS);
            return () -> timer.cancel(false);
        }

        @Override
        public void close() {
            pool.shutdownNow();
        }
    }

    private static final class Wheel implements Timers {
        private final HashedWheelTimer wheel = new HashedWheelTimer();

        @Override
        public Runnable schedule(int seconds) {
            return wheel.newTimeout(timeout -> neverComes(), seconds, TimeUnit.SECONDS)::cancel;
        }

        @Override
        public void close() {
            wheel.stop();
        }
    }

    @Param
    public Peer peer;

    @Param({"1000", "1000000"})
    public int pending;

    private Timers timers;

    @Setup
    public void setUp() {
        timers = peer.make.get();
        for (int i = 0; i < pending; i++) timers.schedule(seconds());
    }

    private static int seconds() {
        return ThreadLocalRandom.current().nextInt(3_600, 7_200);
    }

    @Benchmark
    @Threads(1)
    public void oneThread() {
        timers.schedule(seconds()).run();
    }

    @Benchmark
    @Threads(8)
    public void eightThreads() {
        timers.schedule(seconds()).run();
    }

    @TearDown
    public void close() {
        timers.close();
    }
}
