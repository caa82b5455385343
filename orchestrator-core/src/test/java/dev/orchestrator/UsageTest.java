package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The code that a user writes: pieces 1 to 5 of the usage guide, as they stand there, compiled and run. */
class UsageTest {
    record User(String name) {}

    record Profile(String text) {}

    record Summary(int lines) {}

    record UserState(@Nullable User user, String text) {
        static final UserState EMPTY = new UserState(null, "empty");

        UserState loading() {
            return new UserState(user, "loading");
        }

        UserState loaded(User loaded) {
            return new UserState(loaded, "loaded");
        }

        UserState failed(Throwable error) {
            return new UserState(user, "failed: " + error.getMessage());
        }

        UserState at(double fraction) {
            return new UserState(user, "at " + fraction);
        }

        UserState saved(Profile saved) {
            return new UserState(user, "saved " + saved.text());
        }

        UserState idle() {
            return new UserState(user, "idle");
        }

        UserState slow() {
            return new UserState(user, "slow");
        }
    }

    static final class Api {
        User user(long id) {
            if (id < 0) throw new IllegalArgumentException("no user " + id);
            return new User("user " + id);
        }
    }

    static final Api api = new Api();

    // ---- 1. A job, its executor, its orchestrator ----

    record FetchUser(long userId) implements Job<User> {} // just the request: dispatch gives it its id

    record UserLoggedOut(long userId) implements Event {} // an event of the user's own: any record

    record Ping() implements Job<String> {}

    record Fetch(String request) implements Job<String> {}

    static final class FetchUserExecutor extends BaseExecutor<FetchUser, User> {
        @Override
        protected User process(FetchUser job, JobContext context) throws Exception {
            context.progress(0.5, "asking the server");
            return api.user(job.userId()); // plain blocking code: it has a virtual thread of its own
        }
    }

    static final class UserOrchestrator extends BaseOrchestrator<UserState> {
        UserOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(UserState.EMPTY, dispatcher, bus);
        }

        UserOrchestrator() {
            super(UserState.EMPTY);
        } // the seed's way: the global dispatcher and bus

        void load(long userId) {
            update(UserState::loading);
            dispatch(new FetchUser(userId)); // fire and forget
        }

