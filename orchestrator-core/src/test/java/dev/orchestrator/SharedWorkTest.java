package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static dev.orchestrator.StillWorld.notWanted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.spi.SharedWork;
import dev.orchestrator.spi.SharingContext;
import dev.orchestrator.spi.SharingExecutor;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/**
 * The door for caches: jobs that take part in one work, each with its own ending (P1), and a work that is stopped with the
 * last of them and not before (P7).
 */
class SharedWorkTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final StillWorld world = new StillWorld();
    private final Sharing sharing = Sharing.in(world, JobOptions.none());

    private List<String> told(JobHandle<?> handle) {
        return world.events.ofJob(handle.id()).stream()
                .map(event -> event.getClass().getSimpleName())
                .toList();
    }

    private void retried() {
        Sharing.in(
                world, JobOptions.builder().retry(RetryPolicy.fixed(3, SECOND)).build());
    }

    @Test
    void a_thousand_jobs_do_one_work_and_each_has_its_own_ending() {
        var handles = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < 1000; i++) handles.add(world.load(i % 10));
        assertThat(world.begun).containsExactly(0);
        world.letGo(0);
        for (var handle : handles) {
            assertThat(ending(handle)).isEqualTo(done(0));
            assertThat(told(handle)).containsExactly("JobStartedEvent", "JobSuccessEvent");
        }
        assertThat(sharing.endings).containsExactly(done(0));
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_failure_is_each_ones_failure() {
        var first = world.load(1);
        var second = world.load(2);
        var error = new IOException("broken");
        world.letFail(1, error);
        assertThat(ending(first)).isEqualTo(new JobResult.Failure<>(error));
        assertThat(ending(second)).isEqualTo(new JobResult.Failure<>(error));
        assertThat(world.kept()).isZero();
    }

    @Test
    void cancelling_the_one_that_began_the_work_leaves_it_to_the_others() {
        var first = world.load(1);
        var second = world.load(2);
        world.cancel(first);
        assertThat(ending(first)).as("it has nothing to wait for").isEqualTo(notWanted());
        assertThat(world.isInside(1)).isTrue();
        world.letGo(1);
        assertThat(ending(second)).isEqualTo(done(1));
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_last_one_stops_the_work_and_waits_for_its_code() {
        world.deaf.add(1);
        var first = world.load(1);
        var second = world.load(2);
        world.cancel(second);
        world.cancel(first);
        assertThat(isOpen(first)).as("the code has not left").isTrue();
        assertThat(world.context(1).isCancelled()).isTrue();
        world.letGo(1);
        assertThat(ending(first)).isEqualTo(notWanted());
        assertThat(sharing.endings).singleElement().isInstanceOf(JobResult.Cancelled.class);
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_last_one_is_told_when_its_grace_is_over() {
        world.deaf.add(1);
        var only = world.load(1);
        world.cancel(only);
        world.pass(JobRun.GRACE);
        assertThat(ending(only)).isEqualTo(notWanted());
        assertThat(world.load(2).id()).as("a stopped work is not joined").isNotEqualTo(only.id());
        assertThat(world.begun).containsExactly(1, 2);
    }

    @Test
    void the_code_can_tell_that_the_time_of_the_last_one_was_up() {
        world.deaf.add(1);
        var only = world.load(1, JobOptions.builder().timeout(SECOND).build());
        world.pass(SECOND);
        assertThat(world.context(1).isTimeUp()).isTrue();
        world.letGo(1);
        assertThat(ending(only)).isEqualTo(new JobResult.TimedOut<>(SECOND));
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_work_is_tried_again_once_for_all_of_them() {
        retried();
        var first = world.load(1);
        var second = world.load(2);
        world.letFail(1, new IOException("broken"));
        world.pass(SECOND);
        var third = world.load(3);
        world.letGo(1);
        assertThat(world.begun).containsExactly(1, 1);
        for (var handle : List.of(first, second))
            assertThat(told(handle)).containsExactly("JobStartedEvent", "JobRetryingEvent", "JobSuccessEvent");
        for (var handle : List.of(first, second, third))
            assertThat(world.events.terminalOf(handle.id()))
                    .singleElement()
                    .satisfies(end -> assertThat(end.attempts()).isEqualTo(2));
    }

    @Test
    void progress_and_values_before_the_ending_are_told_to_all_of_them_and_its_own_events_to_the_first() {
        var first = world.load(1);
        var second = world.load(2);
        world.context(1).progress(0.5);
        world.context(1).data("partly", Origin.LIVE);
        world.bus.subscribe(Happened.class, world.events);
        world.context(1).emit(new Happened(7));
        world.letGo(1);
        var expected = List.of("JobStartedEvent", "JobProgressEvent", "JobDataEvent", "JobSuccessEvent");
        assertThat(told(first)).containsExactlyElementsOf(expected);
        assertThat(told(second)).containsExactlyElementsOf(expected);
        assertThat(world.events.of(Happened.class)).hasSize(1);
    }

    @Test
    void interceptors_stand_around_the_work_and_not_around_those_who_wait() {
        var calls = new ArrayList<String>();
        world.dispatcher.interceptAsync(Load.class, call -> {
            calls.add("around " + call.job());
            return call.proceed();
        });
        world.load(1);
        world.load(2);
        world.letGo(1);
        assertThat(calls).containsExactly("around " + new Load(1));
    }

    @Test
    void the_children_of_the_work_go_on_when_the_first_leaves() {
        world.dispatcher.registerAsync(Part.class, (job, context) -> new CompletableFuture<>());
        var first = world.load(1);
        world.load(2);
        var child = world.settled(world.context(1).dispatch(new Part(1)));
        world.cancel(first);
        assertThat(isOpen(child)).isTrue();
        world.letFail(1, new IOException("broken"));
        assertThat(ending(child)).isInstanceOf(JobResult.Cancelled.class);
    }

    @Test
    void each_one_makes_its_own_ending_out_of_that_of_the_work() {
        sharing.ending = result -> result instanceof JobResult.Failure ? new JobResult.Success<>("old") : result;
        var first = world.load(1);
        world.letFail(1, new IOException("broken"));
        assertThat(ending(first)).isEqualTo(new JobResult.Success<>("old"));
        sharing.ending = result -> {
            throw new IllegalStateException("a bug");
        };
        var second = world.load(11);
        world.letGo(11);
        assertThat(ending(second))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        failure -> assertThat(failure.error()).hasMessage("a bug"));
    }

    @Test
    void closing_the_dispatcher_ends_those_that_wait_for_the_next_attempt() {
        retried();
        var first = world.load(1);
        var second = world.load(2);
        world.letFail(1, new IOException("broken"));
        world.closeDispatcher();
        assertThat(ending(first)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(ending(second)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_dispatcher_that_is_closed_before_the_next_attempt_cancels_the_jobs() {
        retried();
        var first = world.load(1);
        var second = world.load(2);
        world.closeDispatcher();
        world.letFail(1, new IOException("broken"));
        assertThat(ending(first)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(ending(second)).isInstanceOf(JobResult.Cancelled.class);
    }

    @Test
    void a_worker_that_refuses_the_work_fails_the_jobs() {
        var refusing = JobOptions.builder()
                .worker(task -> {
                    if (task instanceof SharedWork<?>) throw new RejectedExecutionException("no room");
                    task.run();
                })
                .build();
        var only = world.load(1, refusing);
        assertThat(ending(only))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        failure -> assertThat(failure.error()).isInstanceOf(RejectedExecutionException.class));
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_work_that_ends_before_its_code_leaves_ends_the_jobs_then() {
        var context = new CompletableFuture<JobContext>();
        var left = new CompletableFuture<String>();
        world.dispatcher.replace(Load.class, new Sharing((job, itsContext) -> {
            context.complete(itsContext);
            return left;
        }));
        var first = world.load(1);
        var second = world.load(2);
        assertThat(RunAttempt.<String>of(context.join()).succeed("early")).isTrue();
        world.settle();
        assertThat(ending(first)).isEqualTo(new JobResult.Success<>("early"));
        assertThat(ending(second)).isEqualTo(new JobResult.Success<>("early"));
        left.complete("late");
        world.settle();
        assertThat(world.kept()).isZero();
    }

    @Test
    void jobs_with_a_key_of_their_own_share_too() {
        var first = world.load(1, JobOptions.builder().replaceRunning("a").build());
        var second = world.load(2);
        var third = world.load(3, JobOptions.builder().replaceRunning("a").build());
        assertThat(ending(first)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(world.begun).containsExactly(1);
        world.letGo(1);
        assertThat(ending(second)).isEqualTo(done(1));
        assertThat(ending(third)).isEqualTo(done(1));
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_subscriber_that_does_not_return_holds_up_its_own_job_only() {
        var first = world.load(1);
        var second = world.load(2);
        world.bus.subscribe(JobSuccessEvent.class, event -> {
            if (event.correlationId().equals(first.id())) throw new AssertionError("as good as one that hangs");
        });
        world.letGo(1);
        assertThat(ending(second)).isEqualTo(done(1));
    }

    @Test
    void what_is_under_way_is_seen_through_the_job() {
        retried();
        var handle = world.load(1);
        world.context(1).progress(0.25);
        assertThat(world.dispatcher.jobs())
                .singleElement()
                .satisfies(job -> assertThat(job.attempts()).isOne());
        var run = world.bus.runs().all().iterator().next();
        assertThat(run.latestProgress()).isEqualTo(JobProgress.of(0.25));
        world.letFail(1, new IOException("broken"));
        assertThat(run.isWaiting()).isTrue();
        world.cancel(handle);
        assertThat(ending(handle)).as("no code of it was running").isEqualTo(notWanted());
    }

    @Test
    void what_an_interceptor_made_at_the_dispatch_stands_around_the_work() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Load.class, new Sharing((job, context) -> CompletableFuture.completedFuture("inside")));
            dispatcher.interceptDispatch(job -> call -> job + " " + call.proceed());
            assertThat(dispatcher.run(new Load(1))).isEqualTo(new Load(1) + " inside");
        }
    }

    @Test
    void an_executor_may_be_called_by_another_one() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            var inner = new Sharing((job, context) -> CompletableFuture.completedFuture("inner " + job.number()));
            dispatcher.register(Load.class, (job, context) -> "outer " + inner.execute(job, context));
            assertThat(dispatcher.run(new Load(1))).isEqualTo("outer inner 1");
            var error = new IOException("broken");
            var failing = new Sharing((job, context) -> CompletableFuture.failedFuture(error));
            dispatcher.replace(Load.class, (job, context) -> failing.execute(job, context));
            assertThatThrownBy(() -> dispatcher.run(new Load(2))).isSameAs(error);
        }
    }

    @Test
    void an_interrupt_of_code_that_waits_for_a_shared_work_stops_the_work() {
        var workContext = new CompletableFuture<JobContext>();
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            var inner = new Sharing((job, context) -> {
                workContext.complete(context);
                return new CompletableFuture<>();
            });
            dispatcher.register(Load.class, (job, context) -> inner.execute(job, context));
            var handle = dispatcher.dispatch(new Load(1));
            var context = TestWork.valueOf(workContext);
            handle.cancel("not wanted");
            assertThat(TestWork.endingOf(handle)).isEqualTo(notWanted());
            TestWork.until(context::isCancelled, "the work was not stopped");
        }
    }

    @Test
    void a_value_may_be_older_than_the_event_that_brings_it() {
        var since = Instant.EPOCH.plusSeconds(5);
        var why = new IOException("offline");
        world.dispatcher.replace(Load.class, new SharingExecutor<Load, String>() {
            @Override
            public CompletionStage<String> begin(Load job, SharingContext<String> context) {
                context.data("shown", Origin.CACHE, since);
                context.origin(Origin.STALE, since, why);
                return CompletableFuture.completedFuture("old");
            }
        });
        var handle = world.load(1);
        assertThat(world.events.of(JobDataEvent.class))
                .singleElement()
                .satisfies(data -> assertThat(data.asOf()).isEqualTo(since));
        assertThat(world.events.of(JobSuccessEvent.class)).singleElement().satisfies(success -> {
            assertThat(success.correlationId()).isEqualTo(handle.id());
            assertThat(success.origin()).isEqualTo(Origin.STALE);
            assertThat(success.asOf()).isEqualTo(since);
            assertThat((Object) success.refreshError()).isEqualTo(Optional.of(why));
            assertThat(success.attempts()).isOne();
        });
    }

    @Test
    void a_work_is_started_once_and_only_one_of_ours_is_joined() {
        var context = new CompletableFuture<SharingContext<String>>();
        world.dispatcher.replaceAsync(Load.class, (job, given) -> {
            context.complete(SharingContext.of(given));
            return new CompletableFuture<>();
        });
        world.load(1);
        var work = context.join()
                .shareAsync((AsyncJobExecutor<Load, String>) (job, given) -> new CompletableFuture<>(), end -> {});
        assertThat(context.join().join(work, end -> end)).isNotNull();
        work.start();
        assertThatThrownBy(work::start).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> context.join().join(() -> {}, end -> end))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
