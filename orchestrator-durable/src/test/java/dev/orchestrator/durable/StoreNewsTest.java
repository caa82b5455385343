package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.KeyRule;
import dev.orchestrator.durable.Store.News;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Owners are told of every ending until they have acknowledged it, also by another process after a crash (P2). */
@ParameterizedClass
@EnumSource
class StoreNewsTest extends StoreTesting {
    private static final Duration LONG = Duration.ofHours(1);

    StoreNewsTest(Where where) {
        super(where);
    }

    private static List<String> ids(List<News> news) {
        return news.stream().map(each -> each.job().id()).toList();
    }

    private News newsOf(String id, String reader) {
        return store.news(reader, 0, List.of(), 100).stream()
                .filter(each -> each.job().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void onlyWhatItDoesNotKnowIsNews() {
        dispatch(JobToStore.of("seen").watched("r", true));
        dispatch(JobToStore.of("unseen").watched("r", false));
        dispatch(JobToStore.of("nobodys"));
        assertThat(ids(store.news("r", 0, List.of(), 10))).containsExactly("unseen");
        assertThat(store.news("r", 0, List.of("unseen"), 10)).isEmpty();
        assertThat(store.news("q", 0, List.of(), 10)).isEmpty();
    }

    @Test
    void whatTheWorkersNodeRecordsIsNoNewsThereUnlessItIsToBeAcknowledged() {
        for (String id : List.of("here", "there")) dispatch(JobToStore.of(id).watched("n1", true));
        dispatch(JobToStore.of("told").told("me", "n1"));
        for (String id : List.of("here", "told")) {
            Claim claim = claim(id, "n1");
            store.began(claim, 1);
            assertThat(store.news("n1", 0, List.of(), 10)).isEmpty();
            end(claim, success("1"));
            store.acknowledge(List.of("told"), "n2"); // which is not its reader
        }
        assertThat(ids(store.news("n1", 0, List.of(), 10))).containsExactly("told");
        end(claim("there", "n2"), success("1"));
        assertThat(ids(store.news("n1", 0, List.of(), 10))).containsExactly("there", "told");
    }

    @Test
    void newsSayEverythingThatTheReaderTells() {
        dispatch(JobToStore.of("a").told("me", "r").timeout(LONG));
        Claim claim = claim("a");
        store.began(claim, 1);
        store.progress(claim, "{\"p\":1}");
        store.progress(claim, "{\"p\":2}");
        store.retry(claim, failedAttempt(1, "once"), Duration.ZERO);
        News open = newsOf("a", "r");
        assertThat(open.progress()).isEqualTo("{\"p\":2}");
        assertThat(open.lastFailure()).isEqualTo(failedAttempt(1, "once"));
        assertThat(open.timeout()).isEqualTo(LONG);
        assertThat(open.error()).isNull();
        store.end(claim("a"), failure("no"), 2, null, failedAttempt(2, "twice"));
        News ended = newsOf("a", "r");
        assertThat(ended.error()).isEqualTo("{\"text\":\"no\"}");
        assertThat(ended.job().state()).isEqualTo(JobState.FAILED);
        assertThat(ended.lastFailure()).isNull();
        assertThat(ended.news()).isGreaterThan(open.news());
    }

    @Test
    void readingTakesBackOnlyWhatWasRead() {
        dispatch(JobToStore.of("a").told("me", "r"));
        Claim claim = claim("a");
        store.began(claim, 1);
        News first = newsOf("a", "r");
        store.event(claim, 1, "e", 1, "{}");
        other.read("a", "r", first.news());
        News second = newsOf("a", "r");
        other.read("a", "other", second.news());
        assertThat(newsOf("a", "r").news()).isEqualTo(second.news());
        other.read("a", "r", second.news());
        assertThat(store.news("r", 0, List.of(), 10)).isEmpty();
        end(claim, success("1"));
        News ended = newsOf("a", "r");
        other.read("a", "r", ended.news()); // an ending is acknowledged, not read
        assertThat(ids(store.news("r", 0, List.of(), 10))).containsExactly("a");
    }

    @Test
    void anEndingIsAcknowledgedOnce() throws Exception {
        for (String id : List.of("a", "b", "c")) {
            dispatch(JobToStore.of(id).told("me", "r"));
            Claim claim = claim(id);
            store.event(claim, 1, "e", 1, "{}");
            end(claim, success("1"));
        }
        try (Connection connection = store.users().getConnection()) {
            connection.setAutoCommit(false);
            assertThat(store.acknowledge(connection, "a", "r")).isTrue();
            assertThat(store.acknowledge(connection, "a", "r")).isFalse();
            connection.rollback();
            assertThat(store.acknowledge(connection, "a", "r")).isTrue();
            assertThat(store.acknowledge(connection, "b", "another")).isFalse();
            assertThat(store.acknowledge(connection, "none", "r")).isFalse();
            connection.commit();
            connection.setAutoCommit(true);
        }
        assertThat(ids(store.news("r", 0, List.of(), 10))).containsExactly("b", "c");
        assertThat(store.events("a", 0)).isEmpty();
        assertThat(store.events("b", 0)).hasSize(1);
        other.acknowledge(List.of(), "r");
        other.acknowledge(List.of("c", "b", "none"), "r");
        other.acknowledge(List.of("c"), "r");
        assertThat(store.news("r", 0, List.of(), 10)).isEmpty();
        assertThat(store.events("b", 0)).isEmpty();
    }

    @Test
    void whatHasNotEndedIsNotAcknowledged() {
        dispatch(JobToStore.of("a").told("me", "r"));
        store.acknowledge(List.of("a"), "r");
        end(claim("a"), success("1"));
        assertThat(ids(store.news("r", 0, List.of(), 10))).containsExactly("a");
    }

    @Test
    void newsComeOldestFirstAndAsManyAsAsked() throws Exception {
        try (Connection connection = store.users().getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 450; i++)
                store.dispatch(
                        connection, JobToStore.of("j" + i).watched("r", false).job());
            connection.commit();
            connection.setAutoCommit(true);
        }
        List<String> all = IntStream.range(0, 450).mapToObj(i -> "j" + i).toList();
        assertThat(ids(store.news("r", 0, List.of(), 3))).isEqualTo(all.subList(0, 3));
        assertThat(ids(store.news("r", 0, List.of(), 1_000))).isEqualTo(all);
        assertThat(ids(store.news("r", 0, new ArrayList<>(all.subList(0, 430)), 10)))
                .isEqualTo(all.subList(430, 440));
    }

    @Test
    void jobsAreTakenOverFromNodesThatAreGoneOnly() {
        store.alive(new Store.Node("alive", "h", 1, 1), LONG, List.of());
        store.alive(new Store.Node("dead", "h", 2, 1), Duration.ZERO, List.of());
        dispatch(JobToStore.of("of the living").told("me", "alive"));
        dispatch(JobToStore.of("of the dead").told("me", "dead"));
        dispatch(JobToStore.of("of the unknown").told("me", "unknown"));
        dispatch(JobToStore.of("of another").told("you", "dead"));
        dispatch(JobToStore.of("ended").told("me", "dead"));
        dispatch(JobToStore.of("acknowledged").told("me", "dead"));
        for (String id : List.of("ended", "acknowledged")) end(claim(id), success("1"));
        store.acknowledge(List.of("acknowledged"), "dead");

        store.alive(new Store.Node("heir", "h", 3, 1), LONG, List.of());
        assertThat(other.takeOver("me", "heir")).isEqualTo(3);
        assertThat(ids(store.news("heir", 0, List.of(), 10))).containsExactly("of the dead", "of the unknown", "ended");
        assertThat(store.news("dead", 0, List.of(), 10)).isEmpty();
        store.acknowledge(List.of("ended"), "dead"); // too late: it is not its reader any more
        assertThat(ids(store.news("heir", 0, List.of(), 10))).contains("ended");
        assertThat(other.takeOver("me", "heir")).as("its own stay as they are").isZero();
        store.gone("alive");
        assertThat(other.takeOver("me", "heir")).isEqualTo(1);
        assertThat(other.takeOver("nobody", "heir")).isZero();
    }

    @Test
    void eachOfThoseThatTookPartIsNewsOfItsOwn() {
        dispatch(JobToStore.of("a").told("me", "r").key(KeyRule.JOIN, "k"));
        dispatch(JobToStore.of("b").told("you", "s").key(KeyRule.JOIN, "k"));
        Claim claim = claim("a");
        assertThat(store.claimed(claim).orElseThrow().reader()).isNull();
        store.progress(claim, "{\"p\":1}");
        assertThat(newsOf("b", "s").progress()).isEqualTo("{\"p\":1}");
        end(claim, success("1"));
        store.acknowledge(List.of("a"), "r");
        assertThat(store.news("r", 0, List.of(), 10)).isEmpty();
        assertThat(ids(store.news("s", 0, List.of(), 10))).containsExactly("b");
    }

    @Test
    void whatPeopleAndThePassingTimeDoIsNewsToo() {
        for (String id : List.of("parked", "cancelled", "overdue", "crashed", "unknown"))
            dispatch(JobToStore.of(id).told("me", "n1").timeout(LONG));
        store.park(claim("parked", "n1"), "why");
        store.cancel("cancelled", "x");
        store.crashed(claim("crashed", "n1"), 1, failure("gone"));
        sql("update orch_job set deadline = 1 where id = 'overdue'");
        store.endOverdue();
        store.parkUnknown(Duration.ZERO);
        assertThat(ids(store.news("n1", 0, List.of(), 10)))
                .containsExactly("parked", "cancelled", "overdue", "crashed", "unknown");
        long before = newsOf("parked", "n1").news();
        store.unpark("parked", "anna");
        assertThat(newsOf("parked", "n1").news()).isEqualTo(before + 1);
    }
}
