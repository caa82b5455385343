package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** P1, P7, P10: a closing meets jobs in whichever phase, and every job that was accepted ends once and leaves no timer. */
class CloseAgainstEverythingTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private record World(VirtualTime time, SignalBus bus, Dispatcher dispatcher, RecordedEvents events) {
        static World make(Duration closeGrace) {
            var time = new VirtualTime();
            var bus = SignalBus.builder().time(time).build();
            var dispatcher =
                    Dispatcher.builder().bus(bus).closeGrace(closeGrace).build();
            var events = new RecordedEvents();
            bus.subscribe(TerminalEvent.class, events);
            return new World(time, bus, dispatcher, events);
        }

        /** Jobs that fail, succeed, are late, have children, end early; which of it follows from their number. */
        void register() {
            dispatcher.register(Part.class, (job, context) -> new Gate().pass("never"));
            dispatcher.register(
                    Work.class,
                    (job, context) -> {
                        context.progress(context.attempt() / 10.0);
                        switch (job.number() % 5) {
                            case 0 -> throw new IOException("of attempt " + context.attempt());
                            case 1 -> context.dispatch(new Part(1));
                            case 2 -> new Gate().pass("never");
                            case 3 -> RunAttempt.of(context).succeed("early");
                            default -> context.progress(0.9);
                        }
                        if (job.number() % 5 == 1) throw new IOException("with a child");
                        return "done";
                    },
                    JobOptions.builder()
                            .retry(RetryPolicy.fixed(4, MILLI))
                            .attemptTimeout(MILLI)
                            .timeout(MILLI.multipliedBy(3))
                            .progressInterval(MILLI)
                            .build());
        }

        JobHandle<String> dispatch(int number) {
            return dispatcher.dispatch(new Work(number));
        }

        void assertAllIsOver(Iterable<JobHandle<String>> handles) {
            for (JobHandle<String> handle : handles) {
                assertThat(handle.result().toCompletableFuture()).isDone();
                endingOf(handle);
                events.awaitTerminalOf(handle.id());
                assertThat(events.terminalOf(handle.id())).hasSize(1);
            }
            TestWork.until(() -> bus.runs().kept() == 0, "a run is still known");
            TestWork.until(() -> time.pending() == 0, "a timer is left");
        }
    }

    private static void spin(int spins) {
        for (int i = 0; i < spins; i++) Thread.onSpinWait();
    }

    @Test
    void closing_meets_dispatches_cancels_retries_and_limits() {
        int rounds = 200;
        var worlds = new ArrayList<World>();
        var handles = new ArrayList<List<JobHandle<String>>>();
        for (int i = 0; i < rounds; i++) {
            World world = World.make(i % 2 == 0 ? Duration.ZERO : MILLI);
            world.register();
            worlds.add(world);
            handles.add(new CopyOnWriteArrayList<>());
        }
        var closings = new ConcurrentLinkedQueue<Future<?>>();
        try (var log = new RecordedLog(); // of code that its closing did not wait for
                ExecutorService closers = Executors.newVirtualThreadPerTaskExecutor()) {
            Together.run(
                    rounds,
                    round -> {
                        try {
                            for (int number = 0; number < 40; number++)
                                handles.get(round).add(worlds.get(round).dispatch(number));
                        } catch (IllegalStateException closed) {
                            // that is what the round waits for
                        }
                    },
                    round -> {
                        for (int i = 0; i < 6; i++) worlds.get(round).time().advance(MILLI);
                        handles.get(round).forEach(handle -> handle.cancel("enough"));
                    },
                    round -> {
                        spin(round % 50 * 40);
                        closings.add(closers.submit(worlds.get(round).dispatcher()::close));
                    });
            for (int round = 0; round < rounds; round++) {
                World world = worlds.get(round);
                TestWork.until(
                        () -> {
                            world.time().advance(MILLI); // the graces pass
                            return world.time().pending() == 0
                                    && world.bus().runs().kept() == 0;
                        },
                        "something goes on after the closing");
            }
            for (Future<?> closing : closings) {
                TestWork.until(closing::isDone, "a closing did not return");
            }
            assertThat(log.texts("SEVERE")).isEmpty();
        }
        for (int round = 0; round < rounds; round++) worlds.get(round).assertAllIsOver(handles.get(round));
    }
}
