package dev.orchestrator.cache;

import dev.orchestrator.AsyncState;
import dev.orchestrator.BaseExecutor;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** The examples in the Javadoc, in docs/cache.md and in the README, which draw them from here. */
final class Snippets {
    private Snippets() {}

    record User(long id, String name) {}

    record UserPage(AsyncState<User> user) {
        UserPage withUser(AsyncState<User> next) {
            return new UserPage(next);
        }
    }

    interface Api {
        User user(long id) throws IOException;
    }

    static final class FetchUserExecutor extends BaseExecutor<FetchUser, User> {
        private final Api api;

        FetchUserExecutor(Api api) {
            this.api = api;
        }

        @Override
        protected User process(FetchUser job, JobContext context) throws Exception {
            return api.user(job.userId());
        }
    }

    record FetchUser(long userId) implements Job<User> {}

    record RenameUser(long userId, String name) implements Job<Void> {}

    record UsersImported() implements Event {}

    record UserRenamed(long userId) implements Event {}

    static JobCache cache(SignalBus bus, Path file) throws IOException {
        // @start region="cache"
        var cache = JobCache.builder(bus)
                .maximumSize(50_000) // values in memory
                .store(SqliteStore.open(file)) // what is there after a restart
                .build();
        // @end
        return cache;
    }

    static void register(Dispatcher dispatcher, JobCache cache, Api api) {
        // @start region="cached"
        dispatcher.register(
                FetchUser.class,
                Cached.with(cache, new FetchUserExecutor(api))
                        .key(FetchUser::userId)
                        .freshFor(Duration.ofMinutes(1)) // given without asking
                        .staleFor(Duration.ofHours(1)) // shown, while the executor is asked
                        .tagsOf((job, user) -> Set.of("users")));
        // @end
    }

    static void invalidate(Dispatcher dispatcher, JobCache cache) {
        // @start region="invalidate"
        cache.invalidate(Entries.tagged("users")); // now: by key, type, tag or predicate
        cache.invalidate(Entries.type(FetchUser.class)).on(UsersImported.class); // and whenever that happens
        cache.invalidateOn(UserRenamed.class, event -> Entries.key(FetchUser.class, event.userId()));
        cache.invalidateAfter( // before anybody is told of the success: who loads again then gets what is new
                dispatcher, RenameUser.class, job -> Entries.key(FetchUser.class, job.userId()));
        // @end
    }

    // @start region="page"
    static final class UserOrchestrator extends BaseOrchestrator<UserPage> {
        UserOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(new UserPage(AsyncState.idle()), dispatcher, bus);
            track(FetchUser.class, UserPage::withUser); // what the cache has, then what is new
        }

        void load(long userId) {
            dispatch(new FetchUser(userId));
        }

        void reload(long userId) {
            dispatch(new FetchUser(userId), CacheMode.REFRESH.options());
        }
    }
    // @end
}
