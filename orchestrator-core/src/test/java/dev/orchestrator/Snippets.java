package dev.orchestrator;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

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

    static final class Unauthorized extends IOException {
        private static final long serialVersionUID = 1;
    }

    interface Tokens {
        void refresh() throws IOException;

        CompletionStage<Void> refreshAsync();
    }

    static void intercept(Dispatcher dispatcher, Tokens tokens) {
        // @start region="intercept"
        dispatcher.intercept(FetchUser.class, call -> {
            try {
                return call.proceed();
            } catch (Unauthorized expired) {
                tokens.refresh();
                return call.proceed(); // the same attempt, once more
            }
        });
        // @end
        // @start region="intercept-async"
        dispatcher.interceptAsync(
                FetchUser.class,
                call -> call.proceed()
                        .exceptionallyCompose(error -> tokens.refreshAsync().thenCompose(refreshed -> call.proceed())));
        // @end
    }

    static void interceptDispatch(Dispatcher dispatcher, ThreadLocal<String> tenant) {
        // @start region="intercept-dispatch"
        dispatcher.interceptDispatch(job -> {
            String mine = tenant.get(); // on the thread that dispatches
            return call -> {
                tenant.set(mine); // on the job's thread
                try {
                    return call.proceed();
                } finally {
                    tenant.remove();
                }
            };
        });
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

    record Upload(Path file) implements Job<String> {}

    // @start region="job-with-options"
    record Export(Path to) implements JobWithOptions<Void> {
        @Override
        public JobOptions options() {
            return JobOptions.builder().timeout(Duration.ofMinutes(5)).build();
        }
    }
    // @end

    static void options(Dispatcher dispatcher, Path file) {
        // @start region="options"
        JobHandle<String> upload = dispatcher.dispatch(
                new Upload(file),
                JobOptions.builder()
                        .timeout(Duration.ofSeconds(30)) // for all attempts, and the time between them
                        .attemptTimeout(Duration.ofSeconds(10))
                        .retry(RetryPolicy.exponential(3, Duration.ofSeconds(1)).retryOn(IOException.class))
                        .joinRunning("upload:" + file) // a second one with this key joins the one in flight
                        .build());
        upload.cancel("the user pressed Cancel");
        // @end
    }

    static Dispatcher limits(SignalBus bus, Api api) {
        // @start region="limits"
        var dispatcher = Dispatcher.builder()
                .bus(bus)
                .limit(RunLimit.of(64).orWait()) // of all jobs
                .build();
        dispatcher.register(
                FetchUser.class,
                new FetchUserExecutor(api),
                JobOptions.builder().limit(RunLimit.of(4).orQueue(100)).build()); // of this type
        // @end
        return dispatcher;
    }

    static void token(Dispatcher dispatcher, List<Path> files) {
        // @start region="token"
        var token = new CancellationToken();
        for (Path file : files) {
            dispatcher.dispatch(
                    new Upload(file), JobOptions.builder().token(token).build());
        }
        token.cancel("the window was closed");
        // @end
    }

    static void onCancel(Dispatcher dispatcher, SocketChannel channel) {
        // @start region="on-cancel"
        dispatcher.register(Ping.class, (job, context) -> {
            context.onCancel(channel); // closes it, which ends a read that knows no interrupt
            return answerOf(channel);
        });
        // @end
    }

    static String answerOf(SocketChannel channel) throws IOException {
        return channel.getRemoteAddress().toString();
    }

    record Search(String text) implements Job<List<String>> {}

    static final class SearchOrchestrator extends BaseOrchestrator<List<String>> {
        SearchOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(List.of(), dispatcher, bus);
        }

        // @start region="dispatch-latest"
        void textChanged(String text) {
            dispatchLatest("search", new Search(text)); // the previous search is cancelled
        }
        // @end
    }

    @SuppressWarnings("serial")
    // @start region="non-retryable"
    static final class WrongPassword extends Exception implements NonRetryable {}
    // @end

    @SuppressWarnings("serial")
    static final class Busy extends IOException {
        Duration retryAfter() {
            return Duration.ofSeconds(7);
        }
    }

    static RetryPolicy retry() {
        // @start region="retry"
        var policy = RetryPolicy.exponential(5, Duration.ofSeconds(1)) // five attempts in all
                .cap(Duration.ofSeconds(20))
                .maxElapsed(Duration.ofMinutes(2))
                .retryOn(IOException.class)
                .abortOn(FileNotFoundException.class) // although it is an IOException
                .delayFrom(error -> error instanceof Busy busy ? Optional.of(busy.retryAfter()) : Optional.empty());
        // @end
        return policy;
    }

    // @start region="track"
    record Profile(AsyncState<User> user, String note) {
        Profile withUser(AsyncState<User> next) {
            return new Profile(next, note);
        }
    }

    static final class ProfileOrchestrator extends BaseOrchestrator<Profile> {
        ProfileOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(new Profile(AsyncState.idle(), ""), dispatcher, bus);
            track(FetchUser.class, Profile::withUser);
        }

        void refresh(long userId) {
            dispatch(new FetchUser(userId)); // loading, ready, failed: the state follows
        }
    }
    // @end

    record Todo(Optimistic<List<String>> items) {
        Todo withItems(Optimistic<List<String>> next) {
            return new Todo(next);
        }
    }

    record LoadItems() implements Job<List<String>> {}

    record AddItem(String text) implements Job<Void> {}

    record ItemsChanged() implements Event {}

    // @start region="patches"
    static final class TodoOrchestrator extends BaseOrchestrator<Todo> {
        private final Patches<List<String>> items = patches(Todo::items, Todo::withItems);

        TodoOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(new Todo(Optimistic.of(List.of())), dispatcher, bus);
            on(AddItem.class).failure((job, error) -> effect(new ShowMessage("not added: " + job.text())));
        }

        void add(String text) { // on the screen at once; gone again if the job fails
            items.apply(before -> with(before, text), new AddItem(text));
        }
    }
    // @end

    // @start region="refetch"
    static final class ItemsOrchestrator extends BaseOrchestrator<List<String>> {
        private final Refetch items = refetch(LoadItems::new)
                .every(Duration.ofMinutes(1))
                .on(ItemsChanged.class)
                .onSuccess(AddItem.class);

        ItemsOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(List.of(), dispatcher, bus);
            on(LoadItems.class).success((job, loaded) -> emit(loaded));
        }

        void refresh() {
            items.now();
        }
    }
    // @end

    private static List<String> with(List<String> items, String one) {
        return Stream.concat(items.stream(), Stream.of(one)).toList();
    }

    static List<String> optimistic() {
        // @start region="optimistic"
        var items = Optimistic.of(List.of("milk"))
                .apply("AddItem-1", before -> with(before, "bread"))
                .apply("AddItem-2", before -> with(before, "salt")); // value(): milk, bread, salt
        var settled = items.confirm("AddItem-2").undo("AddItem-1"); // value(): milk, salt
        // @end
        return settled.value();
    }

    static String text(AsyncState<User> user) {
        // @start region="async-state"
        return switch (user) {
            case AsyncState.Idle<User>() -> "";
            case AsyncState.Loading<User> loading -> loading.last().isPresent() ? "refreshing ..." : "loading ...";
            case AsyncState.Ready<User> ready -> ready.value().name();
            case AsyncState.Failed<User> failed ->
                "not loaded: " + failed.error().getMessage();
        };
        // @end
    }

    static void select(ProfileOrchestrator profile, List<String> shown) {
        // @start region="select"
        profile.onState(Profile::note, shown::add); // called when the note changes, whatever else does
        // @end
    }

    static void combine(ProfileOrchestrator profile, SearchOrchestrator search, List<String> shown) {
        // @start region="combine"
        Flow.Publisher<String> title =
                profile.combine(search, (mine, found) -> mine.note() + ": " + found.size() + " found");
        // @end
        title.subscribe(new EachValue<>(shown::add));
    }

    record ShowMessage(String text) {}

    static final class SavingOrchestrator extends BaseOrchestrator<String> {
        SavingOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super("", dispatcher, bus);
            // @start region="effects"
            on(Ping.class).success((job, answer) -> effect(new ShowMessage("It answers: " + answer)));
            // @end
        }
    }

    record Withdraw(long account, long cents) implements Job<String> {}

    record Deposit(long account, long cents) implements Job<String> {}

    record TakeBack(String receipt) implements Job<Void> {}

    static void transfer(Dispatcher dispatcher, long from, long to, long cents) throws Exception {
        // @start region="saga"
        Saga transfer = Saga.named("transfer");
        try {
            transfer.step(
                    () -> dispatcher.run(new Withdraw(from, cents)), receipt -> dispatcher.run(new TakeBack(receipt)));
            transfer.step(
                    () -> dispatcher.run(new Deposit(to, cents)), receipt -> dispatcher.run(new TakeBack(receipt)));
            transfer.commit();
        } catch (Exception e) {
            transfer.rollback(); // newest first
            throw e;
        }
        // @end
    }

    record Order(long account, long cents, List<String> items) {}

    record Pack(String item) implements Job<String> {}

    record Unpack(String parcel) implements Job<Void> {}

    // @start region="saga-flow"
    static final SagaStep<Order, String> PAY = SagaStep.<Order, String>of(
                    "pay", order -> new Withdraw(order.account(), order.cents()))
            .with(JobOptions.builder().timeout(Duration.ofSeconds(10)).build())
            .undo((order, receipt) -> new TakeBack(receipt))
            .undoWith(JobOptions.builder()
                    .retry(RetryPolicy.exponential(5, Duration.ofSeconds(1)))
                    .build());

    static final SagaStep<String, String> PACK =
            SagaStep.<String, String>of("pack", Pack::new).undo((item, parcel) -> new Unpack(parcel));

    static final SagaDefinition<Order, List<String>> SHOP = Saga.define(
            "shop",
            SagaFlow.<Order>input()
                    .then(PAY, (order, receipt) -> order) // the next step needs the order again
                    .map(Order::items)
                    .then(SagaFlow.forEach(4, PACK)));
    // @end
}
