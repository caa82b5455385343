package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobOptions;
import dev.orchestrator.RunLimit;
import dev.orchestrator.testkit.Gate;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * P9: limits and keys hold across processes. A durable job waits for its condition without burning an attempt, and goes on
 * when that holds.
 */
class EngineWaitTest {
    /** A condition that a test switches. */
    private static final class Switch implements Condition {
        private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
        private volatile boolean on;

        @Override
        public String name() {
            return "switch";
        }

        @Override
        public boolean holds() {
            return on;
        }

        @Override
        public void onChange(Runnable changed) {
            listeners.add(changed);
        }

        void turnOn() {
            on = true;
            listeners.forEach(Runnable::run);
        }
    }

    private final EngineWorld world = EngineWorld.create();
    private final EngineWorld.Process here = world.process("here");
    private final EngineWorld.Process there = world.process("there");
    private final Switch online = new Switch();

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void a_limit_of_a_type_holds_across_processes() throws Exception {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        JobOptions options = JobOptions.builder().limit(RunLimit.of(2)).build();
        for (EngineWorld.Process process : List.of(here, there)) {
            process.add("limited", options, (job, context) -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                running.decrementAndGet();
                return job.text();
            });
            process.start();
        }
        for (int i = 0; i < 40; i++) here.dispatch("limited", "j" + i, "x");
        there.engine.wake();

        for (int i = 0; i < 40; i++) {
            String id = "j" + i;
            assertThat(java.util.concurrent.CompletableFuture.anyOf(
                                    java.util.concurrent.CompletableFuture.supplyAsync(() -> end(here, id)),
                                    java.util.concurrent.CompletableFuture.supplyAsync(() -> end(there, id)))
                            .get(30, java.util.concurrent.TimeUnit.SECONDS))
                    .isNotNull();
        }
        assertThat(most.get()).isBetween(1, 2);
    }

    private static WhatWasTold.End end(EngineWorld.Process process, String id) {
        try {
            return process.told.awaitEnd(id);
        } catch (Exception notHere) {
            throw new IllegalStateException(notHere);
        }
    }

    @Test
    void a_limit_is_not_passed_while_one_is_inside() throws Exception {
        var gate = new Gate();
        JobOptions options = JobOptions.builder().limit(RunLimit.of(1)).build();
        here.add("limited", options, (job, context) -> job.text().equals("first") ? gate.pass("1") : "2");
        here.start().dispatch("limited", "a", "first");
        gate.awaitArrival();
        here.dispatch("limited", "b", "second");
        here.spy.awaitDone("takeSlots");
        here.spy.awaitDone("takeSlots");

        assertThat(world.find("b").waitsFor()).isEqualTo("limit");
        gate.open();

        assertThat(here.told.awaitEnd("b").value()).isEqualTo("2");
        assertThat(here.told.lines).containsExactly("a began 1", "a ended Success", "b began 1", "b ended Success");
    }

    @Test
    void those_with_the_same_key_run_one_after_the_other_in_order() throws Exception {
        var order = new CopyOnWriteArrayList<String>();
        for (EngineWorld.Process process : List.of(here, there)) {
            process.add("keyed", JobOptions.none(), (job, context) -> {
                order.add(job.text() + " in");
                order.add(job.text() + " out");
                return job.text();
            });
        }
        var key = new Store.Key("k", Store.KeyRule.QUEUE, 100);
        for (int i = 0; i < 5; i++) world.store.dispatch(EngineWorld.job("keyed", "j" + i, "j" + i, "here", null, key));
        here.start();

        here.told.awaitEnd("j4");
        assertThat(order)
                .containsExactly(
                        "j0 in", "j0 out", "j1 in", "j1 out", "j2 in", "j2 out", "j3 in", "j3 out", "j4 in", "j4 out");
    }

    @Test
    void a_job_whose_condition_does_not_hold_waits_by_its_name_and_runs_when_that_changes() throws Exception {
        here.add("send", JobOptions.none(), (job, context) -> "attempt " + context.attempt()).condition = online;
        here.start().dispatch("send", "a", "x");
        Object[] step = here.spy.awaitDone("giveBack");

        assertThat(step[2]).isEqualTo("switch");
        assertThat(world.find("a").waitsFor()).isEqualTo("switch");
        assertThat(world.find("a").attempts()).isZero();
        online.turnOn();

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("attempt 1");
    }

    @Test
    void of_two_conditions_with_the_same_name_each_says_when_it_changes() throws Exception {
        here.add("never", JobOptions.none(), (job, context) -> "never").condition = new Switch();
        here.add("send", JobOptions.none(), (job, context) -> "sent").condition = online;
        here.engine.kindsChanged();
        here.start().dispatch("send", "a", "x");
        here.spy.awaitDone("giveBack");
        online.turnOn();

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("sent");
    }

    @Test
    void an_error_that_says_offline_gives_the_job_back_uncounted() throws Exception {
        online.on = true;
        var runs = new AtomicInteger();
        TextKind kind = here.add("send", JobOptions.none(), (job, context) -> {
            if (runs.incrementAndGet() == 1) throw new ConnectException("no route");
            return "attempt " + context.attempt();
        });
        kind.condition = online;
        kind.offline = ConnectException.class::isInstance;
        here.start().dispatch("send", "a", "x");
        Object[] step = here.spy.awaitDone("giveBack");
        assertThat(step[1]).isEqualTo(Duration.ofSeconds(1));
        assertThat(step[2]).isEqualTo("switch");
        online.turnOn();

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("attempt 1");
        assertThat(world.store.failedAttempts("a")).isEmpty();
    }

    @Test
    void many_that_wait_for_a_condition_keep_no_others_from_running() throws Exception {
        here.add("send", JobOptions.none(), (job, context) -> "sent").condition = online;
        here.add("echo", JobOptions.none(), (job, context) -> job.text());
        for (int i = 0; i < 200; i++) world.store.dispatch(EngineWorld.job("send", "s" + i, "x", "here"));
        here.start();
        for (int i = 0; i < 64; i++) here.spy.awaitDone("giveBack");
        here.dispatch("echo", "e", "through");

        assertThat(here.told.awaitEnd("e").value()).isEqualTo("through");
        assertThat(here.spy.called("giveBack")).isBetween(64, 72);
        online.turnOn();
        for (int i = 0; i < 200; i++)
            assertThat(here.told.awaitEnd("s" + i).value()).isEqualTo("sent");
    }

    @Test
    void a_condition_that_throws_counts_as_not_holding() throws Exception {
        here.add("send", JobOptions.none(), (job, context) -> "sent").condition = new Condition() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public boolean holds() {
                throw new IllegalStateException("broken");
            }
        };
        here.start().dispatch("send", "a", "x");

        assertThat(here.spy.awaitDone("giveBack")[2]).isEqualTo("broken");
    }

    @Test
    void whoever_cannot_say_whether_an_error_is_offline_has_failed() throws Exception {
        here.add("send", JobOptions.none(), (job, context) -> {
                            throw new IllegalStateException("no");
                        })
                        .offline =
                error -> {
                    throw new StackOverflowError();
                };
        here.start().dispatch("send", "a", "x");

        assertThat(here.told.awaitEnd("a").ending()).isInstanceOf(Store.Ending.Failure.class);
    }
}
