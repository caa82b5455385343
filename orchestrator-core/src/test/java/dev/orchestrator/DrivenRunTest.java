package dev.orchestrator;

import static dev.orchestrator.DrivenWorld.id;
import static dev.orchestrator.DrivenWorld.names;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.DrivenWorld.Pack;
import dev.orchestrator.DrivenWorld.Ship;
import dev.orchestrator.TestWork.About;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.spi.JobControl;
import dev.orchestrator.spi.JobDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** P1, P2, P4, P9: a job that somebody drives is owned, told and refused like any other one. */
class DrivenRunTest {
    private final DrivenWorld world = new DrivenWorld();

    // ---- refusals ----

    @Test
    void what_start_throws_refuses_the_dispatch_and_leaves_nothing() {
        var full = new IllegalStateException("the table is full");
        world.onStart = control -> {
            throw full;
        };
        var owner = world.orchestrator();
        var token = new CancellationToken();
        var options = JobOptions.builder().id("ship-1").token(token).build();
        assertThatThrownBy(() -> owner.dispatch(new Ship(1), options)).isSameAs(full);
        world.settle();
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(token.size()).isZero();
        assertThat(world.bus.jobs()).isEmpty();
        assertThat(world.bus.runs().kept()).isZero();
        assertThat(world.events.all()).isEmpty();
        assertThat(owner.active()).isEmpty();
        assertThat(world.probed).containsExactly("refused Ship[number=1] the table is full");
    }

    @Test
    void a_refused_control_tells_nothing_any_more() {
        world.onStart = control -> {
            throw new IllegalStateException("no");
        };
        assertThatIllegalStateException().isThrownBy(() -> world.ship(1));
        var control = world.control(1);
        control.started();
        control.progress(JobProgress.of(0.5));
        assertThat(control.succeed("late")).isFalse();
        assertThat(control.handled().toCompletableFuture()).isDone();
        assertThat(world.events.all()).isEmpty();
    }

    @Test
    void what_start_throws_after_it_has_told_something_is_the_failure_of_the_job() {
        var error = new IllegalStateException("broken");
        world.onStart = control -> {
            control.started();
            throw error;
        };
        var handle = world.ship(1);
        assertThat(ending(handle)).isEqualTo(new JobResult.Failure<>(error));
        assertThat(world.told(handle)).containsExactly("JobStartedEvent", "JobFailureEvent");
        assertThat(world.probed).containsExactly("accepted " + handle.id() + " RUNNING");
    }

    @Test
    void what_start_throws_after_the_ending_is_reported_and_changes_nothing() throws Exception {
        try (var log = new CapturedLog()) {
            world.onStart = control -> {
                control.succeed("done");
                throw new IllegalStateException("too late");
            };
            var handle = world.ship(1);
            assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
            assertThat(log.lines()).anyMatch(line -> line.text().contains("was asked to start job " + handle.id()));
        }
    }

    @Test
    void a_duplicate_id_a_closed_owner_and_a_closed_dispatcher_refuse_before_the_driver_is_asked() {
        var owner = world.orchestrator();
        owner.dispatch(new Ship(1), id("a"));
        assertThatIllegalStateException()
                .isThrownBy(() -> world.dispatcher.dispatch(new Ship(2), id("a")))
                .withMessageContaining("job id a is in flight already");
        owner.close();
        assertThatIllegalStateException().isThrownBy(() -> owner.dispatch(new Ship(3)));
        world.dispatcher.close();
        assertThatIllegalStateException().isThrownBy(() -> world.ship(4));
        assertThat(world.started).containsExactly(1);
    }

