package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.durable.Store.Ending;
import dev.orchestrator.durable.Store.KeyRule;
import dev.orchestrator.durable.Store.NewJob;
import dev.orchestrator.durable.Store.Stopping;
import dev.orchestrator.durable.Store.Work;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What dispatching, the worker's steps, stopping and the housekeeping mean in each database: one recorded ending (P1), a
 * worker that has lost its work changes nothing (the fence), time limits (P7), retries and crashes (P8).
 */
@ParameterizedClass
@EnumSource
class StoreContractTest extends StoreTesting {
    private static final Duration LONG = Duration.ofHours(1);

    StoreContractTest(Where where) {
        super(where);
    }

    // ---- dispatching ----

    @Test
    void whatIsStoredIsFoundByEveryOpener() {
        long before = store.now();
        assertThat(dispatch(JobToStore.of("a").priority(3).told("me", "n1"))).isEqualTo(new Dispatched.Added(true));

        DurableJob job = other.find("a").orElseThrow();
        assertThat(job.state()).isEqualTo(JobState.WAITING);
        assertThat(job.type()).isEqualTo("t");
        assertThat(job.version()).isEqualTo(1);
        assertThat(job.payload()).isEqualTo("{\"n\":1}");
        assertThat(job.priority()).isEqualTo(3);
        assertThat(job.owner()).isEqualTo("me");
        assertThat(job.accepted().toEpochMilli()).isBetween(before, store.now());
        assertThat(job.due()).isEqualTo(job.accepted());
        assertThat(job.attempts()).isZero();
        assertThat(job.began()).isNull();
        assertThat(job.ended()).isNull();
        assertThat(other.find("b")).isEmpty();
        assertThat(queued()).containsExactly("a");
    }

    @Test
    void anIdThatExistsIsUntouched() {
        dispatch(JobToStore.of("a"));
        Dispatched again = dispatch(JobToStore.of("a").payload("{}"));
        assertThat(again)
                .isInstanceOfSatisfying(
                        Dispatched.Exists.class,
                        exists -> assertThat(exists.job().payload()).isEqualTo("{\"n\":1}"));
        end(claim("a"), success("1"));
        assertThat(dispatch(JobToStore.of("a"))).isInstanceOf(Dispatched.Exists.class);
        assertThat(queued()).isEmpty();
    }

    @Test
    void aLaterStartIsKept() {
        assertThat(dispatch(JobToStore.of("delayed").delay(LONG))).isEqualTo(new Dispatched.Added(false));
        assertThat(dispatch(JobToStore.of("at").dueAt(Long.MAX_VALUE))).isEqualTo(new Dispatched.Added(false));
        assertThat(dispatch(JobToStore.of("past").dueAt(5))).isEqualTo(new Dispatched.Added(true));
        assertThat(dispatch(JobToStore.of("negative").delay(LONG.negated()))).isEqualTo(new Dispatched.Added(true));
        DurableJob delayed = job("delayed");
        assertThat(Duration.between(delayed.accepted(), delayed.due())).isEqualTo(LONG);
        assertThat(job("at").due()).isAfter(delayed.due());
    }

