package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P1, P7, P8: whoever is faster, a job that is retried has one ending, and what was told before fits it. */
class RetryRaceTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final RetryPolicy FOR_EVER = RetryPolicy.fixed(1_000_000, Duration.ZERO);

    /** One job in a world of its own, and what became of it. */
    private static final class World {
        final VirtualTime time = new VirtualTime();
        final RecordedEvents events = new RecordedEvents();
        final SignalBus bus;
        final Dispatcher dispatcher;
        final AtomicBoolean isInside = new AtomicBoolean();
        final ConcurrentLinkedQueue<String> overlaps = new ConcurrentLinkedQueue<>();

        World(boolean ownTime) {
            var builder = SignalBus.builder();
            bus = (ownTime ? builder.time(time) : builder).build();
            dispatcher = Dispatcher.create(bus);
            bus.subscribe(JobEvent.class, events);
        }

        /** Every attempt fails, except the one with that number. */
        World whoseAttempt(int lucky) {
            dispatcher.register(Work.class, (job, context) -> {
                if (!isInside.compareAndSet(false, true)) overlaps.add("attempt " + context.attempt());
                try {
                    if (context.attempt() == lucky) return "lucky";
                    throw new IOException("of attempt " + context.attempt());
                } finally {
                    isInside.set(false);
                }
            });
            return this;
        }

        JobHandle<String> dispatch(JobOptions.Builder options) {
            return dispatcher.dispatch(new Work(1), options.build());
        }

        /** Exactly one ending; started first if at all, then the retries from the first attempt on, then the ending. */
        void assertSound(JobHandle<String> handle) {
            JobResult<String> result = endingOf(handle);
            events.awaitTerminalOf(handle.id());
            TerminalEvent end = events.terminalOf(handle.id()).getFirst();
            List<JobEvent> told = events.ofJob(handle.id());
            assertThat(events.terminalOf(handle.id())).hasSize(1);
            assertThat(told).last().isSameAs(end);
            List<Integer> retries = events.of(JobRetryingEvent.class).stream()
                    .map(JobRetryingEvent::attempt)
                    .toList();
            assertThat(retries)
                    .isEqualTo(IntStream.rangeClosed(1, retries.size()).boxed().toList());
            assertThat(end.attempts() - retries.size())
                    .as("attempts not followed by a retry")
                    .isIn(0, 1);
            if (end.attempts() > 0) assertThat(told.getFirst()).isInstanceOf(JobStartedEvent.class);
            if (result instanceof JobResult.Success) assertThat(end.attempts()).isEqualTo(retries.size() + 1);
            assertThat(overlaps).isEmpty();
            TestWork.until(() -> bus.runs().kept() == 0, "the run is still known");
        }
    }

    private static void spin(int spins) {
        for (int i = 0; i < spins; i++) Thread.onSpinWait();
    }

    private static List<World> worlds(int rounds, boolean ownTime, int lucky) {
        var worlds = new ArrayList<World>();
        for (int i = 0; i < rounds; i++) worlds.add(new World(ownTime).whoseAttempt(lucky));
        return worlds;
    }

    @Test
    void a_cancel_meets_attempts_that_follow_each_other_at_once() {
        int rounds = 400;
        var worlds = worlds(rounds, false, -1);
        var handles = new ArrayList<JobHandle<String>>();
        for (int round = 0; round < rounds; round++) {
            World world = worlds.get(round);
            JobHandle<String> handle = world.dispatch(JobOptions.builder().retry(FOR_EVER));
            handles.add(handle);
            if (round % 2 == 0) world.events.await(JobRetryingEvent.class::isInstance);
            spin(round * 10);
            assertThat(handle.cancel("enough")).isTrue();
            assertThat(handle.cancel("again")).isFalse();
        }
        for (int round = 0; round < rounds; round++) {
            assertThat(endingOf(handles.get(round))).isEqualTo(new JobResult.Cancelled<String>("enough"));
            worlds.get(round).assertSound(handles.get(round));
        }
    }

    @Test
    void a_cancel_meets_the_moment_in_which_the_wait_begins() {
        for (int round = 0; round < 500; round++) {
            var world = new World(true);
            var failing = new Gate();
            world.dispatcher.register(Work.class, (job, context) -> {
                failing.passUninterruptibly("");
                throw new IOException("it begins to wait");
            });
            var handle = world.dispatch(JobOptions.builder().retry(RetryPolicy.fixed(2, SECOND)));
            failing.awaitArrival();
            int spins = round % 100 * 20;
            Together.run(1, none -> failing.open(), none -> {
                spin(spins);
                assertThat(handle.cancel("enough")).isTrue();
            });
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("enough"));
            world.assertSound(handle);
            assertThat(world.events.terminalOf(handle.id()).getFirst().attempts())
                    .isOne();
            TestWork.until(() -> world.time.pending() == 0, "a timer is left");
        }
    }

    @Test
    void a_cancel_meets_the_attempt_that_succeeds_and_only_one_of_them_decides() {
        int rounds = 500;
        var worlds = worlds(rounds, false, 3);
        var handles = new ArrayList<JobHandle<String>>();
        var cancelled = new AtomicReferenceArray<Boolean>(rounds);
        Together.run(
                rounds,
                round -> handles.add(
                        worlds.get(round).dispatch(JobOptions.builder().retry(FOR_EVER))),
                round -> {
                    World world = worlds.get(round);
                    world.events.await(event -> event instanceof JobRetryingEvent retrying && retrying.attempt() == 2);
                    spin(round % 200 * 4);
                    for (JobRun<?> run : world.bus.runs().all()) cancelled.set(round, run.cancel("enough"));
                });
        for (int round = 0; round < rounds; round++) {
            worlds.get(round).assertSound(handles.get(round));
            JobResult<String> expected = Boolean.TRUE.equals(cancelled.get(round))
                    ? new JobResult.Cancelled<>("enough")
                    : new JobResult.Success<>("lucky");
            assertThat(endingOf(handles.get(round))).isEqualTo(expected);
        }
    }

    @Test
    void the_total_limit_meets_the_end_of_the_wait() {
        int rounds = 500;
        var worlds = worlds(rounds, true, 2);
        var handles = new ArrayList<JobHandle<String>>();
        for (World world : worlds) {
            handles.add(world.dispatch(JobOptions.builder().timeout(SECOND).retry(RetryPolicy.fixed(2, SECOND))));
        }
        for (World world : worlds) TestWork.until(() -> world.time.pending() == 2, "no wait began");
        // Both are due at the same moment, and each thread takes one of them.
        Together.run(
                rounds,
                round -> worlds.get(round).time.advance(SECOND),
                round -> worlds.get(round).time.advance(SECOND));
        for (int round = 0; round < rounds; round++) {
            World world = worlds.get(round);
            world.assertSound(handles.get(round));
            assertThat(endingOf(handles.get(round)))
                    .isIn(new JobResult.TimedOut<String>(SECOND), new JobResult.Success<>("lucky"));
            TestWork.until(() -> world.time.pending() == 0, "a timer is left");
        }
    }
}
