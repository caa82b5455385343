package dev.orchestrator.cache;

import static dev.orchestrator.cache.CacheWorld.HOUR;
import static dev.orchestrator.cache.CacheWorld.endingOf;
import static dev.orchestrator.cache.CacheWorld.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobDataEvent;
import dev.orchestrator.Origin;
import dev.orchestrator.cache.CacheWorld.Fetch;
import dev.orchestrator.cache.CacheWorld.Other;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second level: what was fetched is there after a restart, and what was invalidated is not fresh then either. */
class DiskTest {
    @TempDir
    private Path folder;

    private CacheWorld world;
    private Instant start = Instant.EPOCH;

    @AfterEach
    void close() {
        if (world != null) world.close();
    }

    private Path file() {
        return folder.resolve("cache.db");
    }

    private void restart() {
        restart(it -> it);
    }

    /** Ends the program, if there is one, and begins another one on the same file, at the same time of day. */
    private void restart(UnaryOperator<Cached<Fetch, String>> settings) {
        restartWithoutJobs();
        world.with(it -> settings.apply(it.freshFor(HOUR).onDisk(Fetch.class, "fetch", Codec.text())));
    }

    private void restartWithoutJobs() {
        if (world != null) {
            start = world.world.time().now();
            world.close();
        }
        world = new CacheWorld();
        Duration since = Duration.between(world.world.time().now(), start);
        if (!since.isNegative()) world.pass(since);
        world.reopen(bus -> JobCache.builder(bus).store(opened()).build());
    }

