package dev.orchestrator.model;

import dev.orchestrator.ErrorHandler;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Probe;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.testkit.TestWorld;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;

/** What a program runs on: threads that take turns, or real ones. */
interface Driver extends AutoCloseable {
    SignalBus newBus(ErrorHandler errors, Probe probe);

    VirtualTime time();

    /** Lets everything happen that can; may be a wish only. */
    void run();

    void advance(Duration by);

    /** Whether a call returns with everything done that came of it. */
    boolean isExact();

    /** Whether nothing happens but in a call. */
    boolean takesTurns();

    /** What is left of tasks and timers. */
    List<String> leftBehind();

    @Override
    void close();

    /** The deterministic scheduler; with seed 0 nobody is ever overtaken. */
    static Driver turns(long seed) {
        var world = TestWorld.seeded(seed);
        return new Driver() {
            @Override
            public SignalBus newBus(ErrorHandler errors, Probe probe) {
                return world.newBus(errors, probe);
            }

            @Override
            public VirtualTime time() {
                return world.time();
            }

            @Override
            public void run() {
                world.runUntilIdle();
            }

            @Override
            public void advance(Duration by) {
                world.advance(by);
            }

            @Override
            public boolean isExact() {
                return seed == 0;
            }

            @Override
            public boolean takesTurns() {
                return true;
            }

            @Override
            public List<String> leftBehind() {
                return world.leftBehind();
            }

            @Override
            public void close() {
                world.close();
            }
        };
    }

    /** Real threads with a clock that the program moves. */
    static Driver realThreads() {
        var time = new VirtualTime();
        return new Driver() {
            @Override
            public SignalBus newBus(ErrorHandler errors, Probe probe) {
                return SignalBus.builder()
                        .time(time)
                        .threads(Threads.standard())
                        .errorHandler(errors)
                        .probe(probe)
                        .build();
            }

            @Override
            public VirtualTime time() {
                return time;
            }

            @Override
            public void run() {
                Thread.yield();
            }

            @Override
            public void advance(Duration by) {
                time.advance(by);
            }

            @Override
            public boolean isExact() {
                return false;
            }

            @Override
            public boolean takesTurns() {
                return false;
            }

            @Override
            public List<String> leftBehind() {
                return List.of();
            }

            @Override
            public void close() {}
        };
    }
}
