package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A bus and a dispatcher whose tasks are run by the actors of a stress test: nothing runs unless an actor runs it. */
final class StressWorld implements Threads {
    record Work(int number) implements Job<String> {}

    final ConcurrentLinkedQueue<Runnable> workers = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Runnable> others = new ConcurrentLinkedQueue<>();
    final SignalBus bus = SignalBus.builder()
            .time(new StandingTime())
            .threads(this)
            .withoutLoopGuard()
            .build();
    final Dispatcher dispatcher = Dispatcher.create(bus);

    @Override
    public void start(Role role, String name, Runnable task) {
        (role == Role.WORKER ? workers : others).add(task);
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
        return Threads.standard().await(stage, limit);
    }

    /** Makes the window of a broken twin wide enough to be met within a second. */
    static void pause() {
        for (int i = 0; i < 20; i++) Thread.onSpinWait();
    }

    /** Runs a worker as soon as there is one. */
    void runWorker() {
        @Nullable Runnable task;
        while ((task = workers.poll()) == null) Thread.onSpinWait();
        task.run();
    }

    /** Runs everything, and what that brings. */
    void runAll() {
        while (true) {
            Runnable next = workers.poll();
            if (next == null) next = others.poll();
            if (next == null) return;
            next.run();
        }
    }

    /** A clock that stands still, so that no limit and no grace is ever over. */
    private static final class StandingTime implements Time {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            return () -> {};
        }

        @Override
        public long random() {
            return 0;
        }
    }
}
