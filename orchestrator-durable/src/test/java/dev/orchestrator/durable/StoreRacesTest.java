package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.durable.Store.Ending;
import dev.orchestrator.durable.Store.KeyRule;
import dev.orchestrator.durable.Store.News;
import dev.orchestrator.durable.Store.Stopping;
import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What many threads of two processes do at the same time is as if they had done it one after the other: one job for each id,
 * one ending for each job (P1), one holder of each key and not more than a limit allows (P11), and no news is lost (P2).
 */
@ParameterizedClass
@EnumSource
class StoreRacesTest extends StoreTesting {
    private static final int MANY = 24;

    StoreRacesTest(Where where) {
        super(where);
    }

    /** Every second one is done by the other process. */
    private Store opener(int number) {
        return number % 2 == 0 ? store : other;
    }

    private List<Dispatched> dispatchAtOnce(List<JobToStore> jobs) throws Exception {
        var tasks = new ArrayList<Callable<Dispatched>>();
        for (int i = 0; i < jobs.size(); i++) {
            Store opener = opener(i);
            JobToStore job = jobs.get(i);
            tasks.add(() -> opener.dispatch(job.job()));
        }
        return atOnce(tasks);
    }

    private static List<JobToStore> keyed(KeyRule rule) {
        var jobs = new ArrayList<JobToStore>();
        for (int i = 0; i < MANY; i++) jobs.add(JobToStore.of("j" + i).key(rule, "k"));
        return jobs;
    }

    /** Claims any work, as one worker among many does. */
    private Optional<Claim> claimAny(Store opener, String node) throws SQLException {
        try (Connection connection = opener.queue().getConnection();
                var choosing = connection.createStatement();
                var claiming = connection.prepareStatement("update orch_queue set picked = true, picked_by = ?,"
                        + " version = version + 1 where task_instance = ? and version = ? and picked = false")) {
            var found = new ArrayList<Claim>();
            try (var row = choosing.executeQuery(
                    "select task_instance, task_name, version from orch_queue where picked = false")) {
                while (row.next()) found.add(new Claim(row.getString(1), row.getString(2), row.getLong(3) + 1, node));
            }
            for (Claim claim : found) {
                claiming.setString(1, node);
                claiming.setString(2, claim.work());
                claiming.setLong(3, claim.fence() - 1);
                if (claiming.executeUpdate() == 1) return Optional.of(claim);
            }
            return Optional.empty();
        }
    }

    private boolean hasAll(int jobs) {
        return texts("select id from orch_job").size() == jobs;
    }

    private interface Work {
        void run(Store opener, Claim claim) throws Exception;
    }

    /** Workers of both processes that go on until so many jobs have ended. */
    private void workUntilEnded(int jobs, Work work) throws Exception {
        var tasks = new ArrayList<Callable<Boolean>>();
        long until = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        for (int i = 0; i < 6; i++) {
            Store opener = opener(i);
            String node = "n" + i;
            tasks.add(() -> {
                while (true) {
                    Optional<Claim> claim = claimAny(opener, node);
                    if (claim.isPresent()) work.run(opener, claim.get());
                    else if (texts("select id from orch_job where ended is null")
                                    .isEmpty()
                            && hasAll(jobs)) return true;
                    assertThat(System.nanoTime())
                            .as(() -> "still open: "
                                    + texts("select id || ' ' || state || ' ' || coalesce(waits_for, '')"
                                            + " from orch_job where ended is null"))
                            .isLessThan(until);
                }
            });
        }
        atOnce(tasks);
    }

    @Test
    void oneOfManyThatStoreTheSameIdStoresIt() throws Exception {
        var jobs = new ArrayList<JobToStore>();
        for (int i = 0; i < MANY; i++) {
            JobToStore job = JobToStore.of("same");
            jobs.add(i % 3 == 0 ? job.key(KeyRule.JOIN, "k") : job);
        }
        assertThat(dispatchAtOnce(jobs))
                .filteredOn(Dispatched.Added.class::isInstance)
                .hasSize(1);
        assertThat(queued()).containsExactly("same");
    }

    @Test
    void allThatJoinAtOnceHaveOneWork() throws Exception {
        assertThat(dispatchAtOnce(keyed(KeyRule.JOIN))).allMatch(Dispatched.Added.class::isInstance);
        List<String> leads = queued();
        assertThat(leads).hasSize(1);
        assertThat(end(claim(leads.getFirst()), success("1"))).hasSize(MANY);
    }

    @Test
    void oneOfManyThatDropIsStored() throws Exception {
        assertThat(dispatchAtOnce(keyed(KeyRule.DROP)))
                .filteredOn(Dispatched.Added.class::isInstance)
                .hasSize(1);
        assertThat(queued()).hasSize(1);
    }

