package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P11: no more works are claimed than there are workers, and none that comes takes the turn of one that waits. */
class ClaimsTest {
    private static final Instant NOW = Instant.ofEpochMilli(0);
    private static final int MANY = 10;

    private final Store store = JdbcStore.open(DurableStore.inMemory(), EngineWorld.SETTINGS);
    private final SignalBus bus = SignalBus.scoped();
    private final Works works = new Works();
    private final TextKind kind =
            new TextKind("echo", Dispatcher.create(bus), JobOptions.none(), (job, context) -> job.text());

    /** What happens when somebody looks which kinds there are. */
    private final AtomicReference<Runnable> looking = new AtomicReference<>(() -> {});

    private final Claims claims = new Claims(
            works,
            new Glances(store),
            new KindTable(this::kinds, new ConditionWatch(store, bus, () -> {}), store),
            new Recurring(new Patience(bus.time())),
            1);

    @AfterEach
    void close() {
        bus.close();
        store.close();
    }

    private List<TextKind> kinds() {
        looking.get().run();
        return List.of(kind);
    }

    private void claimNothing(Runnable meanwhile) {
        claims.claim(null, NOW, MANY, (context, now, tasks, most) -> {
            meanwhile.run();
            return List.of();
        });
    }

    private void claimOneWork() {
        claims.claim(null, NOW, MANY, (context, now, tasks, most) -> {
            assertThat(most).isEqualTo(1);
            return List.of(new Execution(now, new TaskInstance<Void>("echo@1", "w"), true, "n", null, null, 0, now, 2));
        });
    }

    @Test
    void nothing_is_claimed_as_it_is_stored_before_the_queue_was_seen() {
        assertThat(claims.claimOne("echo@1")).isFalse();
        claimNothing(() -> {});
        assertThat(claims.claimOne("unknown@1")).isFalse();
        assertThat(claims.claimOne("echo@1")).isTrue();
        assertThat(claims.claimOne("echo@1")).as("there is one worker").isFalse();
    }

    @Test
    void a_work_that_is_noted_while_the_queue_is_looked_at_has_its_turn() {
        claimNothing(claims::noteWaiting);

        assertThat(claims.isMore()).isTrue();
        assertThat(claims.claimOne("echo@1")).isFalse();
    }

    @Test
    void a_worker_that_is_taken_while_a_claim_begins_is_not_taken_twice() throws Exception {
        claimNothing(() -> {});
        var arrived = new CompletableFuture<Void>();
        var go = new CompletableFuture<Void>();
        Thread claiming = Thread.currentThread();
        looking.set(() -> {
            if (Thread.currentThread() == claiming) return;
            arrived.complete(null);
            go.join();
        });
        // It has seen that nothing waits, and is about to take the worker.
        CompletableFuture<Boolean> storing = CompletableFuture.supplyAsync(() -> claims.claimOne("echo@1"));
        arrived.get(30, TimeUnit.SECONDS);
        looking.set(() -> {
            go.complete(null);
            storing.join();
        });
        claims.claim(
                null,
                NOW,
                MANY,
                (context, now, tasks, most) -> List.of(new Execution(
                                now, new TaskInstance<Void>("echo@1", "w"), true, "n", null, null, 0, now, 2))
                        .subList(0, most));

        assertThat(works.busy()).isEqualTo(1);
    }

    @Test
    void a_full_queue_leaves_no_worker_to_what_is_stored() {
        claimOneWork();

        assertThat(claims.isMore()).isTrue();
        assertThat(works.busy()).isEqualTo(1);
    }
}
