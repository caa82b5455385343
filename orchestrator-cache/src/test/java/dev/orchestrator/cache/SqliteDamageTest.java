package dev.orchestrator.cache;

import static dev.orchestrator.cache.SqliteStoreTest.user;
import static dev.orchestrator.cache.SqliteStoreTest.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the file, the store goes on, and never gives out what was not saved. */
class SqliteDamageTest {
    private static final int ENTRIES = 200;

    private final MovableClock clock = new MovableClock(SqliteStoreTest.NOW);
    private final List<Exception> troubles = new ArrayList<>();

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("cache.db");
    }

    private SqliteStore open() throws Exception {
        return SqliteStore.builder(file()).clock(clock).onTrouble(troubles::add).open();
    }

    private void fill() throws Exception {
        try (var store = open()) {
            for (int i = 0; i < ENTRIES; i++) store.save(user(i), saved(i));
            store.invalidateTag("odd");
        }
    }

    private static StoredValue saved(int i) {
        return value(("value " + i + " ").repeat(40), "all", i % 2 == 0 ? "even" : "odd");
    }

    private List<String> putAside() throws Exception {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".corrupt-"))
                    .sorted()
                    .toList();
        }
    }

    private void assertThatItIsPutAsideAndBegunAnew() throws Exception {
        byte[] damaged = Files.readAllBytes(file());
        try (var store = open()) {
            assertThat(store.load(user(1))).isEmpty();
            store.save(user(1), value("new"));
            assertThat(store.load(user(1))).contains(value("new"));
        }
        assertThat(putAside()).first().isEqualTo("cache.db.corrupt-20260301T120000123Z");
        assertThat(folder.resolve(putAside().get(0))).hasBinaryContent(damaged);
        assertThat(troubles)
                .singleElement()
                .satisfies(trouble -> assertThat(trouble)
                        .hasMessageStartingWith("cache file " + file().toRealPath() + ": it was damaged (")
                        .hasMessageEndingWith(
                                "It is now cache.db.corrupt-20260301T120000123Z, and a new one is begun."));
        troubles.clear();
        try (var store = open()) {
            assertThat(store.load(user(1))).contains(value("new"));
        }
        assertThat(troubles).isEmpty();
    }

    @Test
    void garbage_is_put_aside() throws Exception {
        var garbage = new byte[10_000];
        new Random(1).nextBytes(garbage);
        Files.write(file(), garbage);
        assertThatItIsPutAsideAndBegunAnew();
    }

    @Test
    void a_text_file_is_put_aside() throws Exception {
        Files.writeString(file(), "no database");
        assertThatItIsPutAsideAndBegunAnew();
    }

    @Test
    void a_truncated_file_is_put_aside() throws Exception {
        fill();
        try (var channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2 + 77);
        }
        assertThatItIsPutAsideAndBegunAnew();
    }

    @Test
    void an_empty_file_is_a_new_one() throws Exception {
        Files.createFile(file());
        try (var store = open()) {
            store.save(user(1), value("new"));
        }
        assertThat(putAside()).isEmpty();
        assertThat(troubles).isEmpty();
    }

    @Test
    void a_log_and_a_shared_memory_without_a_file_are_no_harm() throws Exception {
        Files.write(folder.resolve("cache.db-wal"), new byte[5000]);
        Files.write(folder.resolve("cache.db-shm"), new byte[50]);
        try (var store = open()) {
            store.save(user(1), value("new"));
            assertThat(store.load(user(1))).contains(value("new"));
        }
        assertThat(troubles).isEmpty();
    }

    /**
     * Bytes are overwritten: a file is put aside, or a value is gone or not fresh any more; and none is another than the one
     * that was saved, or fresh again.
     */
    @Test
    void no_value_is_invented_whichever_bytes_are_overwritten() throws Exception {
        fill();
        byte[] sound = Files.readAllBytes(file());
        int told = 0;
        for (int seed = 0; seed < 150; seed++) {
            var random = new Random(seed);
            byte[] bytes = sound.clone();
            var noise = new byte[1 + random.nextInt(seed % 3 == 0 ? 3000 : 4)];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, bytes, random.nextInt(bytes.length - noise.length), noise.length);
            deleteAll();
            Files.write(file(), bytes);
            clock.advance(Duration.ofSeconds(1));
            troubles.clear();
            try (var store = open()) {
                for (int i = 0; i < ENTRIES; i++) {
                    Optional<StoredValue> loaded = store.load(user(i));
                    if (loaded.isPresent())
                        assertThat(loaded.get()).as("seed " + seed).isIn(expected(i), invalidated(i));
                    else assertThat(troubles).as("seed " + seed).isNotEmpty();
                }
                if (!troubles.isEmpty()) told++;
                store.save(user(1), value("new"));
                assertThat(store.load(user(1))).contains(value("new"));
            }
        }
        assertThat(told).isGreaterThan(50);
    }

    private static StoredValue expected(int i) {
        return i % 2 == 1 ? invalidated(i) : saved(i);
    }

    private static StoredValue invalidated(int i) {
        StoredValue saved = saved(i);
        return new StoredValue(saved.bytes(), saved.asOf(), saved.keepUntil(), true, saved.tags());
    }

    private void deleteAll() throws Exception {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) Files.delete(file);
        }
    }

    /** The open store's file is overwritten page by page, as a bad disk would. */
    @Test
    void damage_is_got_over_while_the_store_is_open() throws Exception {
        fill();
        try (var store = open()) {
            overwrite(store);
            for (int i = 0; i < ENTRIES; i++) {
                Optional<StoredValue> loaded = store.load(user(i));
                if (loaded.isPresent()) assertThat(loaded.get()).isIn(expected(i), invalidated(i));
            }
            assertThat(troubles).isNotEmpty();
            assertThat(putAside()).isNotEmpty();
            store.save(user(1), value("new"));
            assertThat(store.load(user(1))).contains(value("new"));
        }
    }

    @Test
    void a_save_and_an_invalidation_get_over_damage_too() throws Exception {
        fill();
        try (var store = open()) {
            overwrite(store);
            store.save(user(500), value("new", "odd"));
            assertThat(store.load(user(500))).contains(value("new", "odd"));
        }
        fillAgain();
        try (var store = open()) {
            overwrite(store);
            store.invalidateTag("even");
            assertThat(store.load(user(2)).map(StoredValue::invalidated)).isNotEqualTo(Optional.of(false));
        }
        assertThat(putAside()).hasSizeGreaterThanOrEqualTo(2);
    }

    private void fillAgain() throws Exception {
        clock.advance(Duration.ofSeconds(1));
        fill();
    }

    /** And makes SQLite forget the pages that it has read. */
    private void overwrite(SqliteStore store) throws Exception {
        try (var bytes = new RandomAccessFile(file().toFile(), "rw")) {
            var noise = new byte[(int) bytes.length() - 4096];
            new Random(2).nextBytes(noise);
            bytes.seek(4096);
            bytes.write(noise);
        }
        store.access().call((session, call) -> {
            session.execute("PRAGMA shrink_memory");
            return session;
        });
    }

    @Test
    void a_file_that_is_emptied_while_it_is_open_is_got_over() throws Exception {
        fill();
        try (var store = open()) {
            new RandomAccessFile(file().toFile(), "rw").setLength(0);
            store.load(user(3));
            store.save(user(3), value("new"));
            assertThat(store.load(user(3))).contains(value("new"));
        }
        try (var store = open()) {
            assertThat(store.load(user(3))).contains(value("new"));
        }
    }

    @Test
    void a_file_that_is_deleted_while_it_is_open_is_begun_anew() throws Exception {
        fill();
        try (var store = open();
                var other = open()) {
            store.save(user(1), value("old"));
            Files.delete(file());
            assertThat(store.load(user(1))).isEmpty();
            other.save(user(1), value("new"));
            store.invalidate(user(1));
            assertThat(other.load(user(1)).orElseThrow().invalidated()).isTrue();
        }
        try (var store = open()) {
            assertThat(store.load(user(1)).orElseThrow().invalidated()).isTrue();
        }
    }

    @Test
    void a_value_that_was_changed_on_the_disk_is_removed_and_told() throws Exception {
        fill();
        byte[] bytes = Files.readAllBytes(file());
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int copies = 0; // some are left over where pages were split
        for (int at = text.indexOf("value 7 v"); at >= 0; at = text.indexOf("value 7 v", at + 320)) {
            bytes[at] ^= 1;
            copies++;
        }
        assertThat(copies).isPositive();
        Files.write(file(), bytes);
        try (var store = open()) {
            assertThat(troubles).isEmpty();
            assertThat(store.load(user(7))).isEmpty();
            assertThat(troubles)
                    .singleElement()
                    .satisfies(trouble -> assertThat(trouble)
                            .hasMessageEndingWith("a value of kind fetch-user was damaged. It is removed.")
                            .message()
                            .doesNotContain("id=7"));
            assertThat(store.load(user(7))).isEmpty();
            assertThat(troubles).hasSize(1);
            assertThat(store.load(user(8))).contains(expected(8));
        }
    }

    /** The log holds pages of another store, with sums that are right: SQLite takes them in. */
    @Test
    void a_log_of_another_file_is_put_aside_with_the_file() throws Exception {
        try (var store =
                SqliteStore.builder(folder.resolve("other.db")).clock(clock).open()) {
            for (int i = 0; i < ENTRIES; i++) store.save(user(i), value("of the other"));
            Files.copy(folder.resolve("other.db-wal"), folder.resolve("left-behind"));
        }
        fill();
        Files.copy(folder.resolve("left-behind"), folder.resolve("cache.db-wal"));
        try (var store = open()) {
            for (int i = 0; i < ENTRIES; i++) assertThat(store.load(user(i))).isEmpty();
            store.save(user(1), value("new"));
            assertThat(store.load(user(1))).contains(value("new"));
        }
        assertThat(troubles)
                .singleElement()
                .satisfies(trouble -> assertThat(trouble).hasMessageContaining("it was damaged ("));
    }

    /** Its own file has lost its name, and SQLite would go on with it for ever. */
    @Test
    void a_store_follows_when_another_puts_the_file_aside() throws Exception {
        fill();
        try (var store = open()) {
            assertThat(store.load(user(2))).isPresent();
            try (var other = open()) {
                overwrite(other);
                for (int i = 0; i < ENTRIES; i++) other.load(user(i));
                assertThat(putAside()).isNotEmpty();
                other.save(user(2), value("new", "even"));
                store.invalidateTag("even");
                assertThat(other.load(user(2)).orElseThrow().invalidated()).isTrue();
                store.save(user(4), value("of the first"));
                assertThat(other.load(user(4))).contains(value("of the first"));
            }
            assertThat(store.load(user(4))).contains(value("of the first"));
        }
        try (var store = open()) {
            assertThat(store.load(user(2)).orElseThrow().invalidated()).isTrue();
            assertThat(store.load(user(4))).contains(value("of the first"));
        }
    }

    @Test
    void the_latest_three_are_kept_with_what_was_beside_them() throws Exception {
        for (int i = 0; i < 5; i++) {
            clock.advance(Duration.ofMinutes(1));
            Files.writeString(file(), "damaged " + i);
            Files.writeString(folder.resolve("cache.db-wal"), "log " + i);
            open().close();
        }
        assertThat(putAside())
                .filteredOn(name -> name.endsWith("Z"))
                .hasSize(3)
                .allSatisfy(name -> assertThat(folder.resolve(name)).content().startsWith("damaged"));
        assertThat(folder.resolve(putAside().get(0))).hasContent("damaged 2");
        assertThat(troubles).hasSize(5);
    }

    /** That what it throws is logged, is not shown here. */
    private static final Logger LOG = Logger.getLogger("dev.orchestrator.cache");

    @Test
    void a_handler_of_troubles_may_use_the_store_and_may_throw() throws Exception {
        fill();
        LOG.setLevel(Level.OFF);
        var stores = new ArrayList<SqliteStore>();
        var inside = new ArrayList<Optional<StoredValue>>();
        try (var store = SqliteStore.builder(file())
                .clock(clock)
                .onTrouble(trouble -> {
                    try {
                        inside.add(stores.get(0).load(user(1)));
                    } catch (Exception e) {
                        inside.add(Optional.of(value("it threw " + e)));
                    }
                    throw new IllegalStateException("of the handler");
                })
                .open()) {
            stores.add(store);
            overwrite(store);
            for (int i = 0; i < ENTRIES; i++) store.load(user(i));
            assertThat(inside).isNotEmpty().containsOnly(Optional.empty());
        } finally {
            LOG.setLevel(null);
        }
    }
}