    private SqliteStore opened() {
        try {
            return SqliteStore.builder(file()).clock(world.world.time()::now).open();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void a_value_is_there_after_a_restart_as_old_as_it_is() {
        restart();
        world.fetched(1, "a");
        Instant came = world.world.time().now();
        world.pass(Duration.ofMinutes(30));
        restart();
        var again = world.fetch(1);
        assertThat(endingOf(again)).isEqualTo(success("a"));
        assertThat(world.originOf(again)).isEqualTo(Origin.CACHE);
        assertThat(world.successOf(again).asOf()).isEqualTo(came);
        assertThat(world.fetches).isEmpty();
        world.pass(Duration.ofMinutes(30));
        assertThat(endingOf(world.fetched(1, "b"))).isEqualTo(success("b"));
    }

    @Test
    void null_is_a_value_on_disk_too() {
        restart();
        world.fetched(1, null);
        restart();
        assertThat(endingOf(world.fetch(1))).isEqualTo(success(null));
        assertThat(world.fetches).isEmpty();
    }

    @Test
    void a_stale_value_from_the_disk_is_shown() {
        restart(it -> it.staleFor(HOUR));
        world.fetched(1, "a");
        world.pass(HOUR);
        restart(it -> it.staleFor(HOUR));
        var handle = world.fetch(1);
        assertThat(world.shown(handle)).containsExactly("STALE a");
        world.bring("b");
        assertThat(world.events.of(JobDataEvent.class)).hasSize(1);
    }

    @Test
    void what_was_invalidated_is_not_fresh_after_a_restart() {
        restart(it -> it.tagsOf((job, value) -> Set.of("id " + job.id())));
        for (int i = 1; i <= 6; i++) world.fetched(i, "value " + i);
        world.cache.invalidate(Entries.key(Fetch.class, 1L));
        world.cache.invalidate(Entries.tagged("id 2"));
        restart(it -> it.tagsOf((job, value) -> Set.of("id " + job.id())));
        assertThat(endingOf(world.fetch(3))).as("nobody meant it").isEqualTo(success("value 3"));
        for (int i = 1; i <= 2; i++) assertThat(endingOf(world.fetch(i))).isNull();
        assertThat(world.fetches).hasSize(2);
        world.fetches.forEach(fetch -> fetch.complete("new"));
    }

    @Test
    void predicates_and_types_mean_all_that_is_on_disk_alone() {
        restart();
        world.fetched(1, "a");
        restart();
        world.cache.invalidate(Entries.where(entry -> false));
        assertThat(endingOf(world.fetched(1, "b")))
                .as("when in doubt it is fetched anew")
                .isEqualTo(success("b"));
        restart();
        world.cache.invalidate(Entries.type(Fetch.class));
        restart();
        assertThat(endingOf(world.fetched(1, "c"))).isEqualTo(success("c"));
    }

    @Test
    void an_invalidation_counts_although_nobody_has_said_yet_what_is_on_disk() {
        for (Entries meant : new Entries[] {Entries.key(Fetch.class, 1L), Entries.type(Fetch.class)}) {
            restart();
            world.fetched(1, "a");
            restartWithoutJobs();
            world.cache.invalidate(meant);
            world.with(it -> it.freshFor(HOUR).onDisk(Fetch.class, "fetch", Codec.text()));
            assertThat(endingOf(world.fetched(1, "b"))).isEqualTo(success("b"));
            assertThat(world.fetches).hasSize(1);
            world.cache.clear();
        }
    }

    @Test
    void a_fetch_that_an_invalidation_overtook_is_not_fresh_on_disk_either() {
        restart();
        world.fetch(1);
        world.cache.invalidate(Entries.all());
        world.bring("older");
        restart();
        assertThat(endingOf(world.fetch(1))).isNull();
        world.bring("newer");
    }

    @Test
    void an_invalidation_that_comes_while_a_value_is_being_kept_counts() {
        restartWithoutJobs();
        var armed = new AtomicBoolean(true);
        world.with(it -> it.freshFor(HOUR)
                .onDisk(
                        Fetch.class,
                        "fetch",
                        Codec.of(
                                text -> {
                                    if (armed.getAndSet(false)) world.cache.invalidate(Entries.key(Fetch.class, 1L));
                                    return text.getBytes(StandardCharsets.UTF_8);
                                },
                                bytes -> new String(bytes, StandardCharsets.UTF_8))));
        var first = world.fetched(1, "a");
        assertThat(world.originOf(first)).isEqualTo(Origin.STALE);
        assertThat(endingOf(world.fetch(1))).as("it is not fresh in memory").isNull();
        world.bring("b");
        armed.set(true);
        restart();
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("b"));
    }

    @Test
    void an_older_fetch_that_comes_home_last_does_not_replace_what_is_newer() {
        restart(it -> it.staleFor(HOUR));
        world.fetch(1);
        world.cache.invalidate(Entries.all());
        world.fetch(1);
        world.bring("newer");
        world.fetches.getFirst().complete("older");
        world.world.runUntilIdle();
        restart();
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("newer"));
    }

    @Test
    void what_was_on_disk_before_clearing_is_not_taken_into_memory() {
        restart();
        world.fetched(1, "a");
        restart();
        world.cache.clear();
        assertThat(endingOf(world.fetch(1))).isNull();
        world.bring("b");
        assertThat(world.cache.size()).isOne();
    }

    @Test
    void clearing_empties_the_disk() {
        restart();
        world.fetched(1, "a");
        world.cache.clear();
        restart();
        assertThat(endingOf(world.fetch(1))).isNull();
        world.bring("b");
    }

    @Test
    void a_corrupt_file_is_put_aside_and_the_program_goes_on() throws Exception {
        restart();
        world.fetched(1, "a");
        world.close();
        Files.write(file(), new byte[4096]);
        world = null;
        restart();
        assertThat(endingOf(world.fetched(1, "b"))).isEqualTo(success("b"));
        restart();
        assertThat(endingOf(world.fetch(1))).isEqualTo(success("b"));
    }

    @Test
    void names_and_codecs_are_checked() {
        restart();
        assertThatThrownBy(() -> world.cached().onDisk(Fetch.class, " ", Codec.text()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fetch-user");
        assertThatThrownBy(() -> Cached.with(world.cache, (Other job, dev.orchestrator.JobContext context) -> "")
                        .onDisk(Other.class, "fetch", Codec.text()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fetch")
                .hasMessageContaining("Other");
    }
}
