package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is wrong with a database is said with what to do about it, nothing that was accepted is lost by it, and when it is
 * over the same store goes on (P1).
 */
class StoreTroubleTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    Path folder;

    private static Store open(DurableStore where) {
        return JdbcStore.open(where, StoreTesting.SETTINGS);
    }

    private static Store.Dispatched dispatch(Store store, String id) {
        return store.dispatch(JobToStore.of(id).job());
    }

    private static Store.Claim claim(Store store, String id) throws Exception {
        try (Connection connection = store.queue().getConnection();
                var statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("update orch_queue set picked = true, picked_by = 'n', version = 2"
                            + " where task_instance = '" + id + "'"))
                    .isEqualTo(1);
        }
        return new Store.Claim(id, "t@1", 2, "n");
    }

    // ---- files ----

    @Test
    void aFullDiskRefusesWhatIsNewAndKeepsTheRest() throws Exception {
        try (Store store = open(DurableStore.sqlite(folder.resolve("jobs.db")))) {
            dispatch(store, "before");
            Store.Claim claim = claim(store, "before");
            limitPages(store, 1); // which is no less than there are
            var accepted = new ArrayList<String>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1_000; i++) {
                            store.dispatch(JobToStore.of("j" + i)
                                    .payload("\"" + "x".repeat(5_000) + "\"")
                                    .job());
                            accepted.add("j" + i);
                        }
                    })
                    .isInstanceOf(DurableStoreException.class)
                    .hasMessageContaining("full")
                    .hasMessageContaining("make room");
            assertThat(store.find("before")).isPresent();
            limitPages(store, 1_000_000);
            assertThat(store.end(claim, new Store.Ending.Success("1"), 1, null, null))
                    .containsExactly("before");
            assertThat(dispatch(store, "after")).isEqualTo(new Store.Dispatched.Added(true));
            accepted.addAll(List.of("before", "after"));
            assertThat(store.find(JobFilter.all(), 0, 2_000).jobs())
                    .extracting(DurableJob::id)
                    .containsExactlyInAnyOrderElementsOf(accepted);
        }
    }

    private static void limitPages(Store store, int pages) throws Exception {
        try (Connection connection = store.queue().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("pragma max_page_count = " + pages);
        }
    }

    private void refused(Path file, String why) {
        assertThatThrownBy(() -> open(DurableStore.sqlite(file)).close())
                .isInstanceOf(DurableStoreException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(why);
    }

    @Test
    void aNameThatWouldOpenAnotherFileIsRefused() {
        assertThatThrownBy(() -> DurableStore.sqlite(Path.of("jobs?mode=memory.db")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("question mark")
                .hasMessageContaining("another name");
    }

    @Test
    void whatIsNoDatabaseIsNotTouched() throws Exception {
        Path file = folder.resolve("letter.txt");
        String text = "Dear Sir or Madam, ".repeat(500);
        Files.writeString(file, text);
        refused(file, "no SQLite database");
        assertThat(file).hasContent(text);
    }

    @Test
    void aDamagedFileIsNamed() throws Exception {
        Path file = folder.resolve("jobs.db");
        try (Store store = open(DurableStore.sqlite(file))) {
            for (int i = 0; i < 100; i++) dispatch(store, "j" + i);
        }
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = 8_192; at < raw.length(); at += 512) {
                raw.seek(at);
                raw.write("damaged".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
        }
        assertThatThrownBy(() -> {
                    try (Store store = open(DurableStore.sqlite(file))) {
                        store.find(JobFilter.all(), 0, 1_000);
                    }
                })
                .isInstanceOf(DurableStoreException.class)
                .hasMessageContaining("damaged")
                .hasMessageContaining("Restore it");
    }

    @Test
    void aFolderIsNoFile() throws Exception {
        refused(Files.createDirectory(folder.resolve("jobs.db")), "cannot be opened");
        refused(folder.resolve("missing").resolve("jobs.db"), "Its folder must exist");
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may write everywhere");
        assertThat(folder.toFile().setWritable(false)).isTrue();
        try {
            refused(folder.resolve("jobs.db"), "writable");
        } finally {
            assertThat(folder.toFile().setWritable(true)).isTrue();
        }
    }

    // ---- PostgreSQL ----

    /** A pool that does not wait for long, as the one that a user brings. */
    private static HikariDataSource pool(String url) {
        var pool = new HikariConfig();
        pool.setJdbcUrl(url);
        pool.setUsername("postgres");
        pool.setPassword("");
        pool.setMaximumPoolSize(12);
        pool.setMinimumIdle(1);
        pool.setConnectionTimeout(300);
        pool.setInitializationFailTimeout(-1);
        return new HikariDataSource(pool);
    }

    private interface Try {
        void run() throws Exception;
    }

    /** Tries it again until the store does it. */
    private static void untilItWorks(Try step) throws Exception {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                step.run();
                return;
            } catch (DurableStoreException notYet) {
                if (System.nanoTime() > until) throw notYet;
            }
        }
    }

    @Test
    void aServerThatIsKilledIsWaitedForByWhoeverTriesAgain() throws Exception {
        try (var server = new PostgresServer();
                HikariDataSource pool = pool(server.newDatabase());
                Store store = open(DurableStore.postgres(pool))) {
            for (String id : List.of("a", "b")) dispatch(store, id);
            Store.Claim claim = claim(store, "a");
            server.kill();

            var steps = new ArrayList<Callable<Boolean>>();
            for (Try step : List.<Try>of(
                    () -> store.find("a"),
                    () -> dispatch(store, "c"),
                    () -> store.cancel("b", "x"),
                    () -> store.end(claim, new Store.Ending.Success("0"), 1, null, null),
                    () -> store.alive(new Store.Node("n", "h", 1, 1), Duration.ofSeconds(1), List.of())))
                steps.add(() -> {
                    assertThatThrownBy(step::run)
                            .isInstanceOf(DurableStoreException.class)
                            .hasMessageContaining("the connection is broken or cannot be made");
                    return true;
                });
            StoreTesting.atOnce(steps);

            server.start();
            untilItWorks(() -> dispatch(store, "d"));
            untilItWorks(() -> store.end(claim, new Store.Ending.Success("1"), 1, null, null));
            assertThat(store.find(JobFilter.all(), 0, 10).jobs())
                    .extracting(DurableJob::id)
                    .containsExactly("a", "b", "d");
            assertThat(store.find("a").orElseThrow().result()).isEqualTo("1");
            for (int i = 0; i < 20; i++) dispatch(store, "later" + i); // no broken connection is left
        }
    }

    @Test
    void aDatabaseThatIsNotThereIsNamed() throws Exception {
        String url = PostgresServer.shared().newDatabase() + "_not";
        try (HikariDataSource pool = pool(url)) {
            assertThatThrownBy(() -> open(DurableStore.postgres(pool)))
                    .isInstanceOf(DurableStoreException.class)
                    .hasMessageContaining("there is no such database");
        }
    }

    @Test
    void storesWakeEachOtherAlsoAfterTheirConnectionsWereCut() throws Exception {
        DurableStore where = PostgresServer.shared().newStore();
        var wokenA = new Semaphore(0);
        var wokenB = new Semaphore(0);
        try (Store a = open(where);
                Store b = open(where)) {
            a.onWake(wokenA::release);
            b.onWake(wokenB::release);
            wakes(a, wokenB);
            wakes(b, wokenA);
            try (Connection connection = a.queue().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where query ilike"
                        + " 'listen orch_wake' and datname = current_database()");
            }
            wakes(a, wokenB);
            wakes(b, wokenA);
        }
        try (Store silent = open(where.withoutNotify())) {
            silent.onWake(() -> {
                throw new AssertionError();
            });
            silent.wakeOthers();
        }
    }

    @Test
    void nothingIsPreparedOnAServerBehindAPooler() throws Exception {
        try (Store silent = open(PostgresServer.shared().newStore().withoutNotify());
                Connection connection = silent.users().getConnection();
                var often = connection.prepareStatement("select ?");
                var counting = connection.createStatement()) {
            for (int i = 0; i < 20; i++) {
                often.setInt(1, i);
                often.executeQuery().close();
            }
            try (var prepared = counting.executeQuery("select count(*) from pg_prepared_statements")) {
                assertThat(prepared.next()).isTrue();
                assertThat(prepared.getInt(1)).isZero();
            }
        }
    }

    /** Again and again, as one that is lost is made up for by the poll. */
    private static void wakes(Store from, Semaphore woken) throws InterruptedException {
        woken.drainPermits();
        long until = System.nanoTime() + PATIENCE_NANOS;
        do {
            assertThat(System.nanoTime()).isLessThan(until);
            from.wakeOthers();
        } while (!woken.tryAcquire(50, TimeUnit.MILLISECONDS));
    }
}
