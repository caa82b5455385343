package dev.orchestrator.cache;

import static dev.orchestrator.cache.SqliteStoreTest.LATER;
import static dev.orchestrator.cache.SqliteStoreTest.NOW;
import static dev.orchestrator.cache.SqliteStoreTest.user;
import static dev.orchestrator.cache.SqliteStoreTest.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a store can be, what is said where it cannot, and a disk that is full. */
class SqlitePlaceTest {
    private final MovableClock clock = new MovableClock(NOW);
    private final List<Exception> troubles = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    Path folder;

    @AfterEach
    void nothing_had_to_be_got_over() {
        assertThat(troubles).isEmpty();
    }

    private SqliteStore open(Path file) throws IOException {
        return SqliteStore.builder(file).clock(clock).onTrouble(troubles::add).open();
    }

    private static void inDatabase(Path file, String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            for (String sql : statements) statement.execute(sql);
        }
    }

    @Test
    void a_missing_folder_is_made() throws Exception {
        Path file = folder.resolve("a/b/cache.db");
        open(file).close();
        assertThat(file).isRegularFile();
    }

    @Test
    void a_name_may_have_any_characters() throws Exception {
        Path file = folder.resolve("a b?c=d%20#e;\u00e9/file:cache?mode=memory.db");
        try (var store = open(file)) {
            store.save(user(1), value("Ada"));
        }
        assertThat(file).isRegularFile();
        try (var store = open(file)) {
            assertThat(store.load(user(1))).isPresent();
        }
    }

    @Test
    void a_link_leads_to_the_one_file() throws Exception {
        Path file = folder.resolve("real/cache.db");
        open(file).close();
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), file);
        try (var one = open(file);
                var two = open(link)) {
            one.save(user(1), value("Ada"));
            assertThat(two.load(user(1))).isPresent();
        }
        assertThat(folder.resolve("link.db-opening")).doesNotExist();
    }

    @Test
    void a_folder_is_refused() {
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(IOException.class)
                .hasMessage("cache file " + folder + ": it is a folder. Name a file in it.");
    }

    @Test
    void a_folder_that_is_a_file_is_refused() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> open(folder.resolve("file/cache.db")))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("its folder is missing and cannot be made. Choose another.");
    }

    @Test
    void another_file_system_is_refused() throws Exception {
        try (var zip = FileSystems.newFileSystem(
                URI.create("jar:" + folder.resolve("a.zip").toUri()), Map.of("create", "true"))) {
            assertThatThrownBy(() -> open(zip.getPath("/cache.db"))).hasMessageContaining("which SQLite cannot read");
        }
    }

    @Test
    void a_folder_that_cannot_be_written_is_refused() throws Exception {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        assumeTrue(locked.toFile().setWritable(false));
        try {
            assumeFalse(Files.isWritable(locked), "the superuser may write everywhere");
            assertThatThrownBy(() -> open(locked.resolve("cache.db")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("its folder cannot be written")
                    .hasMessageContaining("choose another");
        } finally {
            locked.toFile().setWritable(true);
        }
    }

    @Test
    void a_file_that_cannot_be_written_is_refused() throws Exception {
        Path file = folder.resolve("cache.db");
        open(file).close();
        assumeTrue(file.toFile().setWritable(false));
        assumeFalse(Files.isWritable(file), "the superuser may write everywhere");
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it cannot be written. Let this process write it");
    }

    @Test
    void a_database_of_something_else_is_refused_and_left_alone() throws Exception {
        Path file = folder.resolve("app.db");
        inDatabase(file, "CREATE TABLE customer (name TEXT)", "INSERT INTO customer VALUES ('Ada')");
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("a database of something else, and was left alone. Choose another path.");
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void a_later_version_is_refused_and_left_alone() throws Exception {
        Path file = folder.resolve("cache.db");
        open(file).close();
        inDatabase(file, "PRAGMA user_version = 2");
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it has version 2, and this library knows 1")
                .hasMessageContaining("delete the file");
        assertThat(file).exists();
    }

    @Test
    void a_full_disk_fails_a_save_and_nothing_else() throws Exception {
        Path file = folder.resolve("cache.db");
        try (var store = open(file)) {
            store.save(user(1), value("Ada", "tag"));
            limitPages(store, "(SELECT page_count + 3 FROM pragma_page_count)");
            var large = new StoredValue(new byte[100_000], NOW, LATER, false, Set.of("tag"));
            for (StoreKey key : new StoreKey[] {user(1), user(2)}) {
                assertThatThrownBy(() -> store.save(key, large))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("there is no room left. Nothing was changed.");
            }
            assertThat(store.load(user(1))).contains(value("Ada", "tag"));
            assertThat(store.load(user(2))).isEmpty();
            store.invalidateTag("tag");
            assertThat(store.load(user(1)).orElseThrow().invalidated()).isTrue();
            limitPages(store, "1000000");
            store.save(user(2), large);
            assertThat(store.load(user(2))).contains(large);
        }
        try (var store = open(file)) {
            assertThat(store.load(user(1)).orElseThrow().invalidated()).isTrue();
            assertThat(store.load(user(2))).isPresent();
        }
    }

    private static void limitPages(SqliteStore store, String pages) throws IOException {
        store.access().call((session, call) -> {
            long most = session.number("SELECT " + pages);
            session.execute("PRAGMA max_page_count = " + most);
            return session;
        });
    }

    @Test
    void a_file_that_another_keeps_locked_says_so() throws Exception {
        Path file = folder.resolve("cache.db");
        try (var store = open(file);
                var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            store.access().call((session, call) -> {
                session.execute("PRAGMA busy_timeout = 1");
                return session;
            });
            statement.execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> store.save(user(1), value("Ada")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process or store keeps it locked");
            assertThat(store.load(user(1))).isEmpty();
            statement.execute("ROLLBACK");
            store.save(user(1), value("Ada"));
            assertThat(store.load(user(1))).isPresent();
        }
    }
}
