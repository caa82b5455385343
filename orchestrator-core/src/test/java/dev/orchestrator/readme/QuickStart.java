package dev.orchestrator.readme;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.SignalBus;
import java.time.Duration;

/** The README's example, which is drawn from here. */
final class QuickStart {
    private QuickStart() {}

    // @start region="quick-start"
    record FetchUser(long id) implements Job<String> {} // a job: what is wanted, and the type of what comes back

    static final class Greeter extends BaseOrchestrator<String> { // an orchestrator: the state, and what to do next
        Greeter(Dispatcher dispatcher, SignalBus bus) {
            super("nobody yet", dispatcher, bus);
            on(FetchUser.class).success((job, name) -> emit("Hello, " + name)); // one handler at a time, on any thread
        }

        void greet(long id) {
            emit("loading ...");
            dispatch(new FetchUser(id)); // fire and forget
        }
    }

    static void run() throws Exception {
        var bus = SignalBus.scoped();
        try (var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(FetchUser.class, (job, context) -> "user " + job.id()); // blocking code is fine here
            var greeter = new Greeter(dispatcher, bus);
            greeter.onState(System.out::println);
            greeter.greet(42);
            greeter.awaitIdle(Duration.ofSeconds(5));
        }
    }
    // @end
}
