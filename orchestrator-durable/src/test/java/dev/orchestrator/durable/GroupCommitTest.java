package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many writers share one commit, and a write that fails takes no other with it, whatever it fails of. Each batch here
 * gathers while the one before it is held up.
 */
@ParameterizedClass
@EnumSource
class GroupCommitTest {
    private final Database database;
    private final CountDownLatch go = new CountDownLatch(1);

    /** All are written by the same thread. */
    private final List<String> ids = ids(40);

    GroupCommitTest(StoreTesting.Where where) {
        database = Database.open(StoreTesting.database(where));
    }

    private static List<String> ids(int many) {
        var ids = new ArrayList<String>();
        for (int i = 0; ids.size() < many; i++) if (("x" + i).hashCode() % 4 == 0) ids.add("x" + i);
        return ids;
    }

    @BeforeEach
    void makeTable() {
        database.writeAlone(session -> session.update("create table written (id text primary key)"));
    }

    @AfterEach
    void close() {
        go.countDown();
        database.close();
    }

    private CompletableFuture<Integer> add(String id) {
        return database.writeLater(id, session -> insert(session, id));
    }

    private static int insert(Session session, String id) throws SQLException {
        return session.update("insert into written (id) values (?)", id);
    }

    private List<String> written() {
        return database.read(
                session -> session.list("select id from written where id <> 'held'", row -> row.getString(1)));
    }

    /** Returns when a batch is being written that ends when the latch says so. */
    private void holdUp() throws InterruptedException {
        var held = new CountDownLatch(1);
        database.writeLater(ids.getFirst(), session -> {
            held.countDown();
            awaited(go);
            return insert(session, "held");
        });
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaited(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException nobodysWish) {
            throw new IllegalStateException(nobodysWish);
        }
    }

    /** A step that may throw what the code before it does not allow. */
    private static <T> Step<T> step(Callable<T> code) {
        return session -> {
            try {
                return code.call();
            } catch (SQLException | RuntimeException asItIs) {
                throw asItIs;
            } catch (Exception other) {
                throw new IllegalStateException(other);
            }
        };
    }

    @Test
    void thoseThatWaitAreWrittenInOneTransaction() throws Exception {
        Set<Session> transactions = ConcurrentHashMap.newKeySet();
        holdUp();
        var all = new ArrayList<CompletableFuture<Integer>>();
        for (String id : ids)
            all.add(database.writeLater(id, session -> {
                transactions.add(session);
                assertThat(session.isGroup()).isTrue();
                return insert(session, id);
            }));
        assertThat(all).noneMatch(CompletableFuture::isDone);
        go.countDown();
        for (CompletableFuture<Integer> each : all)
            assertThat(Database.done(each)).isEqualTo(1);
        assertThat(transactions).hasSize(1);
        assertThat(written()).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void noneIsTakenAlongByOneThatFails() throws Exception {
        var claim = new Store.Claim("w", "t@1", 1, "n");
        Map<String, Step<Integer>> failing = new LinkedHashMap<>();
        failing.put("refused", session -> session.update("insert into no_such_table (id) values (1)"));
        failing.put("twice", session -> insert(session, "twice") + insert(session, "twice"));
        failing.put("bug", session -> {
            insert(session, "bug");
            throw new IllegalStateException("a bug");
        });
        failing.put("lost", session -> {
            throw new LostClaimException(claim);
        });
        failing.put("error", session -> {
            insert(session, "error");
            throw new AssertionError("an error");
        });
        holdUp();
        var good = new ArrayList<CompletableFuture<Integer>>();
        Map<String, CompletableFuture<Integer>> bad = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) good.add(add(ids.get(i)));
        failing.forEach((name, step) -> bad.put(name, database.writeLater(ids.getFirst(), step)));
        for (int i = 20; i < 40; i++) good.add(add(ids.get(i)));
        go.countDown();

        for (CompletableFuture<Integer> each : good)
            assertThat(Database.done(each)).isEqualTo(1);
        assertThatThrownBy(() -> Database.done(bad.get("refused"))).isInstanceOf(DurableStoreException.class);
        assertThatThrownBy(() -> Database.done(bad.get("twice"))).isInstanceOf(DurableStoreException.class);
        assertThatThrownBy(() -> Database.done(bad.get("bug"))).hasMessage("a bug");
        assertThatThrownBy(() -> Database.done(bad.get("lost"))).isInstanceOf(LostClaimException.class);
        assertThatThrownBy(() -> Database.done(bad.get("error"))).isInstanceOf(AssertionError.class);
        assertThat(written()).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void oneThatHasToWaitForOthersIsRunAlone() throws Exception {
        holdUp();
        var before = add(ids.get(1));
        CompletableFuture<Boolean> alone = database.writeLater(ids.get(2), session -> {
            if (session.isGroup() && database.dialect() == Dialect.POSTGRES) throw new AloneException();
            return insert(session, "alone") == 1;
        });
        var after = add(ids.get(3));
        go.countDown();
        assertThat(Database.done(before) + Database.done(after)).isEqualTo(2);
        assertThat(Database.done(alone)).isTrue();
        assertThat(written()).containsExactlyInAnyOrder(ids.get(1), ids.get(3), "alone");
    }

    @Test
    void stepsForOneIdKeepTheirOrder() throws Exception {
        var order = java.util.Collections.synchronizedList(new ArrayList<Integer>());
        holdUp();
        var all = new ArrayList<CompletableFuture<Boolean>>();
        for (int i = 0; i < 50; i++) {
            int number = i;
            all.add(database.writeLater(ids.get(5), step(() -> order.add(number))));
            all.add(database.writeLater(ids.get(i % 5), step(() -> true)));
        }
        go.countDown();
        all.forEach(Database::done);
        assertThat(order).hasSize(50).isSorted();
    }

    @Test
    void aConnectionThatBreaksFailsItsBatchAndNoLaterOne() throws Exception {
        if (database.dialect() != Dialect.POSTGRES) return; // a file has no connection that breaks
        holdUp();
        var before = add(ids.get(1));
        CompletableFuture<Integer> breaking = database.writeLater(
                ids.get(2), session -> session.update("select pg_terminate_backend(pg_backend_pid())"));
        var after = add(ids.get(3));
        go.countDown();
        for (CompletableFuture<Integer> each : List.of(before, breaking, after))
            assertThatThrownBy(() -> Database.done(each))
                    .isInstanceOf(DurableStoreException.class)
                    .hasMessageContaining("may or may not have been done");
        assertThat(Database.done(add(ids.get(1)))).isEqualTo(1);
        assertThat(written()).containsExactly(ids.get(1));
    }

    @Test
    void closingWritesWhatWaitsAndRefusesTheRest() throws Exception {
        holdUp();
        var waiting = new ArrayList<CompletableFuture<Integer>>();
        for (String id : ids) waiting.add(add(id));
        Thread closing = Thread.ofPlatform().start(database::close);
        go.countDown();
        for (CompletableFuture<Integer> each : waiting)
            assertThat(Database.done(each)).isEqualTo(1);
        assertThat(closing.join(java.time.Duration.ofSeconds(30))).isTrue();
        assertThatThrownBy(() -> add("late"))
                .isInstanceOf(DurableStoreException.class)
                .hasMessageContaining("is closed");
        assertThatThrownBy(this::written)
                .isInstanceOf(DurableStoreException.class)
                .hasMessageContaining("is closed");
    }
}