        void logOut(long userId) {
            signal(new UserLoggedOut(userId));
        } // an event onto my bus; emit(...) is for the state

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            if (event.data() instanceof User user) update(state -> state.loaded(user));
        }

        @Override
        protected void onActiveFailure(JobFailureEvent event) {
            update(state -> state.failed(event.error()));
        }

        @Override
        protected void onPassiveEvent(Event event) {
            if (event instanceof UserLoggedOut) emit(UserState.EMPTY);
        }
    }

    static final class Import extends BaseJob<Summary> { // as in the seed: a job that brings its own id
        Import(String id, Path file) {
            super(id, Map.of("file", file));
        }
    }

    static final class Http {
        CompletionStage<String> sendAsync(String request) {
            return CompletableFuture.completedFuture(request);
        }
    }

    @Test
    void a_job_its_executor_and_its_orchestrator() throws Exception {
        var http = new Http();
        var logged = new CopyOnWriteArrayList<Object>();
        var states = new CopyOnWriteArrayList<UserState>();
        Flow.Subscriber<UserState> subscriber = new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(UserState state) {
                states.add(state);
            }

            @Override
            public void onError(Throwable error) {
                throw new AssertionError(error);
            }

            @Override
            public void onComplete() {}
        };
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(FetchUser.class, new FetchUserExecutor());
            dispatcher.register(Ping.class, (job, context) -> "pong"); // a lambda is an executor too
            dispatcher.registerAsync(
                    Fetch.class,
                    (job, context) -> http.sendAsync(job.request()).thenApply(String::trim)); // no thread is held
            var users = new UserOrchestrator(dispatcher, bus);
            users.states().subscribe(subscriber); // Flow.Publisher<UserState>
            users.onState(state -> logged.add(state.text())); // closeable
            bus.subscribe(UserLoggedOut.class, event -> logged.add(event.userId()));
            bus.subscribeWithInfo(
                    JobSuccessEvent.class,
                    (event, info) -> logged.add(List.of(info.correlationId() != null, info.causationId() == null)));
            users.load(42);
            users.awaitIdle(Duration.ofSeconds(5)); // for programs and tests: no job, no event, no state under way
            assertThat(users.state()).isEqualTo(new UserState(new User("user 42"), "loaded"));
            bus.emit(new UserLoggedOut(42));
            users.awaitIdle(Duration.ofSeconds(5));
            assertThat(users.state()).isEqualTo(UserState.EMPTY);
            users.load(-1);
            users.awaitIdle(Duration.ofSeconds(5));
            assertThat(users.state().text()).isEqualTo("failed: no user -1");
            users.logOut(7);
            users.awaitIdle(Duration.ofSeconds(5));
            assertThat(states).endsWith(UserState.EMPTY);
            assertThat(logged).contains("loaded", 42L, 7L, List.of(true, true));
            assertThat(dispatcher.run(new Ping())).isEqualTo("pong");
            assertThat(dispatcher.run(new Fetch(" body "))).isEqualTo("body");
        }
    }

    @Test
    void the_seeds_way_uses_the_global_dispatcher_and_bus() throws Exception {
        try (var registration = Dispatcher.global().register(FetchUser.class, new FetchUserExecutor());
                var users = new UserOrchestrator()) {
            users.load(1);
            users.awaitIdle(Duration.ofSeconds(5));
            assertThat(registration).isNotNull();
            assertThat(users.state().user()).isEqualTo(new User("user 1"));
        }
    }

    @Test
    void a_job_may_bring_its_own_id() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(
                    Import.class,
                    (job, context) -> new Summary(
                            String.valueOf(job.metadata().get("file")).length()));
            var handle = dispatcher.dispatch(new Import("import-1", Path.of("a.csv")));
            assertThat(handle.id()).isEqualTo("import-1");
            assertThat(handle.await(Duration.ofSeconds(5))).isEqualTo(new JobResult.Success<>(new Summary(5)));
        }
    }

    // ---- 2. Typed handlers ----

    record SaveProfile(Profile profile) implements Job<Profile> {}

    static final class TypedOrchestrator extends BaseOrchestrator<UserState> {
        TypedOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(UserState.EMPTY, dispatcher, bus);
            on(FetchUser.class) // active: my own jobs
                    .success((job, user) -> update(state -> state.loaded(user))) // user is a User: the compiler knows
                    .failure((job, error) -> update(state -> state.failed(error)))
                    .progress((job, progress) -> update(state -> state.at(progress.fraction())));
            on(SaveProfile.class)
                    .ended((job, result) -> update(
                            state -> switch (result) { // the compiler checks it
                                case JobResult.Success<Profile>(Profile saved) -> state.saved(saved);
                                case JobResult.Failure<Profile>(Throwable error) -> state.failed(error);
                                case JobResult.Cancelled<Profile> cancelled -> state.idle();
                                case JobResult.TimedOut<Profile> timedOut -> state.slow();
                            }));
            observe(UserLoggedOut.class, event -> emit(UserState.EMPTY)); // passive, by event type
            observeSuccess(
                    SaveProfile.class, (job, profile) -> update(state -> state.saved(profile))); // somebody's job
        }

        void save(Profile profile) {
            dispatch(new SaveProfile(profile));
        }

        void load(long id) {
            dispatch(new FetchUser(id));
        }
    }

    @Test
    void typed_handlers_for_those_who_do_not_want_instanceof() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(FetchUser.class, new FetchUserExecutor());
            dispatcher.register(SaveProfile.class, (job, context) -> job.profile());
            var mine = new TypedOrchestrator(dispatcher, bus);
            var other = new TypedOrchestrator(dispatcher, bus);
            other.start();
            mine.load(3);
            mine.awaitIdle(Duration.ofSeconds(5));
            assertThat(mine.state().user()).isEqualTo(new User("user 3"));
            mine.save(new Profile("new"));
            mine.awaitIdle(Duration.ofSeconds(5));
            assertThat(mine.state().text()).isEqualTo("saved new");
            other.awaitIdle(Duration.ofSeconds(5));
        }
    }

    // ---- 3. Options, at the job or at the dispatch ----

    record Receipt(String text) {}

    record Upload(Path file) implements Job<Receipt> {}

    record Search(String text) implements Job<List<String>> {}

    record Thumbnail(Path image) implements Job<String> {}

    static final class ThumbnailExecutor extends BaseExecutor<Thumbnail, String> {
        @Override
        protected String process(Thumbnail job, JobContext context) {
            return Thread.currentThread().getName() + " made " + job.image();
        }
    }

    record Export(Path to) implements JobWithOptions<Void> { // a job that brings its options
        @Override
        public JobOptions options() {
            return JobOptions.builder().timeout(Duration.ofMinutes(5)).build();
        }
    }

    static final class UploadOrchestrator extends BaseOrchestrator<UserState> {
        UploadOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(UserState.EMPTY, dispatcher, bus);
        }

        JobHandle<Receipt> begin(Path file) {
            JobHandle<Receipt> upload = dispatch(
                    new Upload(file),
                    JobOptions.builder()
                            .timeout(Duration.ofSeconds(30))
                            .retry(RetryPolicy.exponential(3, Duration.ofSeconds(1))
                                    .retryOn(IOException.class))
                            .joinRunning("upload:" + file) // a second one with this key joins the one in flight
                            .build());
            return upload;
        }

        JobHandle<List<String>> search(String text) {
            return dispatchLatest("search", new Search(text)); // the previous search is cancelled
        }

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            update(state -> new UserState(null, String.valueOf(event.data())));
        }

        @Override
        protected void onActiveCancelled(JobCancelledEvent event) {
            update(state -> state.idle());
        }
    }

    @Test
    @SuppressWarnings("NullAway") // the one value of Void
    void options_at_the_job_or_at_the_dispatch() throws Exception {
        var time = new VirtualTime();
        try (var bus = SignalBus.builder().time(time).build();
                var dispatcher = Dispatcher.create(bus);
                var cpuPool = Executors.newFixedThreadPool(
                        1, task -> Thread.ofPlatform().name("cpu").unstarted(task))) {
            var sending = new Gate();
            dispatcher.register(Upload.class, (job, context) -> {
                if (context.attempt() == 1) throw new IOException("connection reset");
                return sending.pass(new Receipt("of " + job.file()));
            });
            var retrying = new RecordedEvents();
            bus.subscribe(JobRetryingEvent.class, retrying);
            var users = new UploadOrchestrator(dispatcher, bus);
            JobHandle<Receipt> upload = users.begin(Path.of("a.txt"));
            TestWork.until(() -> retrying.of(JobRetryingEvent.class).size() == 1, "the first attempt did not fail");
            TestWork.until(() -> time.pending() == 2, "the time in all and the wait for the second attempt");
            time.advance(Duration.ofSeconds(1)); // the longest that the wait can be
            sending.awaitArrival();
            JobHandle<Receipt> second = users.begin(Path.of("a.txt"));
            assertThat(upload.cancel("the user pressed Cancel")).isTrue();
            assertThat(upload.await(Duration.ofSeconds(5)))
                    .isEqualTo(new JobResult.Cancelled<>("the user pressed Cancel"));
            sending.open();
            assertThat(second.await(Duration.ofSeconds(5))).isEqualTo(new JobResult.Success<>(new Receipt("of a.txt")));

            var searching = new Gate();
            dispatcher.register(
                    Search.class,
                    (job, context) -> job.text().equals("a") ? searching.pass(List.of()) : List.of(job.text()));
            JobHandle<List<String>> previous = users.search("a");
            searching.awaitArrival();
            JobHandle<List<String>> latest = users.search("ab");
            assertThat(latest.await(Duration.ofSeconds(5))).isEqualTo(new JobResult.Success<>(List.of("ab")));
            assertThat(previous.await(Duration.ofSeconds(5))).isInstanceOf(JobResult.Cancelled.class);
            users.awaitIdle(Duration.ofSeconds(5));
            assertThat(users.state().text()).isEqualTo("[ab]");

            dispatcher.register(
                    Thumbnail.class,
                    new ThumbnailExecutor(), // work that computes: platform threads of its own
                    JobOptions.builder()
                            .worker(cpuPool)
                            .timeout(Duration.ofMinutes(1))
                            .build());
            assertThat(dispatcher.run(new Thumbnail(Path.of("a.png")))).isEqualTo("cpu made a.png");

            var exporting = new Gate();
            dispatcher.register(Export.class, (job, context) -> exporting.pass(null));
            var export = dispatcher.dispatch(new Export(Path.of("all.csv")));
            exporting.awaitArrival();
            time.advance(Duration.ofMinutes(5));
            assertThat(export.await(Duration.ofSeconds(5)))
                    .isEqualTo(new JobResult.TimedOut<Void>(Duration.ofMinutes(5)));
        }
        assertThat(time.pending()).isZero();
    }

    // ---- 4. Waiting for a result, where there is no orchestrator ----

    static String line(JobResult<User> result) {
        return switch (result) {
            case JobResult.Success<User>(User user) -> user.name();
            case JobResult.Failure<User>(Throwable error) -> "failed: " + error.getMessage();
            case JobResult.Cancelled<User>(String reason) -> "cancelled: " + reason;
            case JobResult.TimedOut<User>(Duration limit) -> "gave up after " + limit;
        };
    }

    @Test
    void waiting_for_a_result_where_there_is_no_orchestrator() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(FetchUser.class, new FetchUserExecutor());
            User user = dispatcher.run(new FetchUser(42)); // waits: the value, or the error
            assertThat(user).isEqualTo(new User("user 42"));
            JobResult<User> result = dispatcher.dispatch(new FetchUser(42)).await(Duration.ofSeconds(5));
            assertThat(line(result)).isEqualTo("user 42");
            assertThat(line(dispatcher.dispatch(new FetchUser(-1)).await(Duration.ofSeconds(5))))
                    .isEqualTo("failed: no user -1");
        }
    }

    // ---- 5. Around every job ----

    static final class Unauthorized extends Exception {
        private static final long serialVersionUID = 1;
    }

    static final class Tokens {
        private volatile boolean fresh;

        void refresh() {
            fresh = true;
        }

        void check() throws Unauthorized {
            if (!fresh) throw new Unauthorized();
        }
    }

    /** As the MDC of a logging library. */
    static final class MDC {
        private static final ThreadLocal<Map<String, String>> MAP = ThreadLocal.withInitial(Map::of);

        static Map<String, String> getCopyOfContextMap() {
            return Map.copyOf(MAP.get());
        }

        static void setContextMap(Map<String, String> map) {
            MAP.set(map);
        }

        static void clear() {
            MAP.remove();
        }
    }

    private final CopyOnWriteArrayList<Job<?>> counted = new CopyOnWriteArrayList<>();

    private void count(Job<?> job) {
        counted.add(job);
    }

    @Test
    void around_every_job() throws Exception {
        var tokens = new Tokens();
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(FetchUser.class, (job, context) -> {
                tokens.check();
                return new User(MDC.getCopyOfContextMap().get("request") + " " + job.userId());
            });
            dispatcher.intercept(
                    FetchUser.class,
                    call -> { // token refresh, tracing, metrics, circuit breaker
                        try {
                            return call.proceed();
                        } catch (Unauthorized e) {
                            tokens.refresh();
                            return call.proceed();
                        }
                    });
            dispatcher.interceptAll(call -> {
                count(call.job());
                return call.proceed();
            }); // whatever its type: call.job() is a Job<?>
            dispatcher.interceptDispatch(
                    job -> { // runs on the caller's thread, once per dispatch
                        var mdc = MDC.getCopyOfContextMap();
                        return call -> {
                            MDC.setContextMap(mdc);
                            try {
                                return call.proceed();
                            } finally {
                                MDC.clear();
                            }
                        };
                    });
            MDC.setContextMap(Map.of("request", "r7"));
            try {
                assertThat(dispatcher.run(new FetchUser(42))).isEqualTo(new User("r7 42"));
            } finally {
                MDC.clear();
            }
            assertThat(counted).containsExactly(new FetchUser(42), new FetchUser(42));
        }
    }

    // ---- 6. a workflow that undoes itself ----

    record Slip(String account, long amount) {}

    record Withdraw(String from, long amount) implements Job<Slip> {}

    record Deposit(String to, long amount) implements Job<Slip> {}

    record Refund(Slip receipt) implements Job<Void> {}

    record TakeBack(Slip receipt) implements Job<Void> {}

    private static void transfer(Dispatcher dispatcher, String from, String to, long amount) throws Exception {
        Saga transfer = Saga.named("transfer");
        try {
            transfer.step(
                    () -> dispatcher.run(new Withdraw(from, amount)), receipt -> dispatcher.run(new Refund(receipt)));
            transfer.step(
                    () -> dispatcher.run(new Deposit(to, amount)), receipt -> dispatcher.run(new TakeBack(receipt)));
            transfer.commit();
        } catch (Exception e) {
            transfer.rollback(); // newest first; one failing compensation does not stop the others
            throw e;
        }
    }

    @Test
    void a_workflow_that_undoes_itself() throws Exception {
        var accounts = new ConcurrentHashMap<>(Map.of("a", 10L, "b", 0L));
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Withdraw.class, (job, context) -> {
                accounts.merge(job.from(), -job.amount(), Long::sum);
                return new Slip(job.from(), job.amount());
            });
            dispatcher.register(Deposit.class, (job, context) -> {
                if (!accounts.containsKey(job.to())) throw new IOException("no account " + job.to());
                accounts.merge(job.to(), job.amount(), Long::sum);
                return new Slip(job.to(), job.amount());
            });
            dispatcher.register(Refund.class, (job, context) -> {
                accounts.merge(job.receipt().account(), job.receipt().amount(), Long::sum);
                return null;
            });
            dispatcher.register(TakeBack.class, (job, context) -> {
                accounts.merge(job.receipt().account(), -job.receipt().amount(), Long::sum);
                return null;
            });
            transfer(dispatcher, "a", "b", 4);
            assertThat(accounts).isEqualTo(Map.of("a", 6L, "b", 4L));
            assertThatThrownBy(() -> transfer(dispatcher, "a", "nowhere", 4)).hasMessage("no account nowhere");
            assertThat(accounts).isEqualTo(Map.of("a", 6L, "b", 4L));
        }
    }

    @Test
    void the_readme_s_transfer_is_the_compiled_one() throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/orchestrator/UsageTest.java"));
        int begin = source.indexOf("        Saga transfer = Saga.named");
        String example = source.substring(begin, source.indexOf("        }\n    }\n", begin) + "        }".length());
        assertThat(Files.readString(Path.of("../README.md"))).contains(example.stripIndent());
    }
}
