package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.durable.EngineWorld.Printed;
import dev.orchestrator.durable.EngineWorld.Unknown;
import dev.orchestrator.testkit.Gate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A durable job that is claimed is attempted, tried again by its policy (P8), and has one recorded ending (P1), which is told
 * when it is on disk; its events come in order (P4); its time limits hold (P7).
 */
class EngineTest {
    private static final JobOptions NONE = JobOptions.none();

    @TempDir
    private Path folder;

    private final EngineWorld world = EngineWorld.create();
    private final EngineWorld.Process here = world.process("here");

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void a_value_is_recorded_and_told() throws Exception {
        here.add("echo", NONE, (job, context) -> "said " + job.text() + " in attempt " + context.attempt());
        here.start().dispatch("echo", "a", "hello");

        WhatWasTold.End end = here.told.awaitEnd("a");

        assertThat(end.value()).isEqualTo("said hello in attempt 1");
        assertThat(end.attempts()).isEqualTo(1);
        DurableJob job = world.find("a");
        assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.result()).isEqualTo("said hello in attempt 1");
        assertThat(job.attempts()).isEqualTo(1);
        assertThat(job.began()).isNotNull();
        assertThat(job.node()).isEqualTo("here");
        assertThat(here.told.lines).containsExactly("a began 1", "a ended Success");
    }

    @Test
    void the_same_holds_on_a_file() throws Exception {
        try (var onDisk = new EngineWorld(DurableStore.sqlite(folder.resolve("jobs.db")))) {
            EngineWorld.Process process = onDisk.process("here");
            process.add("echo", NONE, (job, context) -> job.text());
            process.start();
            for (int i = 0; i < 50; i++) process.dispatch("echo", "j" + i, "text " + i);
            for (int i = 0; i < 50; i++)
                assertThat(process.told.awaitEnd("j" + i).value()).isEqualTo("text " + i);
            assertThat(onDisk.store.counts(JobFilter.all())).containsEntry(JobState.SUCCEEDED, 50L);
        }
    }

    @Test
    void an_error_is_tried_again_by_the_policy_and_then_recorded_with_all_attempts() throws Exception {
        var policy = RetryPolicy.fixed(3, Duration.ofMillis(30));
        var times = new CopyOnWriteArrayList<Long>();
        here.add("fail", JobOptions.builder().retry(policy).build(), (job, context) -> {
            times.add(System.nanoTime());
            throw new IllegalStateException("attempt " + context.attempt());
        });
        here.start().dispatch("fail", "a", "x");

        WhatWasTold.End end = here.told.awaitEnd("a");

        assertThat(end.error()).hasMessage("attempt 3");
        assertThat(end.attempts()).isEqualTo(3);
        assertThat(here.told.lines)
                .containsExactly(
                        "a began 1",
                        "a retrying 1 of 3 in 30: attempt 1",
                        "a began 2",
                        "a retrying 2 of 3 in 30: attempt 2",
                        "a began 3",
                        "a ended Failure");
        assertThat(times.get(1) - times.get(0))
                .isGreaterThanOrEqualTo(Duration.ofMillis(29).toNanos());
        DurableJob job = world.find("a");
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.errorType()).isEqualTo(IllegalStateException.class.getName());
        assertThat(job.error()).isEqualTo("attempt 3");
        assertThat(world.store.failedAttempts("a"))
                .extracting(FailedAttempt::number, FailedAttempt::error, FailedAttempt::node)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1, "attempt 1", "here"),
                        org.assertj.core.groups.Tuple.tuple(2, "attempt 2", "here"),
                        org.assertj.core.groups.Tuple.tuple(3, "attempt 3", "here"));
    }

    @Test
    void a_result_that_the_policy_refuses_is_tried_again_and_the_last_one_counts() throws Exception {
        var policy = RetryPolicy.fixed(2, Duration.ZERO).retryOnResult("bad"::equals);
        here.add("poll", JobOptions.builder().retry(policy).build(), (job, context) -> "bad");
        here.start().dispatch("poll", "a", "x");

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("bad");
        assertThat(world.find("a").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(world.store.failedAttempts("a"))
                .extracting(FailedAttempt::error)
                .containsExactly("the retry policy refused the result of attempt 1 of job a");
    }

    @Test
    void a_result_that_cannot_be_stored_fails_the_job_without_another_attempt() throws Exception {
        var runs = new AtomicInteger();
        here.add(
                "echo",
                JobOptions.builder().retry(RetryPolicy.fixed(5, Duration.ZERO)).build(),
                (job, context) -> {
                    runs.incrementAndGet();
                    return "broken result";
                });
        here.start().dispatch("echo", "a", "x");

        assertThat(here.told.awaitEnd("a").error()).hasMessage("it is broken result");
        assertThat(runs).hasValue(1);
        assertThat(world.find("a").state()).isEqualTo(JobState.FAILED);
    }

    @Test
    void an_unreadable_job_is_parked_with_its_reason_and_the_others_go_on() throws Exception {
        here.add("echo", NONE, (job, context) -> job.text());
        here.start().dispatch("echo", "a", "broken");
        here.dispatch("echo", "b", "fine");

        here.told.awaitChange();
        assertThat(here.told.awaitEnd("b").value()).isEqualTo("fine");
        assertThat(world.find("a").state()).isEqualTo(JobState.PARKED);
        assertThat(world.find("a").error()).isEqualTo("it is broken");
    }

    @Test
    void what_no_living_process_knows_for_a_lease_is_parked_and_runs_when_one_does() throws Exception {
        EngineWorld.Process shortly = world.process("shortly", EngineWorld.withLease(Duration.ofMillis(100)));
        shortly.add("echo", NONE, (job, context) -> job.text());
        shortly.start().dispatch("unknown", "a", "x");
        world.awaitRow("update orch_job set priority = 0 where id = 'a' and state = 'PARKED'");
        assertThat(world.find("a").error()).contains("no living process knows");

        shortly.add("unknown", NONE, (job, context) -> "known by now");
        assertThat(shortly.told.awaitEnd("a").value()).isEqualTo("known by now");
    }

    @Test
    void what_is_kept_for_a_moment_is_removed_after_it() throws Exception {
        var settings = new Settings(
                4,
                EngineWorld.SETTINGS.poll(),
                EngineWorld.SETTINGS.lease(),
                Duration.ofMillis(1),
                EngineWorld.SETTINGS.grace(),
                3);
        EngineWorld.Process brief = world.process("brief", settings);
        brief.add("echo", NONE, (job, context) -> job.text());
        brief.start().dispatch("echo", "a", "x");
        brief.told.awaitEnd("a");

        long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (world.store.find("a").isPresent()) {
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.onSpinWait();
        }
    }

    @Test
    void a_parked_job_runs_once_it_is_edited_and_back_in_the_queue() throws Exception {
        here.add("echo", NONE, (job, context) -> job.text());
        here.start().dispatch("echo", "a", "broken");
        here.told.awaitChange();

        assertThat(world.store.edit("a", 1, "mended", "me")).isTrue();
        assertThat(world.store.unpark("a", "me")).isTrue();
        here.engine.wake();

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("mended");
    }

    @Test
    void events_are_stored_in_order_before_emit_returns() throws Exception {
        var seen = new CompletableFuture<List<Store.StoredEvent>>();
        here.add("print", NONE, (job, context) -> {
            context.emit(new Printed("a", "one"));
            context.emit(new Printed("a", "two"));
            seen.complete(world.store.events("a", 0));
            return "done";
        });
        here.start().dispatch("print", "a", "x");

        here.told.awaitEnd("a");
        assertThat(seen.get(30, TimeUnit.SECONDS))
                .extracting(Store.StoredEvent::payload)
                .containsExactly("one", "two");
        assertThat(here.told.lines).containsExactly("a began 1", "a event", "a event", "a ended Success");
    }

    @Test
    void an_event_that_is_not_registered_is_refused_to_the_code() throws Exception {
        here.add("print", NONE, (job, context) -> {
            context.emit(new Unknown());
            return "not reached";
        });
        here.start().dispatch("print", "a", "x");

        assertThat(here.told.awaitEnd("a").error()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void progress_is_told_here_and_the_last_report_is_stored_for_a_reader_elsewhere() throws Exception {
        here.add("work", NONE, (job, context) -> {
            for (int i = 1; i <= 9; i++) context.progress(JobProgress.of(i / 10.0));
            return "done";
        });
        here.start().dispatch(EngineWorld.job("work", "a", "x", "elsewhere"));

        here.told.awaitEnd("a");
        assertThat(here.told.lines).contains("a progress 0.1", "a progress 0.9");
        assertThat(here.spy.called("began")).isEqualTo(1);
        assertThat(here.spy.called("progress")).isBetween(1, 2);
        Object[] last = here.spy.awaitDone("progress");
        if (here.spy.called("progress") == 2) last = here.spy.awaitDone("progress");
        assertThat(last[1]).isEqualTo("0.9");
    }

    @Test
    void a_job_that_is_read_here_alone_costs_no_step_for_its_beginning() throws Exception {
        here.add("echo", NONE, (job, context) -> job.text());
        here.start().dispatch("echo", "a", "x");

        here.told.awaitEnd("a");
        assertThat(here.spy.called("began")).isZero();
        assertThat(here.spy.called("progress")).isZero();
    }

    @Test
    void time_in_all_counts_from_the_dispatch_and_ends_what_runs() throws Exception {
        var gate = new Gate();
        here.add("wait", NONE, (job, context) -> gate.pass("late"));
        here.start().dispatch(EngineWorld.job("wait", "a", "x", "here", Duration.ofMillis(200), null));

        WhatWasTold.End end = here.told.awaitEnd("a");

        assertThat(end.ending()).isEqualTo(new Store.Ending.TimedOut(Duration.ofMillis(200)));
        assertThat(world.find("a").state()).isEqualTo(JobState.TIMED_OUT);
    }

    @Test
    void a_job_whose_time_is_up_before_a_worker_has_it_is_ended_all_the_same() throws Exception {
        here.start();
        world.store.dispatch(EngineWorld.job("nobody", "a", "x", "here", Duration.ofMillis(1), null));

        here.told.awaitChange();
        assertThat(world.find("a").state()).isEqualTo(JobState.TIMED_OUT);
    }

    @Test
    void time_of_an_attempt_fails_it_and_the_policy_goes_on() throws Exception {
        var options = JobOptions.builder()
                .attemptTimeout(Duration.ofMillis(50))
                .retry(RetryPolicy.fixed(2, Duration.ZERO))
                .build();
        var gate = new Gate();
        here.add("wait", options, (job, context) -> context.attempt() == 1 ? gate.pass("late") : "in time");
        here.start().dispatch("wait", "a", "x");

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("in time");
    }

    @Test
    void kinds_that_are_registered_later_are_done_and_others_are_left_alone() throws Exception {
        here.start().dispatch("late", "a", "x");
        here.dispatch("strange", "b", "x");

        here.add("late", NONE, (job, context) -> job.text());

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("x");
        assertThat(world.find("b").state()).isEqualTo(JobState.WAITING);
    }

    @Test
    void without_workers_nothing_is_claimed_and_the_house_is_kept() throws Exception {
        Settings none = new Settings(
                0, Duration.ofMillis(20), Duration.ofSeconds(20), Duration.ofDays(7), Duration.ofSeconds(5), 3);
        EngineWorld.Process front = world.process("front", none);
        front.add("echo", NONE, (job, context) -> job.text());
        front.start().dispatch("echo", "a", "x");
        world.store.dispatch(EngineWorld.job("echo", "b", "x", "here", Duration.ofMillis(1), null));

        front.told.awaitChange();
        assertThat(world.find("b").state()).isEqualTo(JobState.TIMED_OUT);
        assertThat(world.find("a").state()).isEqualTo(JobState.WAITING);
        assertThat(front.spy.called("claimed")).isZero();
    }

    @Test
    void a_program_that_only_dispatches_a_kind_claims_none_of_it() throws Exception {
        EngineWorld.Process front = world.process("front").start();
        front.add("echo", NONE, (job, context) -> "done at the front").isDoneHere = false;
        here.add("echo", NONE, (job, context) -> "done here");
        front.dispatch("echo", "a", "x");
        here.start();

        assertThat(here.told.awaitEnd("a").value()).isEqualTo("done here");
    }

    @Test
    void no_more_are_under_way_than_there_are_workers() throws Exception {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        here.add("count", NONE, (job, context) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            inside.decrementAndGet();
            return job.text();
        });
        for (int i = 0; i < 200; i++) world.store.dispatch(EngineWorld.job("count", "j" + i, "x", "here"));
        here.start();

        for (int i = 0; i < 200; i++) here.told.awaitEnd("j" + i);
        assertThat(most.get()).isBetween(1, EngineWorld.SETTINGS.workers());
    }

    @Test
    void a_free_worker_gets_more_at_once_while_the_others_are_busy_for_long() throws Exception {
        Settings polledByNobody = new Settings(
                4, Duration.ofMinutes(10), Duration.ofSeconds(20), Duration.ofDays(7), Duration.ofSeconds(5), 3);
        EngineWorld.Process busy = world.process("busy", polledByNobody);
        var held = new Gate();
        busy.add("hold", NONE, (job, context) -> held.pass(job.text()));
        busy.add("echo", NONE, (job, context) -> job.text());
        for (int i = 0; i < 3; i++) world.store.dispatch(EngineWorld.job("hold", "h" + i, "x", "busy"));
        for (int i = 0; i < 20; i++) world.store.dispatch(EngineWorld.job("echo", "e" + i, "x", "busy"));
        busy.start();

        for (int i = 0; i < 20; i++) busy.told.awaitEnd("e" + i);
        held.open();
    }

    @Test
    void higher_priority_comes_first() throws Exception {
        Settings one = new Settings(
                1, Duration.ofMillis(20), Duration.ofSeconds(20), Duration.ofDays(7), Duration.ofSeconds(5), 3);
        EngineWorld.Process single = world.process("single", one);
        var order = new CopyOnWriteArrayList<String>();
        single.add("echo", NONE, (job, context) -> {
            order.add(job.text());
            return job.text();
        });
        for (int priority = 0; priority < 20; priority++) {
            world.store.dispatch(EngineWorld.urgent("echo", "p" + priority, "p" + priority, "single", priority));
        }
        single.start();

        single.told.awaitEnd("p0");
        assertThat(order)
                .isEqualTo(IntStream.iterate(19, i -> i >= 0, i -> i - 1)
                        .mapToObj(i -> "p" + i)
                        .toList());
    }

    @Test
    void a_database_that_is_not_there_is_said_at_the_start() {
        here.spy.fail("alive", 1);

        assertThatThrownBy(here::start).isInstanceOf(DurableStoreException.class);
    }
}