    @Test
    void aTransactionOfTheCallersIsNeitherCommittedNorRolledBack() throws Exception {
        try (Connection connection = store.users().getConnection()) {
            connection.setAutoCommit(false);
            store.dispatch(connection, JobToStore.of("gone").job());
            connection.rollback();
            store.dispatch(connection, JobToStore.of("kept").job());
            assertThat(connection.getAutoCommit()).isFalse();
            connection.commit();
            connection.setAutoCommit(true);
            assertThatThrownBy(
                            () -> store.dispatch(connection, JobToStore.of("x").job()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("setAutoCommit(false)");
        }
        assertThat(store.find("gone")).isEmpty();
        assertThat(queued()).containsExactly("kept");
    }

    @Test
    void anAttachmentThatIsNotStoredLeavesNothing() {
        assertThatThrownBy(() -> dispatch(JobToStore.of("a").needs("0".repeat(64))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not stored");
        assertThat(store.find("a")).isEmpty();
        assertThat(queued()).isEmpty();
    }

    // ---- claimed as it is stored ----

    @Test
    void aJobMayBeClaimedAsItIsStored() {
        Claim first = new Claim("a", "t@1", 7, "n1");
        NewJob job =
                JobToStore.of("a").timeout(LONG).told("me", "n1").priority(3).job();
        Dispatched done = store.dispatch(job, first);

        assertThat(done).isEqualTo(new Dispatched.Claimed(store.claimed(first).orElseThrow()));
        assertThat(queued()).isEmpty();
        assertThat(job("a").state()).isEqualTo(JobState.RUNNING);
        assertThat(job("a").node()).isEqualTo("n1");
        assertThat(texts("select task_instance from orch_queue where last_heartbeat is not null and priority = 3"))
                .as("its lease begins, so that it is found if nobody goes on with it")
                .containsExactly("a");
        assertThat(end(first, success("1"))).containsExactly("a");
        assertThat(texts("select task_instance from orch_queue")).isEmpty();
    }

    @Test
    void whatIsGivenBackAfterItsFirstClaimIsForOthers() {
        Claim first = new Claim("a", "t@1", 7, "n1");
        store.dispatch(JobToStore.of("a").job(), first);
        store.giveBack(first, Duration.ZERO, null);

        Claim second = claim("a", "n2");
        assertThat(second.fence()).isGreaterThan(first.fence());
        assertThatThrownBy(() -> end(first, success("1"))).isInstanceOf(LostClaimException.class);
        assertThat(end(second, success("2"))).containsExactly("a");
    }

    @Test
    void whatIsNotDueOrHasAKeyOrIsThereIsNotClaimedAsItIsStored() {
        Claim first = new Claim("a", "t@1", 7, "n1");
        assertThat(store.dispatch(JobToStore.of("a").delay(LONG).job(), first)).isEqualTo(new Dispatched.Added(false));
        assertThat(store.dispatch(JobToStore.of("b").key(KeyRule.QUEUE, "k").job(), new Claim("b", "t@1", 8, "n1")))
                .isEqualTo(new Dispatched.Added(true));
        assertThat(store.dispatch(JobToStore.of("b").job(), new Claim("b", "t@1", 9, "n1")))
                .isInstanceOf(Dispatched.Exists.class);
        assertThat(queued()).containsExactlyInAnyOrder("a", "b");
        assertThatThrownBy(() -> store.claimed(first)).isInstanceOf(LostClaimException.class);
    }

    // ---- the worker's steps ----

    @Test
    void aClaimedWorkIsReadByItsClaim() {
        dispatch(JobToStore.of("a").timeout(LONG).told("me", "n9"));
        Claim claim = claim("a");
        Work work = store.claimed(claim).orElseThrow();
        DurableJob job = job("a");
        assertThat(job.state()).isEqualTo(JobState.RUNNING);
        assertThat(job.node()).isEqualTo("n1");
        assertThat(work.type()).isEqualTo(job.type());
        assertThat(work.version()).isEqualTo(job.version());
        assertThat(work.payload()).isEqualTo(job.payload());
        assertThat(work.timeout()).isEqualTo(LONG);
        assertThat(work.deadline()).isEqualTo(job.accepted().plus(LONG).toEpochMilli());
        assertThat(work.reader()).isEqualTo("n9");
        assertThat(work.options()).isEqualTo("{}");
        assertThat(work.firstBegan()).isNull();
        assertThat(work.stopWish()).isNull();
        assertThat(store.claimed(new Claim("none", "t@1", 1, "n1"))).isEmpty();
    }

    @Test
    void manyClaimedWorksAreReadAtOnce() {
        dispatch(JobToStore.of("a").told("me", "n9"));
        dispatch(JobToStore.of("b \"quoted\" ä"));
        Claim first = claim("a");
        Claim second = claim("b \"quoted\" ä");
        var none = new Claim("none", "t@1", 1, "n1");
        dispatch(JobToStore.of("c"));
        var ofAnotherTask = new Claim("c", "u@1", 1, "n1");
        var works = store.claimed("n1", List.of(first, second, none, ofAnotherTask));
        assertThat(works.keySet()).containsExactlyInAnyOrder(first, second);
        assertThat(works.get(first)).isEqualTo(store.claimed(first).orElseThrow());
        assertThat(works.get(second)).isEqualTo(store.claimed(second).orElseThrow());
        assertThat(store.claimed("n1", List.of(second))).isEqualTo(Map.of(second, works.get(second)));
    }

    @Test
    void aLostClaimChangesNothing() {
        dispatch(JobToStore.of("a").told("me", "n9"));
        Claim lost = claim("a");
        store.giveBack(lost, Duration.ZERO, null);
        Claim held = claim("a", "n2");
        DurableJob before = job("a");
        List<Runnable> steps = List.of(
                () -> store.claimed(lost),
                () -> store.takeSlots(lost, java.util.Map.of("l", 1)),
                () -> store.began(lost, 1),
                () -> end(lost, success("1")),
                () -> store.retry(lost, failedAttempt(1, "x"), Duration.ZERO),
                () -> store.giveBack(lost, Duration.ZERO, "c"),
                () -> store.park(lost, "why"),
                () -> store.crashed(lost, 1, failure("gone")),
                () -> store.event(lost, 1, "e", 1, "{}"),
                () -> store.progress(lost, "{}"),
                () -> end(new Claim("a", held.task(), held.fence(), "n1"), success("1")),
                () -> end(new Claim("a", held.task(), held.fence() + 1, "n2"), success("1")));
        for (Runnable step : steps) assertThatThrownBy(step::run).isInstanceOf(LostClaimException.class);
        assertThat(store.endLater(lost, success("1"), 1, null, null)
                        .toCompletableFuture()
                        .exceptionally(failed -> {
                            assertThat(failed).hasRootCauseInstanceOf(LostClaimException.class);
                            return List.of("lost");
                        })
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join())
                .containsExactly("lost");
        assertThat(job("a")).isEqualTo(before);
        assertThat(store.failedAttempts("a")).isEmpty();
        assertThat(store.events("a", 0)).isEmpty();
        assertThat(texts("select name from orch_slot")).isEmpty();
        assertThat(end(held, success("2"))).containsExactly("a");
        assertThatThrownBy(() -> end(held, success("3"))).isInstanceOf(LostClaimException.class);
        assertThat(job("a").result()).isEqualTo("2");
    }

    @Test
    void eachKindOfEndingIsRecorded() {
        for (String id : List.of("s", "f", "c", "t")) dispatch(JobToStore.of(id));
        assertThat(store.end(claim("s"), success("{\"r\":1}"), 2, 77L, null)).containsExactly("s");
        store.end(claim("f"), failure("Broken"), 1, null, failedAttempt(1, "broken"));
        end(claim("c"), new Ending.Cancelled("not wanted"));
        end(claim("t"), new Ending.TimedOut(LONG));

        assertThat(job("s").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job("s").result()).isEqualTo("{\"r\":1}");
        assertThat(job("s").attempts()).isEqualTo(2);
        assertThat(job("s").began().toEpochMilli()).isEqualTo(77);
        assertThat(job("s").node()).isEqualTo("n1");
        assertThat(job("s").ended()).isNotNull();
        assertThat(job("f").state()).isEqualTo(JobState.FAILED);
        assertThat(job("f").errorType()).isEqualTo("java.lang.IllegalStateException");
        assertThat(job("f").error()).isEqualTo("Broken");
        assertThat(store.failedAttempts("f")).containsExactly(failedAttempt(1, "broken"));
        assertThat(job("c").state()).isEqualTo(JobState.CANCELLED);
        assertThat(job("c").error()).isEqualTo("not wanted");
        assertThat(job("t").state()).isEqualTo(JobState.TIMED_OUT);
        assertThat(queued()).isEmpty();
    }

    @Test
    void anEndingNeedsNobodyToWaitForIt() {
        dispatch(JobToStore.of("a"));
        assertThat(store.endLater(claim("a"), success("1"), 1, null, null)
                        .toCompletableFuture()
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join())
                .containsExactly("a");
        assertThat(job("a").state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aFailedAttemptIsKeptAndTheWorkIsDueLater() {
        dispatch(JobToStore.of("a"));
        Claim first = claim("a");
        store.began(first, 1);
        store.retry(first, failedAttempt(1, "one"), LONG);
        assertThat(job("a").state()).isEqualTo(JobState.WAITING);
        assertThat(job("a").attempts()).isEqualTo(1);
        assertThat(job("a").due().toEpochMilli()).isGreaterThan(store.now() + LONG.toMillis() / 2);
        Claim second = claim("a");
        assertThat(second.fence()).isGreaterThan(first.fence());
        Work work = store.claimed(second).orElseThrow();
        assertThat(work.failures()).isEqualTo(1);
        assertThat(work.firstBegan()).isNotNull();
        store.retry(second, failedAttempt(2, "two"), Duration.ZERO);
        assertThat(store.failedAttempts("a")).containsExactly(failedAttempt(1, "one"), failedAttempt(2, "two"));
    }

    @Test
    void aRetryIsDueAtItsDeadlineAtTheLatest() {
        dispatch(JobToStore.of("a").timeout(Duration.ofMinutes(1)));
        store.retry(claim("a"), failedAttempt(1, "one"), LONG);
        DurableJob job = job("a");
        assertThat(job.due()).isEqualTo(job.accepted().plus(Duration.ofMinutes(1)));
    }

    @Test
    void whatIsGivenBackUntriedHasNotBegun() {
        dispatch(JobToStore.of("a"));
        Claim claim = claim("a");
        store.began(claim, 1);
        assertThat(job("a").attempts()).isEqualTo(1);
        store.giveBack(claim, LONG, "online");
        assertThat(job("a").attempts()).isZero();
        assertThat(job("a").began()).isNull();
        assertThat(job("a").waitsFor()).isEqualTo("online");
        store.began(claim("a"), 1);
        assertThat(job("a").waitsFor()).isNull();
    }

    @Test
    void changedConditionsMakeThoseDueThatWaitForThem() {
        for (String id : List.of("a", "b", "c")) dispatch(JobToStore.of(id));
        store.giveBack(claim("a"), LONG, "online");
        store.giveBack(claim("b"), LONG, "charged");
        store.giveBack(claim("c"), LONG, null);
        assertThat(store.conditionChanged(List.of("online", "none"))).isEqualTo(1);
        assertThat(job("a").due().toEpochMilli()).isLessThanOrEqualTo(store.now());
        assertThat(job("b").due().toEpochMilli()).isGreaterThan(store.now());
        assertThat(job("c").due().toEpochMilli()).isGreaterThan(store.now());
        assertThat(store.conditionChanged(List.of("online"))).isZero();
        assertThat(store.conditionChanged(List.of())).isZero();
    }

    @Test
    void crashesAreCountedUntilThereAreTooMany() {
        dispatch(JobToStore.of("a"));
        store.crashed(claim("a"), 3, failure("worker lost"));
        assertThat(job("a").state()).isEqualTo(JobState.WAITING);
        assertThat(store.claimed(claim("a")).orElseThrow().crashes()).isEqualTo(1);
        sql("update orch_queue set picked = false");
        store.crashed(claim("a"), 3, failure("worker lost"));
        store.crashed(claim("a"), 3, failure("worker lost"));
        assertThat(job("a").state()).isEqualTo(JobState.FAILED);
        assertThat(job("a").error()).isEqualTo("worker lost");
        assertThat(queued()).isEmpty();
    }

    @Test
    void eventsAreInTheOrderOfTheirPositions() {
        dispatch(JobToStore.of("a"));
        Claim claim = claim("a");
        for (int i = 1; i <= 3; i++) store.event(claim, i, "printed", i, "{\"page\":" + i + "}");
        assertThat(store.events("a", 1))
                .containsExactly(
                        new Store.StoredEvent(2, "printed", 2, "{\"page\":2}"),
                        new Store.StoredEvent(3, "printed", 3, "{\"page\":3}"));
    }

    // ---- stopping and time limits ----

    @Test
    void cancellingSaysWhatBecameOfIt() {
        for (String id : List.of("waits", "runs", "ended")) dispatch(JobToStore.of(id));
        end(claim("ended"), success("1"));
        Claim running = claim("runs", "n7");
        assertThat(store.cancel("none", "x")).isEqualTo(Stopping.UNKNOWN);
        assertThat(store.cancel("ended", "x")).isEqualTo(Stopping.TOO_LATE);
        assertThat(store.cancel("waits", "x")).isEqualTo(Stopping.CANCELLED);
        assertThat(store.cancel("waits", "x")).isEqualTo(Stopping.TOO_LATE);
        assertThat(store.cancel("runs", "first")).isEqualTo(Stopping.ASKED);
        assertThat(store.cancel("runs", "second")).isEqualTo(Stopping.ASKED);
        assertThat(store.stopWishes("n7")).containsExactly(java.util.Map.entry("runs", "first"));
        assertThat(store.stopWishes("n1")).isEmpty();
        assertThat(store.claimed(running).orElseThrow().stopWish()).isEqualTo("first");
        store.retry(running, failedAttempt(1, "stopped"), LONG);
        assertThat(job("runs").due().toEpochMilli()).isLessThanOrEqualTo(store.now()); // its next worker ends it
        assertThat(queued()).containsExactly("runs");
    }

    @Test
    void whatIsToBeStoppedIsNotParked() {
        dispatch(JobToStore.of("a"));
        Claim claim = claim("a");
        store.cancel("a", "stop");
        store.park(claim, "unreadable");
        assertThat(job("a").state()).isEqualTo(JobState.WAITING);
        assertThat(queued()).containsExactly("a");
    }

    @Test
    void whatIsOverdueEndsUnlessAWorkerHasIt() {
        for (String id : List.of("waits", "runs", "parked"))
            dispatch(JobToStore.of(id).timeout(Duration.ofMinutes(1)).delay(LONG));
        dispatch(JobToStore.of("later").timeout(LONG));
        dispatch(JobToStore.of("never"));
        Claim running = claim("runs");
        store.park(claim("parked"), "why");
        assertThat(store.endOverdue()).isEmpty();
        timePasses(Duration.ofMinutes(2));
        assertThat(store.endOverdue()).containsExactlyInAnyOrder("waits", "parked");
        assertThat(store.endOverdue()).isEmpty();
        assertThat(job("waits").state()).isEqualTo(JobState.TIMED_OUT);
        assertThat(job("waits").error()).contains("PT1M");
        assertThat(job("runs").state()).isEqualTo(JobState.RUNNING);
        end(running, success("in time after all"));
        assertThat(job("runs").state()).isEqualTo(JobState.SUCCEEDED);
    }

    // ---- nodes and unknown types ----

    @Test
    void nodesAreAliveForTheirLease() {
        var one = new Store.Node("n1", "host", 7, 1);
        var two = new Store.Node("n2", "host", 7, 2);
        store.alive(one, LONG, List.of("t@1"));
        store.alive(two, Duration.ZERO, List.of());
        assertThat(other.nodes()).containsExactly(one);
        store.alive(two, LONG, List.of("t@1", "t@2"));
        store.alive(two, LONG, List.of("t@2"));
        assertThat(other.nodes()).containsExactly(one, two);
        store.gone("n1");
        assertThat(other.nodes()).containsExactly(two);
    }

    @Test
    void whatNobodyKnowsIsParkedInTheQueueAndRunsWhenSomebodyDoes() {
        dispatch(JobToStore.of("known"));
        dispatch(JobToStore.of("newer").type("t", 2).told("me", "n9"));
        dispatch(JobToStore.of("later").type("t", 2).delay(LONG));
        store.alive(new Store.Node("n1", "host", 1, 1), LONG, List.of("t@1"));
        assertThat(store.parkUnknown(LONG)).isZero();
        assertThat(store.parkUnknown(Duration.ZERO)).isEqualTo(1);
        assertThat(store.parkUnknown(Duration.ZERO)).isZero();
        assertThat(job("newer").state()).isEqualTo(JobState.PARKED);
        assertThat(job("newer").error()).contains("no living process");
        assertThat(job("known").state()).isEqualTo(JobState.WAITING);
        assertThat(queued()).contains("newer");
        store.began(claim("newer"), 1);
        assertThat(job("newer").state()).isEqualTo(JobState.RUNNING);
        assertThat(job("newer").error()).isNull();
    }

    @Test
    void theClockIsTheDatabases() {
        assertThat(store.now()).isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(5_000L));
        assertThat(store.isPostgres()).isEqualTo(where == Where.POSTGRES);
    }
}