    @Test
    void a_second_driver_is_refused_and_a_closed_registration_is_unknown() {
        assertThatIllegalStateException()
                .isThrownBy(() -> world.dispatcher.drive(Ship.class, world, JobOptions.none()))
                .withMessageContaining("has a driver already");
        assertThatIllegalStateException()
                .isThrownBy(() -> world.dispatcher.register(Ship.class, (job, context) -> "here"));
        assertThatIllegalArgumentException().isThrownBy(() -> world.dispatcher.drive(Pack.class, unused(), id("x")));
        var handle = world.ship(1);
        world.driven.close();
        assertThatThrownBy(() -> world.ship(2)).isInstanceOf(ExecutorNotFoundException.class);
        assertThat(world.control(1).succeed("done")).isTrue();
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    private static JobDriver<Pack, String> unused() {
        return (job, control) -> {};
    }

    @Test
    void a_driver_is_listed_and_can_be_replaced_by_an_executor() {
        assertThat(world.dispatcher.executors()).containsEntry(Ship.class, world);
        var before = world.ship(1);
        world.dispatcher.replace(Ship.class, (job, context) -> "here");
        world.driven.close();
        var after = world.ship(2);
        world.settle();
        assertThat(ending(after)).isEqualTo(new JobResult.Success<>("here"));
        assertThat(isOpen(before)).isTrue();
        assertThat(world.control(1).succeed("there")).isTrue();
    }

    // ---- ownership and order ----

    @Test
    void what_is_told_inside_start_is_active_for_the_owner() {
        world.onStart = control -> {
            control.started();
            control.progress(JobProgress.of(0.5));
            control.data("half", Origin.LIVE);
            control.emit(new Happened(1));
            control.emit(new About(control.id()));
            control.succeed("done");
        };
        var owner = world.orchestrator();
        var handle = owner.dispatch(new Ship(1));
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(owner.isRunning(handle.id())).isTrue();
        world.settle();
        assertThat(owner.isRunning(handle.id())).isFalse();
        assertThat(owner.passive()).isEmpty();
        assertThat(names(owner.active()))
                .containsExactly(
                        "JobStartedEvent", "JobProgressEvent", "JobDataEvent", "Happened", "About", "JobSuccessEvent");
        assertThat(names(world.events.all())).isEqualTo(names(owner.active()));
    }

    @Test
    void a_job_that_is_told_as_under_way_is_told_as_started_before() {
        var handle = world.ship(1);
        world.control(1).progress(JobProgress.of(0.5));
        world.control(1).started();
        world.control(1).started();
        world.control(1).fail(new IllegalStateException("broken"));
        assertThat(world.told(handle)).containsExactly("JobStartedEvent", "JobProgressEvent", "JobFailureEvent");
    }

    @Test
    void an_ending_without_a_beginning_is_told_alone() {
        var handle = world.ship(1);
        world.control(1).attempts(3);
        assertThat(world.control(1).timedOut(Duration.ofSeconds(7))).isTrue();
        assertThat(ending(handle)).isEqualTo(new JobResult.TimedOut<>(Duration.ofSeconds(7)));
        assertThat(world.told(handle)).containsExactly("JobTimeoutEvent");
        assertThat(world.events.terminalOf(handle.id()).getFirst().attempts()).isEqualTo(3);
    }

    @Test
    void nothing_is_told_after_the_ending() {
        var handle = world.ship(1);
        var control = world.control(1);
        assertThat(control.cancelled("lost")).isTrue();
        control.started();
        control.progress(JobProgress.of(1));
        control.data("x", Origin.LIVE);
        control.retrying(1, 2, new IllegalStateException(), Duration.ZERO);
        control.emit(new Happened(1));
        control.letGo("elsewhere");
        assertThat(control.succeed("late")).isFalse();
        assertThat(control.fail(new IllegalStateException())).isFalse();
        assertThat(control.timedOut(Duration.ZERO)).isFalse();
        assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("lost"));
        assertThat(world.told(handle)).containsExactly("JobCancelledEvent");
        assertThat(world.events.all()).hasSize(1);
    }

