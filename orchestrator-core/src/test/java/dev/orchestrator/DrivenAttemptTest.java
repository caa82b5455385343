package dev.orchestrator;

import static dev.orchestrator.DrivenWorld.names;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.orchestrator.DrivenWorld.Pack;
import dev.orchestrator.DrivenWorld.Ship;
import dev.orchestrator.TestWork.About;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.spi.AttemptReports;
import dev.orchestrator.spi.SharingExecutor;
import dev.orchestrator.testkit.RecordedEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** P1, P4, P7: an attempt at a driven job is a job of its dispatcher whose code reports to the driver. */
class DrivenAttemptTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Writes down what an attempt says; throws what it was told to. */
    private static class Reports implements AttemptReports {
        final List<Object> said = new ArrayList<>();

        @Nullable
        RuntimeException refusal;

        private void take(@Nullable Object what) {
            said.add(String.valueOf(what));
            if (refusal != null) throw refusal;
        }

        @Override
        public int number() {
            return 4;
        }

        @Override
        public void emit(Event event) {
            take(event.getClass().getSimpleName());
        }

        @Override
        public void progress(JobProgress progress) {
            take(progress.fraction());
        }

        @Override
        public void data(@Nullable Object value, Origin origin) {
            take(value + " " + origin);
        }
    }

    private final DrivenWorld world = new DrivenWorld();
    private final SignalBus inner =
            SignalBus.builder().time(world.time).threads(world.threads).build();
    private final RecordedEvents innerEvents = new RecordedEvents();
    private final Reports reports = new Reports();

    DrivenAttemptTest() {
        inner.subscribe(Event.class, innerEvents);
    }

    private JobHandle<String> attempt(JobExecutor<Ship, String> executor, JobOptions options) {
        var handle = world.driven.attempt(new Ship(1), "ship-1", executor, inner, options, reports);
        world.settle();
        return handle;
    }

    private JobHandle<String> attempt(JobExecutor<Ship, String> executor) {
        return attempt(executor, JobOptions.none());
    }

    @Test
    void what_the_executor_says_goes_to_the_reports_and_its_job_events_to_the_bus() {
        var number = new AtomicReference<Integer>();
        var handle = attempt((job, context) -> {
            number.set(context.attempt());
            context.progress(0.5);
            context.progress(0.25);
            context.data("half", Origin.CACHE);
            context.emit(new Happened(1));
            context.emit(new About(context.jobId()));
            context.emit(new About("another job"));
            context.progress(JobProgress.of(1));
            return "done";
        });
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(handle.id()).isEqualTo("ship-1");
        assertThat(number).hasValue(4);
        assertThat(reports.said).containsExactly("0.5", "half CACHE", "Happened", "About", "About", "1.0");
        assertThat(names(innerEvents.all())).containsExactly("JobStartedEvent", "JobSuccessEvent");
        assertThat(world.events.all()).isEmpty();
    }

    @Test
    void an_asynchronous_executor_reports_too() {
        var end = new CompletableFuture<String>();
        var handle = world.driven.attemptAsync(
                new Ship(1),
                "ship-1",
                (job, context) -> {
                    context.progress(0.5);
                    return end;
                },
                inner,
                JobOptions.none(),
                reports);
        world.settle();
        assertThat(isOpen(handle)).isTrue();
        end.complete("done");
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(reports.said).containsExactly("0.5");
    }

    @Test
    void what_the_reports_throw_reaches_the_code() {
        var lost = new IllegalStateException("the lease was lost");
        for (JobExecutor<Ship, String> saying : List.<JobExecutor<Ship, String>>of(
                (job, context) -> {
                    context.emit(new Happened(1));
                    return "never";
                },
                (job, context) -> {
                    context.progress(0.5);
                    return "never";
                },
                (job, context) -> {
                    context.data("x", Origin.LIVE);
                    return "never";
                })) {
            reports.refusal = lost;
            assertThat(ending(attempt(saying))).isEqualTo(new JobResult.Failure<>(lost));
            reports.refusal = null;
            reports.said.clear();
            attempt((job, context) -> {
                context.progress(0.75);
                return "done";
            });
            assertThat(reports.said).containsExactly("0.75");
        }
    }

    @Test
    void within_the_interval_one_report_comes_and_a_refusal_of_the_last_one_fails_nothing() throws Exception {
        var options = JobOptions.builder().progressInterval(SECOND).build();
        try (var log = new CapturedLog()) {
            var handle = attempt(
                    (job, context) -> {
                        for (int i = 1; i <= 5; i++) context.progress(JobProgress.step(i, 10));
                        reports.refusal = new IllegalStateException("the lease was lost");
                        return "done";
                    },
                    options);
            assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
            assertThat(reports.said).containsExactly("0.1", "0.5");
            assertThat(log.lines()).anyMatch(line -> line.text().contains("the reports of an attempt at job ship-1"));
        }
    }

    @Test
    void a_job_event_is_refused_and_a_late_word_is_dropped() {
        var kept = new AtomicReference<JobContext>();
        var handle = attempt((job, context) -> {
            kept.set(context);
            context.emit(new JobStartedEvent("ship-1", world.time.now(), job));
            return "never";
        });
        assertThat(ending(handle))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        failure -> assertThat(failure.error()).isInstanceOf(IllegalArgumentException.class));
        kept.get().emit(new Happened(1));
        kept.get().progress(1);
        kept.get().data("x", Origin.LIVE);
        assertThat(kept.get().isCancelled()).isTrue();
        assertThat(reports.said).isEmpty();
    }

    // ---- how it is run ----

    @Test
    void all_interceptors_stand_around_it() {
        var order = new ArrayList<String>();
        world.dispatcher.interceptAll(call -> {
            order.add("all " + call.context().attempt());
            return call.proceed();
        });
        world.dispatcher.interceptDispatch(job -> {
            order.add("dispatch");
            return call -> {
                order.add("around");
                return call.proceed();
            };
        });
        attempt((job, context) -> {
            order.add("code");
            return "done";
        });
        assertThat(order).containsExactly("dispatch", "around", "all 4", "code");
    }

    @Test
    void an_interceptor_that_refuses_leaves_nothing() {
        var refusal = new IllegalStateException("no");
        world.dispatcher.interceptDispatch(job -> {
            throw refusal;
        });
        assertThatIllegalStateException().isThrownBy(() -> attempt((job, context) -> "never"));
        assertThat(inner.runs().kept()).isZero();
        assertThat(world.time.pending()).isZero();
    }

    @Test
    void the_driver_s_options_count_and_neither_retry_nor_key_nor_limit() {
        var options = JobOptions.builder()
                .id("another")
                .retry(RetryPolicy.fixed(3, Duration.ZERO))
                .token(new CancellationToken())
                .dropIfRunning("key")
                .limitPerKey("key", RunLimit.of(1))
                .timeout(Duration.ofSeconds(5))
                .grace(SECOND)
                .build();
        var snapshot = new AtomicReference<JobSnapshot>();
        var error = new IllegalStateException("broken");
        var handle = attempt(
                (job, context) -> {
                    snapshot.set(inner.jobs().getFirst());
                    throw error;
                },
                options);
        assertThat(ending(handle)).isEqualTo(new JobResult.Failure<>(error));
        assertThat(snapshot.get().id()).isEqualTo("ship-1");
        assertThat(snapshot.get().owner()).isNull();
        assertThat(snapshot.get().options())
                .isEqualTo(JobOptions.builder()
                        .timeout(Duration.ofSeconds(5))
                        .grace(SECOND)
                        .build());
    }

    private JobHandle<String> inside(CompletableFuture<String> end, JobOptions options) {
        var handle = world.driven.attemptAsync(new Ship(1), "ship-1", (job, context) -> end, inner, options, reports);
        world.settle();
        return handle;
    }

    @Test
    void the_limit_of_the_attempt_fails_it_and_the_total_one_ends_it() {
        var first = inside(
                new CompletableFuture<>(),
                JobOptions.builder().attemptTimeout(SECOND).build());
        world.time.advance(SECOND);
        world.settle();
        assertThat(ending(first))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        failure -> assertThat(failure.error()).isInstanceOf(TimeoutException.class));
        var second = inside(
                new CompletableFuture<>(), JobOptions.builder().timeout(SECOND).build());
        world.time.advance(SECOND);
        world.settle();
        assertThat(ending(second)).isEqualTo(new JobResult.TimedOut<>(SECOND));
    }

    @Test
    void a_cancel_stops_it_and_its_children() {
        world.dispatcher.registerAsync(Pack.class, (job, context) -> new CompletableFuture<>());
        var child = new AtomicReference<JobHandle<String>>();
        var handle = world.driven.attemptAsync(
                new Ship(1),
                "ship-1",
                (job, context) -> {
                    child.set(context.dispatch(new Pack(1)));
                    return new CompletableFuture<>();
                },
                inner,
                JobOptions.none(),
                reports);
        world.settle();
        assertThat(handle.cancel("not wanted")).isTrue();
        world.settle();
        assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(names(innerEvents.terminalOf(child.get().id()))).hasSize(1);
        assertThat(names(innerEvents.ofJob(child.get().id()))).containsExactly("JobStartedEvent", "JobCancelledEvent");
        assertThat(inner.runs().kept()).isZero();
    }

    @Test
    void a_driven_child_of_an_attempt_is_driven_on_its_bus() {
        attempt((job, context) -> {
            context.dispatch(new Ship(2));
            return "done";
        });
        assertThat(world.started).containsExactly(2);
        assertThat(world.control(2).bus()).isSameAs(inner);
    }

    @Test
    void an_id_in_flight_and_a_blank_one_are_refused() {
        inside(new CompletableFuture<>(), JobOptions.none());
        assertThatIllegalStateException()
                .isThrownBy(() -> attempt((job, context) -> "never"))
                .withMessageContaining("ship-1 is in flight already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.driven.attempt(
                        new Ship(1), " ", (job, context) -> "never", inner, JobOptions.none(), reports));
    }

    @Test
    void closing_the_registration_does_not_matter_and_closing_the_dispatcher_stops_it() {
        world.driven.close();
        var handle = inside(new CompletableFuture<>(), JobOptions.none());
        assertThat(isOpen(handle)).isTrue();
        var closing = world.bus.subscribe(Happened.class, event -> world.dispatcher.close());
        world.bus.emit(new Happened(1));
        closing.close();
        world.time.advance(Duration.ofSeconds(5));
        world.settle();
        assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("its dispatcher was closed"));
        assertThatIllegalStateException()
                .isThrownBy(() -> attempt((job, context) -> "never"))
                .withMessageContaining("this dispatcher is closed");
    }

    @Test
    void a_saga_in_it_undoes_its_steps() {
        var undone = new ConcurrentLinkedQueue<String>();
        world.dispatcher.register(Pack.class, (job, context) -> "packed");
        var handle = attempt((job, context) -> {
            var saga = Saga.named("packing", context);
            saga.step("pack", () -> "packed", undone::add);
            saga.rollback();
            return "undone";
        });
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("undone"));
        assertThat(undone).containsExactly("packed");
        assertThat(reports.said).containsExactly("StepDone", "StepUndone", "Ended");
    }

    @Test
    void an_executor_that_shares_its_work_reports_too() {
        SharingExecutor<Ship, String> sharing = (job, context) -> {
            var work = context.shareAsync(
                    (AsyncJobExecutor<Ship, String>) (same, its) -> {
                        its.data("yesterday's", Origin.STALE);
                        its.progress(0.5);
                        its.emit(new Happened(1));
                        return CompletableFuture.completedFuture("done");
                    },
                    result -> {});
            var stage = context.join(work, result -> result);
            work.start();
            return Objects.requireNonNull(stage);
        };
        var handle = attempt(sharing);
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(reports.said).containsExactly("yesterday's STALE", "0.5", "Happened");
        assertThat(names(innerEvents.all())).containsExactly("JobStartedEvent", "JobSuccessEvent");
    }

    @Test
    void reports_of_several_threads_come_in_order_one_at_a_time() {
        var fractions = new ConcurrentLinkedQueue<Double>();
        var inOrder = new Reports() {
            @Override
            public void progress(JobProgress progress) {
                fractions.add(progress.fraction());
            }
        };
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        var driven = dispatcher.<Ship, String>drive(Ship.class, (job, control) -> {}, JobOptions.none());
        var handle = driven.attempt(
                new Ship(1),
                "ship-1",
                (job, context) -> {
                    Together.run(
                            1_000,
                            round -> context.progress(JobProgress.of(round / 1_000.0)),
                            round -> context.progress(JobProgress.of((round + 0.5) / 1_000.0)));
                    context.progress(JobProgress.of(1));
                    return "done";
                },
                bus,
                JobOptions.none(),
                inOrder);
        assertThat(TestWork.endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(List.copyOf(fractions)).isSorted().endsWith(1.0);
    }
}
