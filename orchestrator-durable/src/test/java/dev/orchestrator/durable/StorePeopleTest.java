package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.KeyRule;
import dev.orchestrator.durable.Store.StoredContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What people find and do: queries in pages, dead letters, parked jobs, attachments, and what is removed in the end. */
@ParameterizedClass
@EnumSource
class StorePeopleTest extends StoreTesting {
    private static final Duration LONG = Duration.ofHours(1);

    StorePeopleTest(Where where) {
        super(where);
    }

    private void failed(JobToStore job) {
        dispatch(job);
        store.end(claim(job.job().id()), failure("Not 100% right"), 1, null, failedAttempt(1, "no"));
    }

    private static List<String> ids(Page page) {
        return page.jobs().stream().map(DurableJob::id).toList();
    }

    // ---- dead letters ----

    @Test
    void aDeadLetterIsTriedAgainUnderAnotherId() throws Exception {
        String hash = content("attached").hash();
        failed(JobToStore.of("a")
                .told("me", "r")
                .priority(4)
                .timeout(LONG)
                .key(KeyRule.QUEUE, "k")
                .needs(hash)
                .payload("{\"n\":9}"));
        store.acknowledge(List.of("a"), "r");
        assertThat(other.retryDeadLetter("a", "b", "anna")).isTrue();
        assertThat(other.retryDeadLetter("a", "c", "anna")).isFalse();
        assertThat(store.edit("a", 1, "{}", "anna")).isFalse();

        DurableJob again = job("b");
        assertThat(again.payload()).isEqualTo("{\"n\":9}");
        assertThat(again.priority()).isEqualTo(4);
        assertThat(again.owner()).isEqualTo("me");
        assertThat(again.key()).isNull();
        assertThat(again.retryOf()).isEqualTo("a");
        assertThat(again.state()).isEqualTo(JobState.WAITING);
        assertThat(store.claimed(claim("b")).orElseThrow().timeout()).isEqualTo(LONG);
        assertThat(store.news("r", 0, List.of(), 10))
                .extracting(news -> news.job().id())
                .containsExactly("b");
        assertThat(job("a").state()).isEqualTo(JobState.FAILED);
        assertThat(store.find(JobFilter.all().in(JobState.FAILED).notDiscarded(), 0, 10)
                        .jobs())
                .isEmpty();
        assertThat(store.actions("a"))
                .extracting(RecordedAction::actor, RecordedAction::what, RecordedAction::detail)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("anna", "retry", "b"));
        sql("delete from orch_need where job = 'a'");
        assertThat(store.removeUnneeded(Duration.ZERO)).isZero(); // the other try needs it
    }

    @Test
    void onlyDeadLettersAreTriedAgainOrDiscarded() {
        failed(JobToStore.of("dead"));
        dispatch(JobToStore.of("open"));
        dispatch(JobToStore.of("done"));
        end(claim("done"), success("1"));
        for (String id : List.of("open", "done", "none")) {
            assertThat(store.retryDeadLetter(id, id + "2", "anna")).isFalse();
            assertThat(store.discard(id, "anna", "x")).isFalse();
            assertThat(store.actions(id)).isEmpty();
        }
        assertThat(store.discard("dead", "anna", "a test")).isTrue();
        assertThat(store.discard("dead", "anna", "a test")).isFalse();
        assertThat(store.retryDeadLetter("dead", "dead2", "anna")).isFalse();
        RecordedAction action = store.actions("dead").getFirst();
        assertThat(action.detail()).isEqualTo("a test");
        assertThat(action.at().toEpochMilli()).isCloseTo(store.now(), org.assertj.core.data.Offset.offset(60_000L));
        assertThat(store.counts(JobFilter.all().notDiscarded())).containsEntry(JobState.FAILED, 0L);
        assertThat(store.counts(JobFilter.all())).containsEntry(JobState.FAILED, 1L);
    }

    // ---- parked jobs ----

    @Test
    void aParkedJobIsEditedAndPutBack() {
        dispatch(JobToStore.of("a"));
        Claim claim = claim("a");
        store.park(claim, "Cannot be READ");
        assertThat(job("a").state()).isEqualTo(JobState.PARKED);
        assertThat(job("a").error()).isEqualTo("Cannot be READ");
        assertThat(queued()).isEmpty();
        assertThat(ids(store.find(JobFilter.all().withErrorText("be read"), 0, 10)))
                .containsExactly("a");

        assertThat(other.edit("a", 2, "{\"n\":2}", "anna")).isTrue();
        assertThat(job("a").payload()).isEqualTo("{\"n\":2}");
        assertThat(job("a").version()).isEqualTo(2);
        assertThat(other.unpark("a", "anna")).isTrue();
        assertThat(other.unpark("a", "anna")).isFalse();
        Claim again = claim("a");
        assertThat(again.task()).isEqualTo("t@2");
        assertThat(again.fence()).isGreaterThan(claim.fence());
        assertThat(store.claimed(again)).isPresent();
        assertThat(store.actions("a")).extracting(RecordedAction::what).containsExactly("edit", "unpark");
    }

    @Test
    void whatIsParkedInTheQueueIsEditedForAWorkerThatKnowsIt() {
        dispatch(JobToStore.of("a").type("t", 2));
        store.parkUnknown(Duration.ZERO);
        assertThat(store.edit("a", 1, "{}", "anna")).isTrue();
        Claim claim = claim("a");
        assertThat(claim.task()).isEqualTo("t@1");
        assertThat(store.edit("a", 3, "{}", "anna")).as("a worker has it").isFalse();
        assertThat(store.unpark("a", "anna")).as("a worker has it").isFalse();
        end(claim, success("1"));
    }

    @Test
    void onlyWhatIsParkedOrFailedIsEdited() {
        dispatch(JobToStore.of("open"));
        dispatch(JobToStore.of("runs"));
        failed(JobToStore.of("dead"));
        claim("runs");
        for (String id : List.of("open", "runs", "none")) {
            assertThat(store.edit(id, 2, "{}", "anna")).isFalse();
            assertThat(store.unpark(id, "anna")).isFalse();
        }
        assertThat(store.unpark("dead", "anna")).isFalse();
        assertThat(store.edit("dead", 2, "{}", "anna")).isTrue();
        assertThat(job("dead").payload()).isEqualTo("{}");
        assertThat(queued()).containsExactly("open");
    }

    @Test
    void aParkedJobIsCancelled() {
        dispatch(JobToStore.of("a"));
        store.park(claim("a"), "why");
        assertThat(store.cancel("a", "not wanted")).isEqualTo(Store.Stopping.CANCELLED);
        assertThat(store.unpark("a", "anna")).isFalse();
        assertThat(queued()).isEmpty();
    }

    // ---- queries ----

    @Test
    void pagesHaveEachJobOnceInOrder() {
        for (int i = 0; i < 7; i++) dispatch(JobToStore.of("j" + i));
        var seen = new ArrayList<String>();
        Page page = store.find(JobFilter.all(), 0, 3);
        assertThat(page.jobs()).hasSize(3);
        seen.addAll(ids(page));
        dispatch(JobToStore.of("j7")); // comes while somebody reads
        while (page.hasNext()) {
            page = store.find(JobFilter.all(), page.next(), 3);
            seen.addAll(ids(page));
        }
        assertThat(seen).containsExactly("j0", "j1", "j2", "j3", "j4", "j5", "j6", "j7");
        assertThat(store.find(JobFilter.all(), 0, 8).hasNext()).isFalse();
        assertThatThrownBy(() -> store.find(JobFilter.all(), 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyRestrictionOfAFilterHolds() {
        dispatch(JobToStore.of("key").key(KeyRule.QUEUE, "k"));
        dispatch(JobToStore.of("waits for key").key(KeyRule.QUEUE, "k"));
        dispatch(JobToStore.of("type").type("other", 3));
        dispatch(JobToStore.of("owner").told("me", "r"));
        failed(JobToStore.of("failed"));
        dispatch(JobToStore.of("runs"));
        claim("runs");
        dispatch(JobToStore.of("parked"));
        store.park(claim("parked"), "why");
        sql("update orch_job set accepted = 1000 where id = 'type'");

        assertThat(found(JobFilter.all().withKey("k"))).containsExactly("key", "waits for key");
        assertThat(found(JobFilter.all().ofType("other"))).containsExactly("type");
        assertThat(found(JobFilter.all().ownedBy("me"))).containsExactly("owner");
        assertThat(found(JobFilter.all().in(JobState.FAILED))).containsExactly("failed");
        assertThat(found(JobFilter.all().in(JobState.RUNNING))).containsExactly("runs");
        assertThat(found(JobFilter.all().in(JobState.PARKED, JobState.RUNNING))).containsExactly("runs", "parked");
        assertThat(found(JobFilter.all().in(JobState.WAITING)))
                .containsExactly("key", "waits for key", "type", "owner");
        assertThat(found(JobFilter.all().acceptedBefore(Instant.ofEpochMilli(1001))))
                .containsExactly("type");
        assertThat(found(JobFilter.all().acceptedFrom(Instant.ofEpochMilli(1001))))
                .hasSize(6);
        assertThat(found(JobFilter.all().withErrorText("100% RIGHT"))).containsExactly("failed");
        assertThat(found(JobFilter.all().withErrorText("_00%"))).isEmpty();
        assertThat(found(JobFilter.all().in(JobState.WAITING).ofType("other").ownedBy("me")))
                .isEmpty();

        assertThat(store.counts(JobFilter.all()))
                .containsEntry(JobState.WAITING, 4L)
                .containsEntry(JobState.RUNNING, 1L)
                .containsEntry(JobState.PARKED, 1L)
                .containsEntry(JobState.FAILED, 1L)
                .containsEntry(JobState.SUCCEEDED, 0L);
        assertThat(store.counts(JobFilter.all().in(JobState.RUNNING))).containsOnlyKeys(JobState.RUNNING);
        assertThat(store.oldestWaiting().orElseThrow().id()).isEqualTo("key");
    }

    @Test
    void aFilterTakesWhatTimesAndKeysThereAre() {
        dispatch(JobToStore.of("a").key(KeyRule.QUEUE, "SQLITE"));
        sql("update orch_job set accepted = 1000");
        assertThat(found(JobFilter.all().acceptedFrom(Instant.MIN).acceptedBefore(Instant.MAX)))
                .containsExactly("a");
        assertThat(found(JobFilter.all().acceptedFrom(Instant.MAX))).isEmpty();
        assertThat(found(JobFilter.all().acceptedBefore(Instant.MIN))).isEmpty();
        assertThat(found(JobFilter.all().acceptedBefore(Instant.ofEpochMilli(1000))))
                .isEmpty();
        assertThat(found(JobFilter.all()
                        .acceptedBefore(Instant.ofEpochMilli(1000).plusNanos(1))))
                .containsExactly("a");
        assertThat(found(JobFilter.all().withKey(Where.SQLITE))).containsExactly("a");
        assertThatThrownBy(() -> JobFilter.all().withKey(new Object())).isInstanceOf(IllegalArgumentException.class);
        assertThat(found(JobFilter.all().in(JobState.WAITING, JobState.WAITING)))
                .containsExactly("a");
        assertThatThrownBy(() -> JobFilter.all().in()).isInstanceOf(IllegalArgumentException.class);
        assertThat(found(JobFilter.all().withErrorText("x".repeat(10_000)))).isEmpty();
        assertThatThrownBy(() -> JobFilter.all().withErrorText("x".repeat(10_001)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10000");
    }

    @Test
    void theOldestThatWaitsIsTheOneThatHasBeenDueForLongest() {
        assertThat(store.oldestWaiting()).isEmpty();
        dispatch(JobToStore.of("delayed").delay(LONG));
        assertThat(store.oldestWaiting()).as("it is not due").isEmpty();
        dispatch(JobToStore.of("runs"));
        claim("runs");
        dispatch(JobToStore.of("parked"));
        store.park(claim("parked"), "why");
        assertThat(store.oldestWaiting()).isEmpty();

        dispatch(JobToStore.of("a"));
        dispatch(JobToStore.of("b").priority(5));
        dispatch(JobToStore.of("key").key(KeyRule.QUEUE, "k"));
        dispatch(JobToStore.of("waits for key").key(KeyRule.QUEUE, "k"));
        dispatch(JobToStore.of("condition"));
        store.giveBack(claim("condition"), LONG, "online");
        assertThat(oldest()).isEqualTo("a");
        due("b", 4000);
        assertThat(oldest()).isEqualTo("b");
        due("waits for key", 3000);
        assertThat(oldest()).isEqualTo("waits for key");
        sql("update orch_job set accepted = 2000 where id = 'condition'");
        assertThat(oldest()).isEqualTo("condition");
        due("a", 1000);
        assertThat(oldest()).isEqualTo("a");
    }

    private String oldest() {
        return other.oldestWaiting().orElseThrow().id();
    }

    private void due(String id, long millis) {
        sql("update orch_job set due = " + millis + " where id = '" + id + "'");
        String time = store.isPostgres() ? "to_timestamp(" + millis / 1000 + ")" : Long.toString(millis);
        sql("update orch_queue set execution_time = " + time + " where task_instance = '" + id + "'");
    }

    private List<String> found(JobFilter filter) {
        return ids(other.find(filter, 0, 100));
    }

    @Test
    void textsAreKeptAsTheyAre() {
        String odd = "{\"text\":\"ä€😀 'quoted' \\\\ ?\"}";
        dispatch(JobToStore.of("it's").payload(odd));
        end(claim("it's"), success(odd));
        assertThat(job("it's").payload()).isEqualTo(odd);
        assertThat(job("it's").result()).isEqualTo(odd);
        dispatch(JobToStore.of("zero"));
        end(claim("zero"), failure("a\0b")); // PostgreSQL has no such character
        assertThat(job("zero").error()).startsWith("a").endsWith("b").hasSize(3);
    }

    // ---- what is removed ----

    @Test
    void endedJobsAreRemovedWithAllThatBelongsToThem() throws Exception {
        dispatch(JobToStore.of("open"));
        failed(JobToStore.of("acknowledged").told("me", "r").needs(content("x").hash()));
        failed(JobToStore.of("unacknowledged").told("me", "r"));
        store.discard("acknowledged", "anna", "x");
        store.acknowledge(List.of("acknowledged"), "r");
        assertThat(store.removeEnded(LONG, LONG, 100)).isZero();
        sql("update orch_job set ended = ended - 7200000 where ended is not null");
        assertThat(store.removeEnded(LONG, LONG.multipliedBy(3), 100)).isEqualTo(1);
        assertThat(store.find("acknowledged")).isEmpty();
        assertThat(store.failedAttempts("acknowledged")).isEmpty();
        assertThat(store.actions("acknowledged")).isEmpty();
        assertThat(texts("select job from orch_need")).isEmpty();
        assertThat(store.failedAttempts("unacknowledged")).hasSize(1);
        assertThat(store.removeEnded(LONG, LONG, 0)).isZero();
        assertThat(store.removeEnded(LONG, LONG, 100)).isEqualTo(1);
        assertThat(found(JobFilter.all())).containsExactly("open");
        assertThat(dispatch(JobToStore.of("acknowledged"))).isEqualTo(new Store.Dispatched.Added(true));
    }

    @Test
    void aLeaderStaysWhileOthersTakePart() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k"));
        dispatch(JobToStore.of("b").key(KeyRule.JOIN, "k"));
        store.cancel("a", "alone");
        sql("update orch_job set ended = 1 where id = 'a'");
        assertThat(store.removeEnded(LONG, LONG, 100)).isZero();
        assertThat(end(claim("a"), success("1"))).containsExactly("b");
        assertThat(store.removeEnded(LONG, LONG, 100)).isEqualTo(1);
        assertThat(found(JobFilter.all())).containsExactly("b");
    }

    @Test
    void aLeaderStaysWhileItsAttemptsAreThoseOfADeadLetter() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k"));
        dispatch(JobToStore.of("b").key(KeyRule.JOIN, "k"));
        store.end(claim("a"), failure("no"), 1, null, failedAttempt(1, "no"));
        store.discard("a", "anna", "one is enough");
        sql("update orch_job set ended = ended - 7200000 where ended is not null");
        assertThat(store.removeEnded(LONG, LONG.multipliedBy(3), 100)).isZero();
        assertThat(store.failedAttempts("b")).hasSize(1);
        assertThat(store.edit("b", 1, "{}", "anna")).isTrue();
        sql("update orch_job set ended = 1 where id = 'b'");
        assertThat(store.removeEnded(LONG, LONG, 100)).isEqualTo(1);
        assertThat(store.removeEnded(LONG, LONG, 100)).isEqualTo(1);
        assertThat(found(JobFilter.all())).isEmpty();
    }

    // ---- attachments ----

    private StoredContent content(String text) throws IOException {
        return store.store(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void contentsAreStoredOnceAndReadInPieces() throws Exception {
        byte[] bytes = new byte[600_000];
        new Random(7).nextBytes(bytes);
        StoredContent first = store.store(new ByteArrayInputStream(bytes));
        assertThat(other.store(new ByteArrayInputStream(bytes))).isEqualTo(first);
        assertThat(first.size()).isEqualTo(bytes.length);
        assertThat(first.hash()).matches("[0-9a-f]{64}");
        assertThat(texts("select id from orch_content")).hasSize(1);
        assertThat(texts("select place from orch_chunk order by place")).containsExactly("0", "1", "2");
        try (InputStream reading = other.open(first.hash()).orElseThrow()) {
            assertThat(reading.read()).isEqualTo(bytes[0] & 0xff);
            assertThat(reading.skip(299_999)).isPositive();
            assertThat(reading.available()).isNotNegative();
        }
        try (InputStream reading = other.open(first.hash()).orElseThrow()) {
            assertThat(reading.readAllBytes()).isEqualTo(bytes);
            assertThat(reading.read()).isEqualTo(-1);
        }
        assertThat(store.open("0".repeat(64))).isEmpty();
        StoredContent empty = content("");
        assertThat(empty.size()).isZero();
        try (InputStream reading = store.open(empty.hash()).orElseThrow()) {
            assertThat(reading.read()).isEqualTo(-1);
        }
    }

    @Test
    void aSourceThatFailsLeavesNothing() {
        var failing = new InputStream() {
            private int left = 300_000;

            @Override
            public int read() throws IOException {
                if (left == 0) throw new IOException("unplugged");
                left--;
                return 'x';
            }
        };
        assertThatThrownBy(() -> store.store(failing))
                .isInstanceOf(IOException.class)
                .hasMessage("unplugged");
        assertThat(texts("select id from orch_content")).isEmpty();
        assertThat(texts("select place from orch_chunk")).isEmpty();
    }

    @Test
    void contentsThatNoJobNeedsAreRemoved() throws Exception {
        String needed = content("needed").hash();
        String unneeded = content("unneeded").hash();
        dispatch(JobToStore.of("a").needs(needed, needed));
        assertThat(store.removeUnneeded(LONG)).isZero();
        sql("update orch_content set asked = 1");
        store.open(unneeded); // asked for just now
        assertThat(store.removeUnneeded(LONG)).isZero();
        sql("update orch_content set asked = 1");
        assertThat(store.removeUnneeded(LONG)).isEqualTo(1);
        assertThat(store.open(unneeded)).isEmpty();
        assertThat(store.open(needed)).isPresent();
    }

    @Test
    void aContentThatAnEditedPayloadSpeaksOfIsNeeded() throws Exception {
        String hash = content("for the second try").hash();
        failed(JobToStore.of("a"));
        assertThat(store.edit("a", 1, "{\"scan\":{\"hash\":\"" + hash + "\"}}", "anna"))
                .isTrue();
        assertThat(store.retryDeadLetter("a", "b", "anna")).isTrue();
        sql("delete from orch_need where job = 'a'");
        sql("update orch_content set asked = 1");
        assertThat(store.removeUnneeded(LONG)).isZero();
    }

    @Test
    void aContentThatWasRemovedWhileItCameIsNotSaidToBeStored() {
        var slow = new InputStream() {
            private int left = 300_000;

            @Override
            public int read() {
                if (left == 100) { // nothing came for so long that it looks like what a dead process left
                    sql("update orch_content set asked = 1");
                    assertThat(store.removeUnneeded(LONG)).isEqualTo(1);
                }
                return left-- > 0 ? 'x' : -1;
            }
        };
        assertThatThrownBy(() -> store.store(slow)).isInstanceOf(DurableStoreException.class);
        assertThat(texts("select place from orch_chunk")).isEmpty();
    }
}