    @Test
    void theLastOfManyThatReplaceIsLeft() throws Exception {
        assertThat(dispatchAtOnce(keyed(KeyRule.REPLACE))).allMatch(new Dispatched.Added(true)::equals);
        List<String> left = queued();
        assertThat(left).hasSize(1);
        assertThat(job(left.getFirst()).state()).isEqualTo(JobState.WAITING);
        assertThat(store.counts(JobFilter.all())).containsEntry(JobState.CANCELLED, MANY - 1L);
    }

    @Test
    void aKeyHasOneHolderAtATimeInTheOrderOfStoring() throws Exception {
        List<JobToStore> jobs = keyed(KeyRule.QUEUE);
        List<Dispatched> dispatched = dispatchAtOnce(jobs);
        assertThat(dispatched).containsOnlyOnce(new Dispatched.Added(true));
        var inside = new AtomicInteger();
        var positions = java.util.Collections.synchronizedList(new ArrayList<Long>());
        workUntilEnded(MANY, (opener, claim) -> {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            positions.add(opener.find(claim.work()).orElseThrow().position());
            inside.decrementAndGet();
            opener.end(claim, success("1"), 1, null, null);
        });
        assertThat(positions).hasSize(MANY).isSorted();
    }

    @Test
    void keysOfAllRulesAndCancellingDoNotGetStuck() throws Exception {
        int jobs = 60;
        var tasks = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < jobs; i++) {
            Store opener = opener(i);
            String id = "j" + i;
            KeyRule rule = List.of(KeyRule.QUEUE, KeyRule.JOIN, KeyRule.REPLACE).get(i % 3);
            JobToStore job = JobToStore.of(id).key(rule, "k" + i % 2);
            boolean cancelled = i % 5 == 0;
            tasks.add(() -> {
                opener.dispatch(job.job());
                if (cancelled) opener.cancel(id, "not wanted");
                return true;
            });
        }
        tasks.add(() -> {
            workUntilEnded(jobs, (opener, claim) -> {
                String wish = opener.claimed(claim).orElseThrow().stopWish();
                if (!opener.takeSlots(claim, Map.of("l", 1, "m", 2))) return;
                opener.end(claim, wish == null ? success("1") : new Ending.Cancelled(wish), 1, null, null);
            });
            return true;
        });
        atOnce(tasks);
        assertThat(store.counts(JobFilter.all()))
                .containsEntry(JobState.WAITING, 0L)
                .containsEntry(JobState.RUNNING, 0L);
        assertThat(texts("select task_instance from orch_queue")).isEmpty();
        assertThat(texts("select work from orch_slot union all select work from orch_slot_wait"))
                .isEmpty();
    }

    @Test
    void noMoreHaveASlotThanThereAreAndAllGetOne() throws Exception {
        int jobs = 40;
        for (int i = 0; i < jobs; i++) dispatch(JobToStore.of("j" + i).priority(i % 3));
        var inA = new AtomicInteger();
        var inB = new AtomicInteger();
        workUntilEnded(jobs, (opener, claim) -> {
            boolean both = claim.work().hashCode() % 2 == 0;
            if (!opener.takeSlots(claim, both ? Map.of("a", 3, "b", 1) : Map.of("a", 3))) return;
            assertThat(inA.incrementAndGet()).isLessThanOrEqualTo(3);
            if (both) assertThat(inB.incrementAndGet()).isEqualTo(1);
            opener.claimed(claim);
            if (both) inB.decrementAndGet();
            inA.decrementAndGet();
            opener.end(claim, success("1"), 1, null, null);
        });
        assertThat(texts("select work from orch_slot union all select work from orch_slot_wait"))
                .isEmpty();
    }

    @Test
    void anEndingAndACancellingAreOneEnding() throws Exception {
        for (int round = 0; round < 15; round++) {
            String id = "j" + round;
            dispatch(JobToStore.of(id));
            Claim claim = claim(id);
            List<Object> outcomes = atOnce(
                    List.of(() -> store.end(claim, success("1"), 1, null, null), () -> other.cancel(id, "not wanted")));
            assertThat(outcomes.get(0)).isEqualTo(List.of(id));
            assertThat(outcomes.get(1)).isIn(Stopping.ASKED, Stopping.TOO_LATE);
            assertThat(job(id).state()).isEqualTo(JobState.SUCCEEDED);
        }
    }

    @Test
    void ofManyEndingsOfOneClaimOneIsRecorded() throws Exception {
        dispatch(JobToStore.of("a"));
        Claim claim = claim("a");
        var tasks = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < MANY; i++) {
            Store opener = opener(i);
            Ending ending = i % 3 == 0 ? failure("f" + i) : success("" + i);
            tasks.add(() -> {
                try {
                    if (ending instanceof Ending.Failure failure) opener.crashed(claim, 1, failure);
                    else opener.end(claim, ending, 1, null, null);
                    return true;
                } catch (LostClaimException lost) {
                    return false;
                }
            });
        }
        assertThat(atOnce(tasks)).containsOnlyOnce(true);
    }

    @Test
    void noNewsIsLostBetweenReadersAndWorkers() throws Exception {
        int events = 60;
        dispatch(JobToStore.of("a").told("me", "r"));
        Claim claim = claim("a");
        var told = new AtomicInteger();
        var ended = new AtomicBoolean();
        Callable<Boolean> worker = () -> {
            for (int i = 0; i < events; i++) store.event(claim, i, "e", 1, "{}");
            ended.set(true);
            return true;
        };
        Callable<Boolean> reader = () -> {
            var position = new AtomicLong();
            boolean last;
            do {
                last = ended.get();
                for (News news : other.news("r", 0, List.of(), 10)) {
                    for (Store.StoredEvent event : other.events("a", position.get())) {
                        assertThat(event.position()).isEqualTo(position.incrementAndGet());
                        told.incrementAndGet();
                    }
                    other.read("a", "r", news.news());
                }
            } while (!last);
            return true;
        };
        atOnce(List.of(worker, reader));
        assertThat(told).hasValue(events);
        assertThat(store.news("r", 0, List.of(), 10)).isEmpty();
    }

    @Test
    void aJobOfADeadNodeGetsOneHeir() throws Exception {
        for (int i = 0; i < MANY; i++) dispatch(JobToStore.of("j" + i).told("me", "dead"));
        for (String heir : List.of("h0", "h1"))
            store.alive(new Store.Node(heir, "h", 1, 1), Duration.ofHours(1), List.of());
        assertThat(atOnce(List.of(() -> store.takeOver("me", "h0"), () -> other.takeOver("me", "h1"))))
                .containsExactlyInAnyOrder(MANY, 0);
    }

    @Test
    void aDeadLetterIsTriedAgainOnceByWhoeverAsksFirst() throws Exception {
        dispatch(JobToStore.of("a"));
        end(claim("a"), failure("no"));
        var tasks = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 8; i++) {
            String another = "again" + i;
            Store opener = opener(i);
            tasks.add(
                    i == 5
                            ? () -> opener.discard("a", "anna", "x")
                            : () -> opener.retryDeadLetter("a", another, "anna"));
        }
        assertThat(atOnce(tasks)).containsOnlyOnce(true);
        assertThat(queued()).hasSizeLessThanOrEqualTo(1);
        assertThat(store.actions("a")).hasSize(1);
    }

    @Test
    void housekeepingOfManyNodesAtOnceDoesEverythingOnce() throws Exception {
        for (int i = 0; i < 30; i++) {
            dispatch(JobToStore.of("o" + i).timeout(Duration.ofMinutes(1)));
            dispatch(JobToStore.of("u" + i).type("unknown", 1));
        }
        store.alive(new Store.Node("n", "h", 1, 1), Duration.ofHours(1), List.of("t@1"));
        timePasses(Duration.ofHours(1));
        var tasks = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 4; i++) {
            Store opener = opener(i);
            tasks.add(() -> opener.endOverdue().size() + opener.parkUnknown(Duration.ZERO));
        }
        assertThat(atOnce(tasks).stream().mapToInt(Integer::intValue).sum()).isEqualTo(60);
    }

    @Test
    void oneContentThatManyStoreIsThereOnce() throws Exception {
        byte[] bytes = "the same".repeat(50_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        var tasks = new ArrayList<Callable<Store.StoredContent>>();
        for (int i = 0; i < 6; i++) {
            Store opener = opener(i);
            tasks.add(() -> opener.store(new ByteArrayInputStream(bytes)));
        }
        assertThat(atOnce(tasks).stream().distinct()).hasSize(1);
        assertThat(texts("select id from orch_content")).hasSize(1);
        assertThat(texts("select place from orch_chunk")).hasSize(2);
    }

    @Test
    void whoReadsDoesNotWaitForThoseThatWaitForAUsersTransaction() throws Exception {
        if (where == Where.MEMORY) return; // it has one connection
        var waiting = new ArrayList<CompletableFuture<Dispatched>>();
        try (Connection connection = store.users().getConnection()) {
            connection.setAutoCommit(false);
            store.dispatch(
                    connection, JobToStore.of("users").key(KeyRule.QUEUE, "k").job());
            for (int i = 0; i < 12; i++) {
                JobToStore job = JobToStore.of("j" + i).key(KeyRule.QUEUE, "k");
                waiting.add(CompletableFuture.supplyAsync(() -> dispatch(job), Thread::startVirtualThread));
            }
            CompletableFuture<Optional<DurableJob>> reading =
                    CompletableFuture.supplyAsync(() -> store.find("users"), Thread::startVirtualThread);
            assertThat(reading.get(9, TimeUnit.SECONDS)).isEmpty();
            connection.commit();
            connection.setAutoCommit(true);
        }
        for (CompletableFuture<Dispatched> each : waiting)
            assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(new Dispatched.Added(false));
    }
}
