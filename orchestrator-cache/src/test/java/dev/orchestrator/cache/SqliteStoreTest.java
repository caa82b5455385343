package dev.orchestrator.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store on disk does with values, as long as nothing goes wrong. */
class SqliteStoreTest {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");
    static final Instant LATER = NOW.plus(Duration.ofDays(1));

    private final MovableClock clock = new MovableClock(NOW);
    private final List<Exception> troubles = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    Path folder;

    @AfterEach
    void nothing_had_to_be_got_over() {
        assertThat(troubles).isEmpty();
    }

    private SqliteStore store;

    static StoredValue value(String text, String... tags) {
        return new StoredValue(text.getBytes(StandardCharsets.UTF_8), NOW, LATER, false, Set.of(tags));
    }

    static StoreKey user(int id) {
        return new StoreKey("fetch-user", "id=" + id);
    }

    private SqliteStore.Builder builder() {
        return SqliteStore.builder(folder.resolve("cache.db")).clock(clock).onTrouble(troubles::add);
    }

    @BeforeEach
    void open() throws Exception {
        store = builder().open();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void reopen() throws Exception {
        store.close();
        open();
    }

    private boolean isFresh(StoreKey key) throws Exception {
        return !store.load(key).orElseThrow().invalidated();
    }

    @Test
    void what_was_saved_is_loaded_as_it_was() throws Exception {
        var value = new StoredValue(new byte[] {0, -1, 7}, NOW, LATER, false, Set.of("user:1", "team"));
        store.save(user(1), value);
        assertThat(store.load(user(1))).contains(value);
    }

    @Test
    void nothing_is_loaded_where_nothing_was_saved() throws Exception {
        store.save(user(1), value("Ada"));
        assertThat(store.load(user(2))).isEmpty();
        assertThat(store.load(new StoreKey("fetch-team", "id=1"))).isEmpty();
    }

    @Test
    void a_null_value_and_an_empty_one_are_different_values() throws Exception {
        var isNull = new StoredValue(null, NOW, LATER, false, Set.of());
        var isEmpty = new StoredValue(new byte[0], NOW, LATER, false, Set.of());
        store.save(user(1), isNull);
        store.save(user(2), isEmpty);
        assertThat(store.load(user(1))).contains(isNull).isNotEqualTo(store.load(user(2)));
        assertThat(store.load(user(2))).contains(isEmpty);
    }

    @Test
    void every_moment_and_every_text_is_kept_exactly() throws Exception {
        var key = new StoreKey("kind \u0000 \uD83D\uDE00 'x'", "");
        var value = new StoredValue(null, Instant.MIN, Instant.MAX, true, Set.of("", "a\u0000b", "\uD83D\uDE00"));
        store.save(key, value);
        reopen();
        assertThat(store.load(key)).contains(value);
    }

    @Test
    void a_later_value_replaces_the_one_before_with_its_tags() throws Exception {
        store.save(user(1), value("Ada", "old"));
        store.save(user(1), value("Alan", "new"));
        store.invalidateTag("old");
        assertThat(store.load(user(1))).contains(value("Alan", "new"));
    }

    @Test
    void a_value_that_was_saved_after_an_invalidation_is_fresh() throws Exception {
        store.save(user(1), value("Ada"));
        store.invalidateAll();
        store.save(user(1), value("Ada"));
        assertThat(isFresh(user(1))).isTrue();
    }

    @Test
    void an_invalidated_value_is_kept_and_not_fresh_even_after_a_reopening() throws Exception {
        store.save(user(1), value("Ada", "tag"));
        store.save(user(2), value("Alan"));
        store.invalidate(user(1));
        reopen();
        assertThat(store.load(user(1))).contains(new StoredValue("Ada".getBytes(), NOW, LATER, true, Set.of("tag")));
        assertThat(isFresh(user(2))).isTrue();
    }

    @Test
    void a_tag_a_kind_and_everything_can_be_invalidated() throws Exception {
        var team = new StoreKey("fetch-team", "id=1");
        store.save(user(1), value("Ada", "a", "b"));
        store.save(user(2), value("Alan", "b"));
        store.save(team, value("Team"));
        store.invalidateTag("a");
        assertThat(isFresh(user(1))).isFalse();
        assertThat(isFresh(user(2))).isTrue();
        store.invalidateKind("fetch-user");
        assertThat(isFresh(user(2))).isFalse();
        assertThat(isFresh(team)).isTrue();
        store.invalidateAll();
        assertThat(isFresh(team)).isFalse();
    }

    @Test
    void what_is_not_there_can_be_invalidated_and_removed() throws Exception {
        store.invalidate(user(1));
        store.invalidateTag("nobody");
        store.invalidateKind("nothing");
        store.remove(user(1));
        assertThat(store.load(user(1))).isEmpty();
    }

    @Test
    void what_was_removed_or_cleared_is_gone() throws Exception {
        store.save(user(1), value("Ada", "tag"));
        store.save(user(2), value("Alan"));
        store.save(user(3), value("Grace"));
        store.remove(user(1));
        assertThat(store.load(user(1))).isEmpty();
        assertThat(store.load(user(2))).isPresent();
        store.clear();
        reopen();
        assertThat(store.load(user(2))).isEmpty();
        assertThat(store.load(user(3))).isEmpty();
    }

    @Test
    void a_value_is_kept_until_its_moment_and_no_longer() throws Exception {
        store.save(user(1), value("Ada"));
        clock.set(LATER.minusNanos(1));
        assertThat(store.load(user(1))).isPresent();
        clock.set(LATER);
        assertThat(store.load(user(1))).isEmpty();
    }

    @Test
    void rows_whose_time_is_over_leave_the_file_at_an_opening() throws Exception {
        for (int i = 0; i < 600; i++) store.save(user(i), value("old"));
        clock.set(LATER);
        reopen();
        assertThat(rows("entry")).isZero();
        assertThat(rows("content")).isZero();
    }

    @Test
    void rows_whose_time_is_over_leave_the_file_while_others_are_saved() throws Exception {
        for (int i = 0; i < 100; i++) store.save(user(i), value("old", "tag"));
        clock.set(LATER);
        for (int i = 100; i < 200; i++) store.save(user(i), new StoredValue(null, LATER, Instant.MAX, false, Set.of()));
        assertThat(rows("entry")).isEqualTo(100);
        assertThat(rows("tag")).isZero();
    }

    @Test
    void beyond_the_maximum_the_oldest_go() throws Exception {
        store.close();
        store = builder().maximumEntries(3).open();
        for (int age : new int[] {3, 1, 5, 2, 4})
            store.save(user(age), new StoredValue(null, NOW.minusNanos(age), LATER, false, Set.of("all")));
        assertThat(rows("entry")).isEqualTo(3);
        for (int age : new int[] {1, 2, 3}) assertThat(store.load(user(age))).isPresent();
        store.save(user(2), new StoredValue(null, NOW, LATER, false, Set.of()));
        assertThat(rows("entry")).isEqualTo(3);
    }

    @Test
    void a_smaller_maximum_holds_from_the_opening_on() throws Exception {
        for (int i = 0; i < 700; i++)
            store.save(user(i), new StoredValue(null, NOW.plusSeconds(i), LATER, false, Set.of()));
        store.close();
        store = builder().maximumEntries(10).open();
        assertThat(rows("entry")).isEqualTo(10);
        assertThat(store.load(user(699))).isPresent();
    }

    @Test
    void those_whose_time_is_over_make_room_first() throws Exception {
        store.close();
        store = builder().maximumEntries(2).open();
        store.save(user(1), new StoredValue(null, NOW, LATER, false, Set.of()));
        store.save(user(2), new StoredValue(null, NOW.minusSeconds(9), Instant.MAX, false, Set.of()));
        clock.set(LATER);
        store.save(user(3), new StoredValue(null, LATER, Instant.MAX, false, Set.of()));
        assertThat(store.load(user(2))).isPresent();
        assertThat(store.load(user(3))).isPresent();
    }

    @Test
    void a_huge_value_is_kept() throws Exception {
        var bytes = new byte[50 << 20];
        for (int i = 0; i < bytes.length; i += 997) bytes[i] = (byte) i;
        store.save(user(1), new StoredValue(bytes, NOW, LATER, false, Set.of()));
        reopen();
        assertThat(store.load(user(1)).orElseThrow().bytes()).isEqualTo(bytes);
        store.remove(user(1));
        store.save(user(2), value("small"));
        reopen();
        assertThat(Files.size(folder.resolve("cache.db"))).isLessThan(60 << 20);
    }

    @Test
    void a_value_that_is_too_large_is_refused_and_the_one_before_stays() throws Exception {
        store.save(user(1), value("Ada"));
        store.access().call((session, call) -> {
            session.limitValues(1000);
            return session;
        });
        var large = new StoredValue(new byte[2000], NOW, LATER, false, Set.of());
        assertThatThrownBy(() -> store.save(user(1), large))
                .hasMessageContaining("larger than SQLite takes")
                .hasMessageContaining("cache.db");
        assertThat(store.load(user(1))).contains(value("Ada"));
    }

    @Test
    void a_closed_store_refuses_and_can_be_closed_again() {
        store.close();
        store.close();
        assertThatThrownBy(() -> store.load(user(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed. Open it again to use it.");
        assertThatThrownBy(() -> store.save(user(1), value(""))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.invalidateAll()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void half_a_character_is_refused() {
        var half = new StoreKey("kind", "\uD83D");
        assertThatThrownBy(() -> store.load(half)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.save(half, value(""))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.save(user(1), value("", "\uDE00"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.invalidateTag("\uDE00")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_closed_file_is_one_file_and_an_empty_lock() throws Exception {
        store.save(user(1), value("Ada"));
        store.close();
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("cache.db", "cache.db-opening");
        }
        assertThat(folder.resolve("cache.db-opening")).isEmptyFile();
    }

    private long rows(String table) throws Exception {
        return store.access().call((session, call) -> session.number("SELECT count(*) FROM " + table));
    }
}
