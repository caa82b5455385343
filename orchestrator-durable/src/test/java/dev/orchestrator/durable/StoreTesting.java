package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.durable.Store.Ending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * The stores that a class of tests runs on: in memory, on a SQLite file, on PostgreSQL. They are opened once for a class, and
 * empty at the beginning of each test.
 */
abstract class StoreTesting {
    /** Where the jobs are. */
    enum Where {
        MEMORY,
        SQLITE,
        POSTGRES
    }

    static final Settings SETTINGS = new Settings(
            0, Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofDays(1), Duration.ofSeconds(1), 3);

    /** More than everything takes here, and less than a test of a hang should. */
    private static final long PATIENCE_SECONDS = 60;

    private static final List<String> TABLES = List.of(
            "orch_queue",
            "orch_job",
            "orch_attempt",
            "orch_event",
            "orch_action",
            "orch_limit",
            "orch_slot",
            "orch_slot_wait",
            "orch_node",
            "orch_node_task",
            "orch_content",
            "orch_chunk",
            "orch_need");

    private record Opened(Store store, Store other) {}

    private static final Map<Where, Opened> OPENED = new EnumMap<>(Where.class);

    final Where where;

    /** One process's view of the database. */
    Store store;

    /** Another one's; the same where a database cannot be opened twice. */
    Store other;

    StoreTesting(Where where) {
        this.where = where;
    }

    @BeforeEach
    void empty() {
        Opened opened = OPENED.computeIfAbsent(where, StoreTesting::open);
        store = opened.store;
        other = opened.other;
        for (String table : TABLES) sql("delete from " + table);
    }

    private static Opened open(Where where) {
        DurableStore database = database(where);
        Store store = JdbcStore.open(database, SETTINGS);
        return new Opened(store, where == Where.MEMORY ? store : JdbcStore.open(database, SETTINGS));
    }

    /** A fresh and empty one. */
    static DurableStore database(Where where) {
        return switch (where) {
            case MEMORY -> DurableStore.inMemory();
            case SQLITE -> DurableStore.sqlite(newFile());
            case POSTGRES -> PostgresServer.shared().newStore();
        };
    }

    private static Path newFile() {
        try {
            Path folder = Files.createTempDirectory("orchestrator-store");
            folder.toFile().deleteOnExit();
            for (String end : List.of("", "-wal", "-shm"))
                folder.resolve("jobs.db" + end).toFile().deleteOnExit();
            return folder.resolve("jobs.db");
        } catch (IOException trouble) {
            throw new UncheckedIOException(trouble);
        }
    }

    @AfterAll
    static void close() {
        for (Opened opened : OPENED.values()) {
            opened.store.close();
            opened.other.close();
        }
        OPENED.clear();
    }

    // ---- short words for what every test does ----

    Dispatched dispatch(JobToStore job) {
        return store.dispatch(job.job());
    }

    DurableJob job(String id) {
        return store.find(id).orElseThrow();
    }

    static Ending success(String result) {
        return new Ending.Success(result);
    }

    static Ending.Failure failure(String text) {
        return new Ending.Failure("java.lang.IllegalStateException", text, "{\"text\":\"" + text + "\"}");
    }

    static FailedAttempt failedAttempt(int number, String text) {
        Instant at = Instant.ofEpochMilli(1_000L * number);
        return new FailedAttempt(number, "n1", at, at.plusMillis(7), "java.io.IOException", text, "at Somewhere");
    }

    List<String> end(Claim claim, Ending ending) {
        return store.end(claim, ending, 1, null, null);
    }

    /** As db-scheduler claims a work, whether it is due or not. */
    Claim claim(String work, String node) {
        try (Connection connection = store.queue().getConnection();
                var claiming = connection.prepareStatement("update orch_queue set picked = true, picked_by = ?,"
                        + " version = version + 1 where task_instance = ? and picked = false");
                var reading = connection.prepareStatement(
                        "select task_name, version from orch_queue where task_instance = ?")) {
            claiming.setString(1, node);
            claiming.setString(2, work);
            assertThat(claiming.executeUpdate()).as("%s can be claimed", work).isEqualTo(1);
            reading.setString(1, work);
            try (var row = reading.executeQuery()) {
                row.next();
                return new Claim(work, row.getString(1), row.getLong(2), node);
            }
        } catch (SQLException trouble) {
            throw new IllegalStateException(trouble);
        }
    }

    Claim claim(String work) {
        return claim(work, "n1");
    }

    /** The works in the queue that nobody has, in the order in which they are claimed. */
    List<String> queued() {
        return texts("select task_instance from orch_queue where picked = false order by priority desc, execution_time,"
                + " task_instance");
    }

    /** As the clock of the database says it then. */
    void timePasses(Duration time) {
        sql("update orch_job set deadline = deadline - " + time.toMillis());
    }

    void sql(String change) {
        try (Connection connection = store.queue().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(change);
        } catch (SQLException trouble) {
            throw new IllegalStateException(trouble);
        }
    }

    List<String> texts(String query) {
        try (Connection connection = store.queue().getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            var all = new ArrayList<String>();
            while (row.next()) all.add(row.getString(1));
            return all;
        } catch (SQLException trouble) {
            throw new IllegalStateException(trouble);
        }
    }

    /** Runs all at the same time, each on a thread of its own; gives what they gave, in their order. */
    static <T> List<T> atOnce(List<Callable<T>> tasks) throws Exception {
        var start = new CyclicBarrier(tasks.size());
        var results = new ArrayList<T>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<T>>();
            for (Callable<T> task : tasks)
                running.add(threads.submit(() -> {
                    start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    return task.call();
                }));
            for (Future<T> each : running) results.add(each.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        return results;
    }
}
