package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.durable.Store.Ending;
import dev.orchestrator.durable.Store.KeyRule;
import dev.orchestrator.durable.Store.Stopping;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys and limits, seen by two processes that share a database (P11); {@link StoreRacesTest} has them at the same time. */
@ParameterizedClass
@EnumSource
class StoreKeysTest extends StoreTesting {
    private static final Duration LONG = Duration.ofHours(1);

    StoreKeysTest(Where where) {
        super(where);
    }

    private Dispatched there(JobToStore job) {
        return other.dispatch(job.job());
    }

    // ---- QUEUE and DROP ----

    @Test
    void thoseThatQueueRunOneAfterTheOtherInOrder() {
        assertThat(dispatch(JobToStore.of("c").key(KeyRule.QUEUE, "k"))).isEqualTo(new Dispatched.Added(true));
        assertThat(there(JobToStore.of("b").key(KeyRule.QUEUE, "k").priority(9)))
                .isEqualTo(new Dispatched.Added(false));
        dispatch(JobToStore.of("a").key(KeyRule.QUEUE, "k"));
        dispatch(JobToStore.of("other key").key(KeyRule.QUEUE, "l"));
        dispatch(JobToStore.of("other type").type("u", 1).key(KeyRule.QUEUE, "k"));
        assertThat(queued()).containsExactlyInAnyOrder("c", "other key", "other type");
        assertThat(job("b").waitsFor()).isEqualTo("key");

        end(claim("c"), success("1"));
        assertThat(queued()).contains("b").doesNotContain("a");
        assertThat(job("b").waitsFor()).isNull();
        Claim b = claim("b");
        store.retry(b, failedAttempt(1, "once"), Duration.ofHours(1));
        assertThat(queued()).contains("b").doesNotContain("a"); // it has the key until it ends
        end(claim("b"), failure("no"));
        assertThat(queued()).contains("a");
    }

    @Test
    void noMoreWaitThanAreAllowed() {
        dispatch(JobToStore.of("a").key(KeyRule.QUEUE, "k", 1));
        dispatch(JobToStore.of("b").key(KeyRule.QUEUE, "k", 1));
        assertThat(there(JobToStore.of("c").key(KeyRule.QUEUE, "k", 1))).isEqualTo(new Dispatched.KeyInUse(1));
        assertThat(there(JobToStore.of("b").key(KeyRule.QUEUE, "k", 1))).isInstanceOf(Dispatched.Exists.class);
        assertThat(store.find("c")).isEmpty();
        assertThat(there(JobToStore.of("d").key(KeyRule.QUEUE, "k", 2))).isEqualTo(new Dispatched.Added(false));
    }

    @Test
    void whatDropsIsNotStored() {
        dispatch(JobToStore.of("a").key(KeyRule.DROP, "k"));
        assertThat(there(JobToStore.of("b").key(KeyRule.DROP, "k"))).isEqualTo(new Dispatched.KeyInUse(0));
        assertThat(there(JobToStore.of("a").key(KeyRule.DROP, "k"))).isInstanceOf(Dispatched.Exists.class);
        assertThat(store.find("b")).isEmpty();
        end(claim("a"), success("1"));
        assertThat(there(JobToStore.of("b").key(KeyRule.DROP, "k"))).isEqualTo(new Dispatched.Added(true));
    }

    @Test
    void oneThatWaitsForItsKeyIsCancelledAndLeavesTheOrder() {
        for (String id : List.of("a", "b", "c")) dispatch(JobToStore.of(id).key(KeyRule.QUEUE, "k"));
        assertThat(other.cancel("b", "not wanted")).isEqualTo(Stopping.CANCELLED);
        end(claim("a"), success("1"));
        assertThat(queued()).containsExactly("c");
    }

    @Test
    void theTimeOfOneThatWaitsForItsKeyIsUpToo() {
        dispatch(JobToStore.of("a").key(KeyRule.QUEUE, "k"));
        dispatch(JobToStore.of("b").key(KeyRule.QUEUE, "k").timeout(Duration.ofMinutes(1)));
        timePasses(Duration.ofMinutes(2));
        assertThat(other.endOverdue()).containsExactly("b");
        end(claim("a"), success("1"));
        assertThat(queued()).isEmpty();
    }

    // ---- JOIN ----

    @Test
    void thoseThatJoinEndTogether() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k"));
        assertThat(there(JobToStore.of("b").key(KeyRule.JOIN, "k"))).isEqualTo(new Dispatched.Added(false));
        Claim claim = claim("a");
        assertThat(job("b").state()).isEqualTo(JobState.RUNNING);
        there(JobToStore.of("c").key(KeyRule.JOIN, "k"));
        store.began(claim, 1);
        store.event(claim, 1, "e", 1, "{}");
        assertThat(end(claim, success("7"))).containsExactly("a", "b", "c");
        for (String id : List.of("a", "b", "c")) {
            assertThat(job(id).result()).isEqualTo("7");
            assertThat(job(id).state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(store.events(id, 0)).hasSize(1);
        }
        assertThat(there(JobToStore.of("d").key(KeyRule.JOIN, "k"))).isEqualTo(new Dispatched.Added(true));
    }

