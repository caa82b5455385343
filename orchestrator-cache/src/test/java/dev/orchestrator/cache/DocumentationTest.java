package dev.orchestrator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Origin;
import dev.orchestrator.SignalBus;
import dev.orchestrator.cache.Snippets.FetchUser;
import dev.orchestrator.cache.Snippets.FetchUserExecutor;
import dev.orchestrator.cache.Snippets.RenameUser;
import dev.orchestrator.cache.Snippets.User;
import dev.orchestrator.cache.Snippets.UserOrchestrator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the pages show is compiled and does what they say; section 7 of the usage, as it stands. */
class DocumentationTest {
    private final AtomicInteger calls = new AtomicInteger();

    private User user(long id) {
        return new User(id, "name " + calls.incrementAndGet());
    }

    @ParameterizedTest
    @CsvSource({
        "cache, docs/cache.md",
        "cached, docs/cache.md",
        "invalidate, docs/cache.md",
        "page, docs/cache.md",
        "cached, README.md"
    })
    void the_pages_show_the_compiled_examples(String region, String page) throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/orchestrator/cache/Snippets.java"));
        int begin = source.indexOf('\n', source.indexOf("@start region=\"" + region + "\"")) + 1;
        String example = source.substring(begin, source.lastIndexOf('\n', source.indexOf("// @end", begin)));
        assertThat(Files.readString(Path.of("../" + page))).contains(example.stripIndent());
    }

    @Test
    void section_seven_of_the_usage() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var cache = JobCache.create(bus)) {
            dispatcher.register(
                    FetchUser.class,
                    Cached.with(cache, new FetchUserExecutor(this::user)) // orchestrator-cache
                            .key(FetchUser::userId)
                            .freshFor(Duration.ofMinutes(1))
                            .staleFor(Duration.ofHours(1)));
            assertThat(dispatcher.run(new FetchUser(42))).isEqualTo(new User(42, "name 1"));
            assertThat(dispatcher.run(new FetchUser(42))).isEqualTo(new User(42, "name 1"));
            assertThat(dispatcher.run(new FetchUser(7))).isEqualTo(new User(7, "name 2"));
        }
    }

    @Test
    void the_examples_run(@TempDir Path folder) throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var cache = Snippets.cache(bus, folder.resolve("users.db"));
                var users = new UserOrchestrator(dispatcher, bus)) {
            Snippets.register(dispatcher, cache, this::user);
            Snippets.invalidate(dispatcher, cache);
            dispatcher.register(RenameUser.class, (job, context) -> null);
            users.load(42);
            users.awaitIdle(Duration.ofSeconds(30));
            users.load(42);
            users.awaitIdle(Duration.ofSeconds(30));
            assertThat(users.state().user().last().orElseThrow().origin()).isEqualTo(Origin.CACHE);
            users.reload(42);
            users.awaitIdle(Duration.ofSeconds(30));
            assertThat(users.state().user().last().orElseThrow().value()).isEqualTo(new User(42, "name 2"));
            dispatcher.run(new RenameUser(42, "new"));
            assertThat(dispatcher.run(new FetchUser(42))).isEqualTo(new User(42, "name 3"));
            bus.emit(new Snippets.UsersImported());
            assertThat(dispatcher.run(new FetchUser(42))).isEqualTo(new User(42, "name 4"));
        }
    }

    @Test
    void a_file_that_cannot_be_opened_is_told_when_the_cache_is_made(@TempDir Path folder) throws Exception {
        try (var bus = SignalBus.scoped()) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> Snippets.cache(bus, folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(folder.toString());
        }
    }
}
