package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Runs whose code never begins: no thread is ever started for them, so what holds them can be looked at alone. */
final class StandingRuns {
    private record Standing() implements Job<String> {}

    private final SignalBus bus = SignalBus.builder().threads(new NoThreads()).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final Route<String> route;

    StandingRuns() {
        this(JobOptions.none());
    }

    StandingRuns(JobOptions ofRegistration) {
        route = Route.plain(dispatcher, Standing.class, (job, context) -> "done", ofRegistration);
    }

    JobRun<String> run(String id) {
        return new JobRun<>(id, new Standing(), route, bus, null, 0, null, null, route.options());
    }

    /** A dispatch that has its key for itself, with work of its own. */
    JoinedRun<String> runWithKey(String id) {
        var work = new SharedRun<>(id, new Standing(), route, bus, 0, null, route.options());
        return new JoinedRun<>(new Standing(), route, null, null, work);
    }

    private static final class NoThreads implements Threads {
        @Override
        public void start(Role role, String name, Runnable task) {}

        @Override
        public boolean await(CompletionStage<?> stage, Duration limit) {
            throw new AssertionError("nobody waits here");
        }
    }
}
