package dev.orchestrator.testkit.readme;

import dev.orchestrator.BaseExecutor;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.util.Map;

/** What the README's example tests. */
final class Greeting {
    private Greeting() {}

    record FetchUser(long id) implements Job<String> {}

    static final class FetchUserExecutor extends BaseExecutor<FetchUser, String> {
        private final Map<Long, String> users = Map.of(1L, "Ada", 2L, "Alan");

        @Override
        protected String process(FetchUser job, JobContext context) throws IOException {
            context.progress(0.5);
            if (!users.containsKey(job.id())) throw new IOException("nobody has the number " + job.id());
            return users.get(job.id());
        }
    }

    static final class Greeter extends BaseOrchestrator<String> {
        Greeter(Dispatcher dispatcher, SignalBus bus) {
            super("nobody yet", dispatcher, bus);
            on(FetchUser.class)
                    .success((job, name) -> emit("Hello, " + name))
                    .failure((job, error) -> emit("Sorry: " + error.getMessage()));
        }

        void greet(long id) {
            emit("loading ...");
            dispatch(new FetchUser(id));
        }
    }
}