    @Test
    void a_retry_says_which_attempt_failed_and_progress_only_rises() {
        var handle = world.ship(1);
        var control = world.control(1);
        var error = new IllegalStateException("broken");
        control.progress(JobProgress.of(0.6));
        control.retrying(1, 3, error, Duration.ofSeconds(2));
        control.progress(JobProgress.of(0.4));
        control.progress(JobProgress.of(0.8));
        assertThat(world.told(handle))
                .containsExactly("JobStartedEvent", "JobProgressEvent", "JobRetryingEvent", "JobProgressEvent");
        var retrying = world.events.of(JobRetryingEvent.class).getFirst();
        assertThat(retrying.attempt()).isOne();
        assertThat(retrying.error()).isSameAs(error);
        assertThat(retrying.delay()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void within_the_interval_one_report_is_told_and_the_last_one_before_the_ending() {
        var options =
                JobOptions.builder().progressInterval(Duration.ofSeconds(1)).build();
        var handle = world.dispatcher.dispatch(new Ship(1), options);
        for (int i = 1; i <= 5; i++) world.control(1).progress(JobProgress.step(i, 10));
        world.control(1).succeed("done");
        assertThat(world.events.of(JobProgressEvent.class))
                .extracting(event -> event.progress().fraction())
                .containsExactly(0.1, 0.5);
        assertThat(world.told(handle)).endsWith("JobProgressEvent", "JobSuccessEvent");
        assertThat(world.time.pending()).isZero();
    }

    @Test
    void an_event_about_another_job_goes_to_the_owner_of_that_one() {
        var owner = world.orchestrator();
        var other = owner.dispatch(new Ship(1));
        world.ship(2);
        world.control(2).emit(new About(other.id()));
        world.settle();
        assertThat(names(owner.active())).containsExactly("About");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.control(2).emit(new JobStartedEvent("x", world.time.now(), new Ship(1))));
    }

    @Test
    void a_driver_does_not_wait_for_a_full_mailbox() {
        world.bus.subscribeAsync(Happened.class, event -> {}, OverflowRule.block(1));
        world.ship(1);
        for (int i = 0; i < 3; i++) world.control(1).emit(new Happened(i));
        assertThat(world.events.of(Happened.class)).hasSize(3);
    }

    // ---- one ending ----

    @Test
    void of_many_who_end_a_job_at_once_one_decides() {
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        var control = new AtomicReference<JobControl<String>>();
        dispatcher.drive(Ship.class, (job, given) -> control.set(given), JobOptions.none());
        int rounds = 2_000;
        var decided = new AtomicInteger();
        var told = new AtomicInteger();
        bus.subscribe(TerminalEvent.class, event -> told.incrementAndGet());
        Together.run(
                rounds,
                round -> {
                    dispatcher.dispatch(new Ship(round));
                    count(decided, control.get().succeed("done"));
                },
                round -> {
                    JobControl<String> now = control.get();
                    if (now != null) count(decided, now.fail(new IllegalStateException("broken")));
                },
                round -> {
                    JobControl<String> now = control.get();
                    if (now == null) return;
                    now.progress(JobProgress.of(0.5));
                    count(decided, now.cancelled("lost"));
                });
        assertThat(decided).hasValue(rounds);
        assertThat(told).hasValue(rounds);
        assertThat(bus.runs().kept()).isZero();
    }

    private static void count(AtomicInteger counter, boolean counts) {
        if (counts) counter.incrementAndGet();
    }

    @Test
    void however_many_tell_at_once_started_is_first() {
        int rounds = 1_000;
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        var controls = new ArrayList<JobControl<String>>();
        dispatcher.drive(Ship.class, (job, control) -> controls.add(control), JobOptions.none());
        for (int i = 0; i < rounds; i++) dispatcher.dispatch(new Ship(i));
        var wrong = new AtomicInteger();
        Set<String> begun = ConcurrentHashMap.newKeySet();
        bus.subscribe(JobEvent.class, event -> {
            boolean isFirst = begun.add(event.correlationId());
            if (isFirst != (event instanceof JobStartedEvent)) wrong.incrementAndGet();
        });
        Together.run(
                rounds,
                round -> controls.get(round).started(),
                round -> controls.get(round).progress(JobProgress.of(0.5)),
                round -> controls.get(round).data("x", Origin.LIVE));
        assertThat(wrong).hasValue(0);
        assertThat(begun).hasSize(rounds);
    }

    // ---- what is handed to the driver ----

    @Test
    void a_driver_gets_all_options_and_the_core_obeys_none_of_them() {
        var key = JobOptions.builder()
                .dropIfRunning("harbour")
                .timeout(Duration.ofSeconds(1))
                .build();
        world.dispatcher.dispatch(new Ship(1), key);
        world.dispatcher.dispatch(new Ship(2), key);
        world.time.advance(Duration.ofHours(1));
        assertThat(world.bus.jobs()).hasSize(2);
        assertThat(world.control(2).asked()).isEqualTo(key);
        assertThat(world.control(2).options().timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(world.control(2).options().sameKey())
                .isEqualTo(new JobOptions.SameKey("harbour", new SameKeyRule.Drop()));
    }

    @Test
    void the_registration_s_options_are_the_weakest_and_settle_tells_what_holds() {
        var ofType = JobOptions.builder()
                .grace(Duration.ofSeconds(9))
                .limit(RunLimit.of(1))
                .timeout(Duration.ofSeconds(9))
                .build();
        var driven = world.dispatcher.drive(Pack.class, unused(), ofType);
        var asked = JobOptions.builder().timeout(Duration.ofSeconds(1)).build();
        JobOptions settled = driven.settle(new Pack(1), asked);
        assertThat(settled.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settled.grace()).isEqualTo(Duration.ofSeconds(9));
        assertThat(settled.limit()).isEqualTo(RunLimit.of(1));
        assertThatIllegalArgumentException().isThrownBy(() -> driven.settle(new Pack(1), ofType));
        world.dispatcher.dispatch(new Pack(1));
        world.dispatcher.dispatch(new Pack(2));
        assertThat(world.dispatcher.jobs()).hasSize(2);
    }

    @Test
    void the_owner_s_own_key_is_handed_over_as_if_it_stood_in_the_options() {
        var owner = world.orchestrator();
        owner.dispatchLatest("screen", new Ship(1));
        owner.dispatchIfIdle("screen", new Ship(2));
        assertThat(world.started).containsExactly(1, 2);
        var latest = new JobOptions.SameKey("screen", new SameKeyRule.Replace());
        assertThat(world.control(1).options().sameKey()).isEqualTo(latest);
        assertThat(world.control(1).asked().sameKey()).isEqualTo(latest);
        assertThat(world.control(2).asked().sameKey())
                .isEqualTo(new JobOptions.SameKey("screen", new SameKeyRule.Drop()));
    }

    @Test
    void a_driver_that_rejects_for_a_policy_is_expected_where_policies_are() {
        world.onStart = control -> {
            throw new JobRejectedException(JobRejectedException.Reason.KEY_IN_USE, "screen", "in use");
        };
        assertThat(world.dispatcher.tryDispatch(new Ship(1))).isEmpty();
        assertThat(world.orchestrator().dispatchIfIdle("screen", new Ship(1))).isEmpty();
    }

    @Test
    void a_driver_knows_the_id_the_bus_and_the_owner_s_name() {
        var owner = world.orchestrator();
        var handle = owner.dispatch(new Ship(1));
        world.ship(2);
        assertThat(world.control(1).id()).isEqualTo(handle.id());
        assertThat(world.control(1).bus()).isSameAs(world.bus);
        assertThat(world.control(1).ownerName()).contains(owner.name());
        assertThat(world.control(2).ownerName()).isEmpty();
        assertThat(world.control(1)).hasToString("JobControl(" + handle.id() + ")");
    }

    @Test
    void all_ways_to_dispatch_lead_to_the_driver() throws Exception {
        world.onStart = control -> control.succeed("done");
        assertThat(world.dispatcher.run(new Ship(1))).isEqualTo("done");
        assertThat(world.dispatcher.tryDispatch(new Ship(2))).isPresent();
        assertThat(world.orchestrator().dispatchAll(List.of(new Ship(3), new Ship(4))))
                .hasSize(2);
        assertThat(world.started).containsExactly(1, 2, 3, 4);
    }

    @Test
    void an_interceptor_of_dispatches_is_not_asked_for_a_driven_job() {
        world.dispatcher.interceptDispatch(job -> {
            throw new AssertionError("asked for " + job);
        });
        assertThat(isOpen(world.ship(1))).isTrue();
    }

    // ---- adopting ----

    @Test
    void an_adopted_job_is_active_for_its_owner_under_the_id_that_it_had() {
        var owner = world.orchestrator();
        var handle = owner.adopt(new Ship(1), "ship-1", id("another"));
        assertThat(handle.id()).isEqualTo("ship-1");
        assertThat(world.adopted).containsExactly(1);
        assertThat(world.started).isEmpty();
        assertThat(world.control(1).asked().id()).isEqualTo("ship-1");
        assertThat(owner.isRunning("ship-1")).isTrue();
        world.control(1).succeed("done");
        world.settle();
        assertThat(names(owner.active())).containsExactly("JobSuccessEvent");
    }

    @Test
    void adopting_is_refused_for_an_id_in_flight_an_executor_and_an_unknown_type() {
        var owner = world.orchestrator();
        owner.adopt(new Ship(1), "ship-1", JobOptions.none());
        assertThatIllegalStateException()
                .isThrownBy(() -> owner.adopt(new Ship(2), "ship-1", JobOptions.none()))
                .withMessageContaining("in flight already");
        assertThatThrownBy(() -> owner.adopt(new Pack(1), "pack-1", JobOptions.none()))
                .isInstanceOf(ExecutorNotFoundException.class);
        world.dispatcher.register(Pack.class, (job, context) -> "here");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> owner.adopt(new Pack(1), "pack-1", JobOptions.none()))
                .withMessageContaining("have an executor and no driver")
                .withMessageContaining("dispatch the job instead");
        assertThatIllegalArgumentException().isThrownBy(() -> owner.adopt(new Ship(3), " ", JobOptions.none()));
        assertThat(world.adopted).containsExactly(1);
    }

    @Test
    void a_driver_whose_jobs_outlive_no_process_refuses_to_adopt() {
        world.dispatcher.drive(Pack.class, unused(), JobOptions.none());
        var owner = world.orchestrator();
        assertThatThrownBy(() -> owner.adopt(new Pack(1), "pack-1", JobOptions.none()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("dispatch the job instead");
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(world.bus.runs().kept()).isZero();
    }

    // ---- closing the dispatcher ----

    @Test
    void closing_the_dispatcher_neither_waits_for_driven_jobs_nor_ends_them() {
        var owner = world.orchestrator();
        var handle = owner.dispatch(new Ship(1));
        world.control(1).started();
        world.dispatcher.close();
        assertThat(isOpen(handle)).isTrue();
        assertThat(world.dispatcher.jobs()).hasSize(1);
        assertThat(world.control(1).succeed("done")).isTrue();
        world.settle();
        assertThat(names(owner.active())).containsExactly("JobStartedEvent", "JobSuccessEvent");
    }

    @Test
    void after_the_closing_of_the_bus_what_is_told_reaches_owner_and_handle() {
        var owner = world.orchestrator();
        var handle = owner.dispatch(new Ship(1));
        world.bus.close();
        world.control(1).started();
        world.control(1).succeed("done");
        world.settle();
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(names(owner.active())).containsExactly("JobStartedEvent", "JobSuccessEvent");
        assertThat(world.events.all()).isEmpty();
    }
}
