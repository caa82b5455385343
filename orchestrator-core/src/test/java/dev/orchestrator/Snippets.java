package dev.orchestrator;

import java.io.IOException;
import java.util.List;

/** The examples in the Javadoc, which draws them from here. */
final class Snippets {
    private Snippets() {}

    record User(String name) {}

    record Screen(String text, boolean busy) {
        Screen loading() {
            return new Screen(text, true);
        }

        Screen loaded(User user) {
            return new Screen(user.name(), false);
        }

        Screen failed(Throwable error) {
            return new Screen(String.valueOf(error.getMessage()), false);
        }
    }

    interface Api {
        User user(long id) throws IOException;
    }

    // @start region="job"
    record FetchUser(long userId) implements Job<User> {}
    // @end

    // @start region="executor"
    static final class FetchUserExecutor extends BaseExecutor<FetchUser, User> {
        private final Api api;

        FetchUserExecutor(Api api) {
            this.api = api;
        }

        @Override
        protected User process(FetchUser job, JobContext context) throws IOException {
            context.progress(0.5, "asking the server");
            return api.user(job.userId()); // blocking is fine: the job has a virtual thread of its own
        }
    }
    // @end

    // @start region="orchestrator"
    static final class UserOrchestrator extends BaseOrchestrator<Screen> {
        UserOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(new Screen("", false), dispatcher, bus);
            on(FetchUser.class).success((job, user) -> update(screen -> screen.loaded(user)));
        }

        void load(long userId) {
            update(Screen::loading);
            dispatch(new FetchUser(userId)); // fire and forget
        }

        @Override
        protected void onActiveFailure(JobFailureEvent event) {
            update(screen -> screen.failed(event.error()));
        }
    }
    // @end

    static final class TypedHandlers extends BaseOrchestrator<Screen> {
        TypedHandlers(Dispatcher dispatcher, SignalBus bus) {
            super(new Screen("", false), dispatcher, bus);
            // @start region="typed-handlers"
            on(FetchUser.class)
                    .started(job -> update(Screen::loading))
                    .success((job, user) -> update(screen -> screen.loaded(user))) // user is a User: the compiler knows
                    .failure((job, error) -> update(screen -> screen.failed(error)));
            // @end
        }
    }

    record PriceChanged(String share, long cents) implements Event {}

    // @start region="overflow"
    static final class Ticker extends BaseOrchestrator<String> {
        Ticker(Dispatcher dispatcher, SignalBus bus) {
            super("", dispatcher, bus);
            mailbox(OverflowRule.keepLatest()); // only the newest price matters
            observe(PriceChanged.class, event -> emit(event.share() + " " + event.cents()));
        }
    }

    static Subscription logPrices(SignalBus bus, List<PriceChanged> log) {
        return bus.subscribeAsync(PriceChanged.class, log::add, OverflowRule.dropOldest(10_000));
    }
    // @end

    static void register(Dispatcher dispatcher, Api api) {
        // @start region="register"
        dispatcher.register(FetchUser.class, new FetchUserExecutor(api));
        dispatcher.register(Ping.class, (job, context) -> "pong"); // a lambda is an executor too
        // @end
    }

    record Ping() implements Job<String> {}

    static List<String> result(JobResult<User> result) {
        // @start region="result"
        String line = switch (result) {
            case JobResult.Success<User>(User user) -> user.name();
            case JobResult.Failure<User>(Throwable error) -> "failed: " + error.getMessage();
            case JobResult.Cancelled<User>(String reason) -> "cancelled: " + reason;
            case JobResult.TimedOut<User>(var limit) -> "gave up after " + limit;
        };
        // @end
        return List.of(line);
    }
}
