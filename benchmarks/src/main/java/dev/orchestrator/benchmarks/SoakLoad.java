package dev.orchestrator.benchmarks;

import dev.orchestrator.BaseEvent;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.CancelRunning;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Everything that a program does with the library, in rounds of one size.
 *
 * <p>A round returns when all that it began was handled as expected, and throws if that takes longer than a minute: then
 * an ending was lost, or a wrong one was told.
 */
final class SoakLoad implements AutoCloseable {
    private static final int RESIDENTS = 10; // orchestrators that stay
    private static final int VISITORS = 50; // orchestrators of one round
    private static final int PLAIN = 5_000;
    private static final int RETRIED = 200;
    private static final int REPORTING = 100;
    private static final int CANCELLED = 50;
    private static final int TIMED_OUT = 4;
    private static final int EVENTS = 100;

    /** The jobs of a round. */
    static final int JOBS = PLAIN + RETRIED + REPORTING + CANCELLED + TIMED_OUT + 2 * VISITORS;

    static final String ABOUT = String.format(
            "Rounds of %,d jobs: %d plain ones of %d orchestrators; %d with a time limit, a key that two share, a"
                + " limit per key and a retry that is needed; %d that report ten times; %d that are cancelled and %d"
                + " that reach their time limit; %d orchestrators that are opened, have two jobs, get an event about"
                + " one and are closed with it running; and %d events that each of the %d observes. A round ends when"
                + " all of it was handled.",
            JOBS, PLAIN, RESIDENTS, RETRIED, REPORTING, CANCELLED, TIMED_OUT, VISITORS, EVENTS, RESIDENTS);

    private static final Duration LONGEST_ROUND = Duration.ofMinutes(1);
    private static final RetryPolicy AGAIN = RetryPolicy.fixed(3, Duration.ofMillis(1));
    private static final RunLimit TWO = RunLimit.of(2).orQueue(100);
    private static final JobOptions SHORT =
            JobOptions.builder().timeout(Duration.ofMillis(10)).build();
    private static final JobOptions LONG =
            JobOptions.builder().timeout(Duration.ofHours(1)).build();

    private record Plain(long number) implements Job<Long> {}

    private record FailsOnce(long number) implements Job<Long> {}

    private record Reports(long number) implements Job<Long> {}

    private record Blocks() implements Job<Void> {}

    private record Waits() implements Job<Void> {}

    private static final class About extends BaseEvent {
        About(String id) {
            super(id);
        }
    }

    /** Handles every kind of ending, each as what it must be. */
    private final class Resident extends BaseOrchestrator<Long> {
        Resident() {
            super(0L, dispatcher, bus);
            on(Plain.class).success((job, result) -> count(result, job.number() + 1));
            on(FailsOnce.class).success((job, result) -> count(result, job.number() + 1));
            on(Reports.class)
                    .progress((job, progress) -> reported.incrementAndGet())
                    .success((job, result) -> count(result, job.number() + 1));
            on(Blocks.class).timedOut((job, limit) -> count(0, 0));
            on(Waits.class).cancelled((job, reason) -> count(0, 0));
            observe(Happened.class, event -> count(event.number(), 1));
        }

        private void count(long result, long expected) {
            update(handled -> handled + 1);
            finish.handled(result, expected);
        }
    }

    private final class Visitor extends BaseOrchestrator<Long> {
        Visitor() {
            super(0L, dispatcher, bus);
            on(Plain.class).success((job, result) -> finish.handled(result, job.number() + 1));
        }

        @Override
        protected void onActiveEvent(Event event) {
            finish.handled(0, 0);
        }

        void visit() {
            bus.emit(new About(dispatch(new Waits(), LONG).id()));
            dispatch(new Plain(1));
        }
    }

    private final CountedTime time = new CountedTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final Finish finish = new Finish();
    private final AtomicLong reported = new AtomicLong(); // by the lanes of the residents
    private final List<Resident> residents;

    SoakLoad() {
        dispatcher.register(Plain.class, (job, context) -> job.number() + 1);
        dispatcher.register(FailsOnce.class, (job, context) -> {
            if (context.attempt() == 1) throw new IOException("the first attempt fails");
            return job.number() + 1;
        });
        dispatcher.register(Reports.class, (job, context) -> {
            for (int i = 1; i <= 10; i++) context.progress(i / 10.0);
            return job.number() + 1;
        });
        dispatcher.register(Blocks.class, (job, context) -> {
            new CountDownLatch(1).await(); // until it is interrupted
            return null;
        });
        dispatcher.registerAsync(Waits.class, (job, context) -> new CompletableFuture<Void>());
        residents = Stream.generate(Resident::new).limit(RESIDENTS).toList();
        residents.forEach(Resident::start);
    }

    void round() {
        int told = JOBS - VISITORS; // nobody handles the endings of what visitors leave behind
        finish.expect(told + VISITORS + EVENTS * RESIDENTS);
        for (int i = 0; i < TIMED_OUT; i++) resident(i).dispatch(new Blocks(), SHORT);
        for (int i = 0; i < RETRIED; i++) retry(i);
        List<JobHandle<Void>> waiting = IntStream.range(0, CANCELLED)
                .mapToObj(i -> resident(i).dispatch(new Waits(), LONG))
                .toList();
        List<Visitor> visitors = Stream.generate(Visitor::new).limit(VISITORS).toList();
        visitors.forEach(Visitor::visit);
        for (int i = 0; i < REPORTING; i++) resident(i).dispatch(new Reports(i));
        for (int i = 0; i < PLAIN; i++) resident(i).dispatch(new Plain(i));
        for (int i = 0; i < EVENTS; i++) bus.emit(new Happened(1));
        waiting.forEach(handle -> handle.cancel("the round is over"));
        finish.await(LONGEST_ROUND);
        visitors.forEach(visitor -> visitor.close(CancelRunning.YES));
    }

    private Resident resident(int number) {
        return residents.get(number % RESIDENTS);
    }

    private void retry(int number) {
        int key = number / 2;
        resident(number)
                .dispatch(
                        new FailsOnce(key),
                        JobOptions.builder()
                                .timeout(Duration.ofMinutes(1))
                                .retry(AGAIN)
                                .joinRunning(key)
                                .limitPerKey(key, TWO)
                                .build());
    }

    /** Waits until nothing of the last round is left; throws if something is after a minute. */
    void awaitQuiet() {
        long begin = System.nanoTime();
        while (!dispatcher.jobs().isEmpty() || timers() > 0) {
            if (System.nanoTime() - begin > LONGEST_ROUND.toNanos())
                throw new IllegalStateException(dispatcher.jobs().size() + " jobs and " + timers()
                        + " timers are left after a minute in which nothing was done");
            Thread.onSpinWait();
        }
        if (reported.getAndSet(0) == 0) throw new IllegalStateException("no progress was reported");
    }

    /** The timers that are pending. */
    long timers() {
        return time.pending();
    }

    int subscribers() {
        return bus.subscribers().size();
    }

    @Override
    public void close() {
        residents.forEach(Resident::close);
        dispatcher.close();
        bus.close();
    }
}