    @Test
    void theTimeOfOneThatTakesPartEndsItAlone() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k"));
        Claim claim = claim("a");
        there(JobToStore.of("b").key(KeyRule.JOIN, "k").timeout(Duration.ofMinutes(1)));
        there(JobToStore.of("c").key(KeyRule.JOIN, "k").timeout(LONG));
        timePasses(Duration.ofMinutes(2));
        assertThat(store.endOverdue()).containsExactly("b");
        assertThat(store.endOverdue()).isEmpty();
        assertThat(job("b").state()).isEqualTo(JobState.TIMED_OUT);
        assertThat(job("b").error()).contains("PT1M");
        assertThat(job("a").state()).isEqualTo(JobState.RUNNING);
        assertThat(store.claimed(claim).orElseThrow().deadline()).isNull();
        assertThat(end(claim, success("1"))).containsExactly("a", "c");
    }

    @Test
    void aWorkGoesOnForTheOthersIfTheTimeOfItsLeaderIsUp() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k").timeout(Duration.ofMinutes(1)));
        Claim claim = claim("a");
        dispatch(JobToStore.of("b").key(KeyRule.JOIN, "k").timeout(LONG));
        dispatch(JobToStore.of("c").key(KeyRule.QUEUE, "k"));
        timePasses(Duration.ofMinutes(2));
        assertThat(end(claim, new Ending.TimedOut(Duration.ofMinutes(1)))).containsExactly("a");
        assertThat(job("a").state()).isEqualTo(JobState.TIMED_OUT);
        assertThat(job("b").state()).isEqualTo(JobState.WAITING);
        assertThat(job("c").waitsFor()).isEqualTo("key");

        Claim again = claim("a");
        Store.Work work = store.claimed(again).orElseThrow();
        assertThat(work.deadline()).isEqualTo(deadline("b"));
        timePasses(LONG);
        assertThat(store.endOverdue()).isEmpty(); // the last one is for the worker to end
        assertThat(end(again, new Ending.TimedOut(LONG))).containsExactly("b");
        assertThat(job("c").waitsFor()).isNull();
    }

    @Test
    void theTimeOfALeaderThatWaitsEndsItAlone() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k").timeout(Duration.ofMinutes(1)));
        dispatch(JobToStore.of("b").key(KeyRule.JOIN, "k"));
        timePasses(Duration.ofMinutes(2));
        assertThat(store.endOverdue()).containsExactly("a");
        assertThat(end(claim("a"), success("1"))).containsExactly("b");
    }

    private long deadline(String id) {
        return Long.parseLong(
                texts("select deadline from orch_job where id = '" + id + "'").getFirst());
    }

    @Test
    void aWorkGoesOnForTheOthersIfItsLeaderIsCancelled() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k"));
        dispatch(JobToStore.of("b").key(KeyRule.JOIN, "k"));
        Claim claim = claim("a");
        assertThat(other.cancel("a", "alone")).isEqualTo(Stopping.CANCELLED);
        assertThat(job("a").state()).isEqualTo(JobState.CANCELLED);
        assertThat(store.claimed(claim).orElseThrow().stopWish()).isNull();
        assertThat(there(JobToStore.of("c").key(KeyRule.JOIN, "k"))).isEqualTo(new Dispatched.Added(false));
        assertThat(end(claim, success("1"))).containsExactly("b", "c");
        assertThat(job("a").state()).isEqualTo(JobState.CANCELLED);
        assertThat(job("c").state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void theLastOneThatIsCancelledStopsTheWork() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k"));
        dispatch(JobToStore.of("b").key(KeyRule.JOIN, "k"));
        Claim claim = claim("a");
        assertThat(store.cancel("a", "one")).isEqualTo(Stopping.CANCELLED);
        assertThat(store.cancel("b", "two")).isEqualTo(Stopping.ASKED);
        assertThat(store.stopWishes("n1")).isEqualTo(Map.of("a", "two"));
        assertThat(end(claim, new Ending.Cancelled("two"))).containsExactly("b");
        assertThat(job("a").error()).isEqualTo("one");
    }

    @Test
    void nobodyJoinsAWorkThatIsToStop() {
        dispatch(JobToStore.of("a").key(KeyRule.JOIN, "k"));
        Claim claim = claim("a");
        store.cancel("a", "stop");
        there(JobToStore.of("b").key(KeyRule.JOIN, "k"));
        there(JobToStore.of("c").key(KeyRule.JOIN, "k"));
        assertThat(job("b").waitsFor()).isEqualTo("key");
        assertThat(end(claim, new Ending.Cancelled("stop"))).containsExactly("a");
        assertThat(queued()).containsExactly("b");
        assertThat(end(claim("b"), success("1"))).containsExactly("b", "c");
    }

    // ---- REPLACE ----

    @Test
    void whatReplacesRunsWhenTheOldOneIsDown() {
        dispatch(JobToStore.of("a").key(KeyRule.REPLACE, "k"));
        Claim claim = claim("a");
        dispatch(JobToStore.of("b").key(KeyRule.REPLACE, "k"));
        there(JobToStore.of("c").key(KeyRule.REPLACE, "k"));
        assertThat(store.stopWishes("n1")).containsKey("a");
        assertThat(job("b").state()).isEqualTo(JobState.CANCELLED);
        assertThat(job("c").waitsFor()).isEqualTo("key");
        assertThat(queued()).isEmpty();
        end(claim, new Ending.Cancelled("replaced"));
        assertThat(queued()).containsExactly("c");
    }

    @Test
    void whatReplacesOneThatWaitsTakesItsPlaceAtOnce() {
        dispatch(JobToStore.of("a").key(KeyRule.REPLACE, "k").delay(Duration.ofHours(1)));
        assertThat(there(JobToStore.of("b").key(KeyRule.REPLACE, "k"))).isEqualTo(new Dispatched.Added(true));
        assertThat(job("a").state()).isEqualTo(JobState.CANCELLED);
        assertThat(queued()).containsExactly("b");
        assertThat(there(JobToStore.of("b").key(KeyRule.REPLACE, "k"))).isInstanceOf(Dispatched.Exists.class);
        assertThat(queued()).containsExactly("b");
    }

    // ---- limits ----

    @Test
    void slotsAreHandedOnInOrderOfPriorityAndStoring() {
        for (String id : List.of("a", "b", "c", "d")) dispatch(JobToStore.of(id));
        dispatch(JobToStore.of("urgent").priority(5));
        Claim a = claim("a");
        assertThat(store.takeSlots(a, Map.of("l", 1))).isTrue();
        assertThat(store.takeSlots(a, Map.of("l", 1))).isTrue();
        for (String id : List.of("c", "b", "urgent"))
            assertThat(other.takeSlots(claim(id), Map.of("l", 1))).isFalse();
        assertThat(job("b").waitsFor()).isEqualTo("limit");
        assertThat(job("b").state()).isEqualTo(JobState.WAITING);
        assertThat(queued()).containsExactly("d");

        end(a, success("1"));
        assertThat(queued()).containsExactlyInAnyOrder("urgent", "d");
        Claim urgent = claim("urgent");
        assertThat(store.takeSlots(urgent, Map.of("l", 1))).isTrue();
        store.retry(urgent, failedAttempt(1, "x"), Duration.ZERO); // and keeps its slot
        assertThat(store.takeSlots(claim("d"), Map.of("l", 1))).isFalse();
        end(claim("urgent"), success("1"));
        assertThat(queued()).containsExactly("b");
        store.cancel("b", "not wanted");
        assertThat(queued()).containsExactly("c");
        store.cancel("d", "not wanted");
        end(claim("c"), success("1"));
        assertThat(queued()).isEmpty();
        assertThat(texts("select work from orch_slot union all select work from orch_slot_wait"))
                .isEmpty();
    }

    @Test
    void oneThatNeedsSeveralTakesAllOrNone() {
        for (String id : List.of("x", "y", "both", "x2")) dispatch(JobToStore.of(id));
        Claim x = claim("x");
        Claim y = claim("y");
        assertThat(store.takeSlots(x, Map.of("x", 1))).isTrue();
        assertThat(store.takeSlots(y, Map.of("y", 1))).isTrue();
        assertThat(store.takeSlots(claim("both"), Map.of("x", 1, "y", 1))).isFalse();
        assertThat(store.takeSlots(claim("x2"), Map.of("x", 1))).isFalse();
        end(x, success("1"));
        assertThat(queued()).containsExactly("x2"); // no slot is left idle for one that cannot have it
        end(y, success("1"));
        assertThat(queued()).containsExactly("x2");
        end(claim("x2"), success("1"));
        assertThat(queued()).containsExactly("both");
        assertThat(texts("select name from orch_slot order by name")).containsExactly("x", "y");
    }

    @Test
    void aLimitThatIsRaisedLetsMoreIn() {
        for (String id : List.of("a", "b", "c")) dispatch(JobToStore.of(id));
        assertThat(store.takeSlots(claim("a"), Map.of("l", 1))).isTrue();
        assertThat(store.takeSlots(claim("b"), Map.of("l", 1))).isFalse();
        assertThat(store.takeSlots(claim("c"), Map.of("l", 3))).isTrue();
        assertThat(queued()).containsExactly("b");
    }

    @Test
    void whatIsParkedHoldsNoSlot() {
        for (String id : List.of("a", "b")) dispatch(JobToStore.of(id));
        Claim a = claim("a");
        store.takeSlots(a, Map.of("l", 1));
        store.takeSlots(claim("b"), Map.of("l", 1));
        store.park(a, "unreadable");
        assertThat(queued()).containsExactly("b");
        store.crashed(claim("b"), 1, failure("gone"));
        assertThat(texts("select work from orch_slot")).isEmpty();
    }
}
