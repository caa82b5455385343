package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static dev.orchestrator.StillWorld.notWanted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.testkit.RecordedEvents;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** P1, "same job again": a joined dispatch is a job of its own without work of its own. */
class JoinTest {
    private static final JobOptions JOIN = JobOptions.builder().joinRunning("k").build();
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final StillWorld world = new StillWorld();

    private static JobOptions.Builder joining() {
        return JobOptions.builder().joinRunning("k");
    }

    private List<String> told(JobHandle<?> handle) {
        return world.events.ofJob(handle.id()).stream()
                .map(event -> event.getClass().getSimpleName())
                .toList();
    }

    /** The first half of a cancellation. */
    private static <R> RunLifeCycle.Stop stopped(JobRun<R> run) {
        return run.decideStop(new JobResult.Cancelled<>("not wanted"));
    }

    @Test
    void each_taker_has_its_id_and_is_told_started_progress_retrying_and_the_ending() {
        var first = world.load(1, joining().retry(RetryPolicy.fixed(2, SECOND)).build());
        var second = world.load(2, JOIN);
        assertThat(second.id()).isNotEqualTo(first.id());
        world.context(1).progress(0.5);
        world.letFail(1, new IOException("broken"));
        var third = world.load(3, JOIN);
        world.pass(SECOND);
        world.letGo(1);
        assertThat(world.begun).as("one work, two attempts").containsExactly(1, 1);
        for (var handle : List.of(first, second))
            assertThat(told(handle))
                    .containsExactly("JobStartedEvent", "JobProgressEvent", "JobRetryingEvent", "JobSuccessEvent");
        assertThat(told(third)).as("it came during the wait").containsExactly("JobStartedEvent", "JobSuccessEvent");
        for (var handle : List.of(first, second, third)) {
            assertThat(ending(handle)).isEqualTo(done(1));
            assertThat(world.events.terminalOf(handle.id()))
                    .singleElement()
                    .satisfies(end -> assertThat(end.attempts()).isEqualTo(2));
        }
        assertThat(world.events.of(JobRetryingEvent.class))
                .allSatisfy(event -> assertThat(event.attempt()).isOne());
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_events_of_a_taker_carry_its_own_job() {
        world.load(1, JOIN);
        var second = world.load(2, JOIN);
        world.letGo(1);
        assertThat(world.events.ofJob(second.id()))
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.job()).isEqualTo(new Load(2)));
    }

    @Test
    void a_failure_is_told_to_all_of_them() {
        var error = new IOException("broken");
        var first = world.load(1, JOIN);
        var second = world.load(2, JOIN);
        world.letFail(1, error);
        assertThat(ending(first)).isEqualTo(new JobResult.Failure<>(error));
        assertThat(ending(second)).isEqualTo(new JobResult.Failure<>(error));
    }

    /** Found by the random programs: the worker came between the two halves of a cancellation. */
    @Test
    void code_does_not_run_for_one_that_is_told_as_never_started() {
        var handle = world.dispatcher.dispatch(new Load(1), JOIN);
        for (JobRun<?> run : world.bus.runs().all()) assertThat(stopped(run)).isEqualTo(RunLifeCycle.Stop.ENDED);
        world.settle();
        assertThat(world.begun).isEmpty();
        assertThat(world.load(2, JOIN).id()).isNotEqualTo(handle.id());
        assertThat(world.begun).as("it does not join what never began").containsExactly(2);
    }

    /** Found by the random programs: a closing came between the two halves of a cancellation, and waited for the grace. */
    @Test
    void a_closing_does_not_wait_for_the_grace_of_a_work_that_is_just_being_stopped() {
        var still = new StillWorld(builder -> builder.closeGrace(Duration.ZERO), JobOptions.none());
        still.deaf.add(1);
        var handle = still.load(1, joining().grace(Duration.ofHours(1)).build());
        var taker = still.bus.runs().all().iterator().next();
        assertThat(stopped(taker)).isEqualTo(RunLifeCycle.Stop.STOPPING);
        still.closeDispatcher();
        assertThat(isOpen(handle)).isTrue();
        leaveWork((JoinedRun<?>) taker);
        still.settle();
        assertThat(ending(handle)).isEqualTo(notWanted());
    }

    /** The second half of a cancellation. */
    private static <R> void leaveWork(JoinedRun<R> taker) {
        var walk = new StopWalk(false);
        taker.work().leave(taker, new JobResult.Cancelled<>("not wanted"), Duration.ofHours(1), walk);
        walk.end();
    }

    @Test
    void cancelling_one_ends_it_alone_and_at_once() {
        var first = world.load(1, JOIN);
        var second = world.load(2, JOIN);
        var third = world.load(3, JOIN);
        world.cancel(first);
        assertThat(ending(first)).isEqualTo(notWanted());
        world.cancel(third);
        assertThat(ending(third)).isEqualTo(notWanted());
        assertThat(world.isInside(1)).as("the work goes on").isTrue();
        world.context(1).progress(0.5);
        world.letGo(1);
        assertThat(ending(second)).isEqualTo(done(1));
        assertThat(told(first)).containsExactly("JobStartedEvent", "JobCancelledEvent");
        assertThat(told(second)).containsExactly("JobStartedEvent", "JobProgressEvent", "JobSuccessEvent");
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_timeout_of_one_ends_it_alone() {
        var first = world.load(1, joining().timeout(SECOND).build());
        var second = world.load(2, joining().timeout(SECOND.multipliedBy(3)).build());
        world.pass(SECOND);
        assertThat(ending(first)).isEqualTo(new JobResult.TimedOut<>(SECOND));
        assertThat(isOpen(second)).isTrue();
        world.pass(SECOND.multipliedBy(2));
        assertThat(ending(second)).isEqualTo(new JobResult.TimedOut<>(SECOND.multipliedBy(3)));
        assertThat(world.inside()).as("the last one stopped the work").isEmpty();
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_last_one_stops_the_work_and_is_told_when_its_code_has_left() {
        world.deaf.add(1);
        var first = world.load(1, JOIN);
        var second = world.load(2, JOIN);
        world.cancel(second);
        world.cancel(first);
        assertThat(world.context(1).isCancelled()).isTrue();
        assertThat(isOpen(first)).isTrue();
        assertThat(isOpen(second)).isFalse();
        world.letGo(1);
        assertThat(ending(first)).isEqualTo(notWanted());
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_last_one_is_told_when_its_own_grace_is_over() {
        world.deaf.add(1);
        var first = world.load(1, joining().grace(SECOND.multipliedBy(9)).build());
        var second = world.load(2, joining().grace(SECOND).build());
        world.cancel(first);
        world.cancel(second);
        world.pass(SECOND.minusNanos(1));
        assertThat(isOpen(second)).isTrue();
        world.pass(Duration.ofNanos(1));
        assertThat(ending(second)).isEqualTo(notWanted());
        assertThat(world.kept()).isZero();
    }

    @Test
    void one_that_comes_while_the_work_is_being_stopped_starts_a_new_one_afterwards() {
        world.deaf.add(1);
        var first = world.load(1, JOIN);
        world.cancel(first);
        var second = world.load(2, JOIN);
        var third = world.load(3, JOIN);
        assertThat(world.begun).containsExactly(1);
        assertThat(told(second)).isEmpty();
        world.letGo(1);
        assertThat(world.begun).containsExactly(1, 2);
        world.letGo(2);
        assertThat(ending(first)).isEqualTo(notWanted());
        assertThat(ending(second)).isEqualTo(done(2));
        assertThat(ending(third)).as("it joined the one that waited").isEqualTo(done(2));
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_users_own_events_go_to_the_first_taker_only_and_to_nobody_when_it_has_left() {
        world.bus.subscribe(Happened.class, world.events);
        var firstOwner = new RecordedOrchestrator(world.dispatcher, world.bus);
        var secondOwner = new RecordedOrchestrator(world.dispatcher, world.bus);
        var first = firstOwner.dispatch(new Load(1), JOIN);
        secondOwner.dispatch(new Load(2), JOIN);
        world.settle();
        world.context(1).emit(new Happened(7));
        world.settle();
        assertThat(firstOwner.active()).contains(new Happened(7));
        assertThat(secondOwner.active()).doesNotContain(new Happened(7));
        assertThat(secondOwner.passive()).contains(new Happened(7));
        world.cancel(first);
        world.context(1).emit(new Happened(8));
        world.settle();
        assertThat(world.events.of(Happened.class)).containsExactly(new Happened(7));
    }

    @Test
    void takers_on_other_buses_are_told_there_and_their_owners_are_told_as_of_their_own_jobs() {
        var elsewhere =
                SignalBus.builder().time(world.time).threads(world.threads).build();
        var there = new RecordedEvents();
        elsewhere.subscribe(JobEvent.class, there);
        var owner = new RecordedOrchestrator(world.dispatcher, elsewhere);
        var first = world.load(1, JOIN);
        var second = owner.dispatch(new Load(2), JOIN);
        world.settle();
        assertThat(owner.isRunning(second.id())).isTrue();
        world.letGo(1);
        assertThat(world.begun).containsExactly(1);
        assertThat(ending(second)).isEqualTo(done(1));
        assertThat(there.all())
                .hasSize(2)
                .allSatisfy(
                        event -> assertThat(((JobEvent) event).correlationId()).isEqualTo(second.id()));
        assertThat(world.events.of(JobEvent.class))
                .allSatisfy(event -> assertThat(event.correlationId()).isEqualTo(first.id()));
        assertThat(owner.active()).hasSize(2);
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(elsewhere.runs().kept()).isZero();
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_work_of_which_all_have_left_while_it_waits_never_starts() {
        var limited = new StillWorld(RunLimit.of(1).orQueue(5));
        limited.store(0, JobOptions.none());
        var first = limited.load(1, JOIN);
        var second = limited.load(2, JOIN);
        limited.cancel(first);
        assertThat(ending(first)).isEqualTo(notWanted());
        limited.cancel(second);
        assertThat(ending(second)).isEqualTo(notWanted());
        limited.letGo(0);
        assertThat(limited.begun).containsExactly(0);
        assertThat(limited.events.terminalOf(second.id()))
                .singleElement()
                .satisfies(end -> assertThat(end.attempts()).isZero());
        assertThat(limited.kept()).isZero();
    }

    @Test
    void a_work_stays_when_the_orchestrators_of_its_takers_are_closed() {
        var owner = new RecordedOrchestrator(world.dispatcher, world.bus);
        owner.dispatch(new Load(1), JOIN);
        var second = world.load(2, JOIN);
        owner.close();
        world.settle();
        assertThat(world.isInside(1)).isTrue();
        world.letGo(1);
        assertThat(ending(second)).isEqualTo(done(1));
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_closing_of_the_dispatcher_tells_all_takers() {
        world.deaf.add(1);
        var first = world.load(1, JOIN);
        var second = world.load(2, JOIN);
        world.closeDispatcher();
        world.pass(JobRun.GRACE);
        world.pass(JobRun.GRACE);
        assertThat(List.of(ending(first), ending(second)))
                .allSatisfy(result -> assertThat(result).isInstanceOf(JobResult.Cancelled.class));
        assertThat(told(first)).containsExactly("JobStartedEvent", "JobCancelledEvent");
        assertThat(told(second)).containsExactly("JobStartedEvent", "JobCancelledEvent");
        world.letGo(1);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_shared_token_cancels_all_takers_and_forgets_them() {
        var token = new CancellationToken();
        var first = world.load(1, joining().token(token).build());
        var second = world.load(2, joining().token(token).build());
        var third = world.load(3, JOIN);
        assertThat(token.size()).isEqualTo(2);
        token.cancel("not wanted");
        world.settle();
        assertThat(ending(first)).isEqualTo(notWanted());
        assertThat(ending(second)).isEqualTo(notWanted());
        assertThat(token.size()).isZero();
        world.letGo(1);
        assertThat(ending(third)).isEqualTo(done(1));
        assertThat(world.kept()).isZero();
    }
}
