package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.About;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Named;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;

/** P2: an orchestrator owns a job before the job can emit anything, and lets it go before it handles the ending. */
class OwnershipTest {
    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    private Dispatcher withWorker(Executor worker) {
        return Dispatcher.builder().bus(bus).worker(worker).build();
    }

    // ---- until it handles the ending ----

    /** Has a job that is over before it has begun itself. */
    private static final class Early extends BaseOrchestrator<Integer> {
        final JobHandle<String> handle;

        Early(Dispatcher dispatcher, SignalBus bus, Executor lane) {
            super(0, dispatcher, bus, lane);
            handle = dispatch(new Work(1));
        }
    }

    @Test
    void a_job_that_ended_before_its_owner_began_is_running_until_that_one_handles_the_ending() {
        var lane = new ManualLane();
        Dispatcher fast = withWorker(Runnable::run);
        fast.register(Work.class, (job, context) -> "done");
        var owner = new Early(fast, bus, lane);
        assertThat(owner.isRunning(owner.handle.id())).isTrue();
        lane.runAll();
        assertThat(owner.isRunning(owner.handle.id())).isFalse();
        assertThat(owner.hasActiveJobs()).isFalse();
    }

    @Test
    void a_job_whose_id_another_one_has_by_now_is_running_until_its_owner_handles_the_ending() {
        var lane = new ManualLane();
        Dispatcher fast = withWorker(Runnable::run);
        fast.register(Work.class, (job, context) -> "done");
        var first = new RecordedOrchestrator(fast, bus, lane);
        var second = new RecordedOrchestrator(fast, bus, lane);
        var options = JobOptions.builder().id("order-7").build();
        first.dispatch(new Work(1), options);
        second.dispatch(new Work(2), options);
        assertThat(first.isRunning("order-7")).isTrue();
        assertThat(second.isRunning("order-7")).isTrue();
        lane.runAll();
        assertThat(first.isRunning("order-7")).isFalse();
        assertThat(second.isRunning("order-7")).isFalse();
    }

    // ---- however fast the job is ----

    private void assertNoOwnEventIsPassive(Dispatcher fast, int threads, int each) throws Exception {
        fast.register(Work.class, (job, context) -> {
            context.progress(1);
            context.emit(new About(context.jobId()));
            context.emit(new Happened(job.number()));
            return "done";
        });
        var orchestrator = new RecordedOrchestrator(fast, bus);
        Together.onThreads(threads, thread -> {
            for (int i = 0; i < each; i++) orchestrator.dispatch(new Work(i));
        });
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.passive()).isEmpty();
        assertThat(orchestrator.active()).hasSize(threads * each * 5);
    }

    @Test
    void no_event_of_an_own_job_is_passive_when_the_job_ends_before_dispatch_returns() throws Exception {
        assertNoOwnEventIsPassive(withWorker(Runnable::run), 1, 20_000);
    }

    @Test
    void no_event_of_an_own_job_is_passive_when_several_threads_dispatch_jobs_that_end_at_once() throws Exception {
        assertNoOwnEventIsPassive(withWorker(Runnable::run), 4, 5_000);
    }

    @Test
    void no_event_of_an_own_job_is_passive_on_fast_virtual_threads() throws Exception {
        assertNoOwnEventIsPassive(dispatcher, 4, 4_000);
    }

    @Test
    void the_events_of_a_job_are_passive_for_everybody_but_its_owner() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var other = new RecordedOrchestrator(dispatcher, bus);
        other.start();
        var handle = owner.dispatch(new Work(1));
        endingOf(handle);
        owner.awaitIdle(LIMIT);
        awaitPassive(other, 2);
        assertThat(owner.passive()).isEmpty();
        assertThat(other.active()).isEmpty();
        assertThat(other.passive()).hasExactlyElementsOfTypes(JobStartedEvent.class, JobSuccessEvent.class);
    }

    /** Waits until the orchestrator was told that many passive events. */
    private static void awaitPassive(RecordedOrchestrator orchestrator, int count) {
        TestWork.until(() -> orchestrator.passive().size() >= count, "too few passive events came");
    }

    @Test
    void a_job_that_no_orchestrator_dispatched_is_passive_for_all() throws Exception {
        var direct = withWorker(Runnable::run);
        direct.register(Work.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(direct, bus);
        orchestrator.start();
        direct.dispatch(new Work(1));
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.active()).isEmpty();
        assertThat(orchestrator.passive()).hasSize(2);
    }

    // ---- letting go ----

    @Test
    void in_the_hook_of_the_ending_of_the_only_job_there_is_no_active_job() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var seen = new ArrayList<Boolean>();
        orchestrator.onActive = event -> {
            if (event instanceof TerminalEvent end) {
                seen.add(orchestrator.hasActiveJobs());
                seen.add(orchestrator.isRunning(end.correlationId()));
                seen.add(orchestrator.isRunning(Work.class));
                seen.add(orchestrator.progress(end.correlationId()).isPresent());
            }
        };
        orchestrator.dispatch(new Work(1));
        orchestrator.awaitIdle(LIMIT);
        assertThat(seen).containsExactly(false, false, false, false);
    }

    @Test
    void in_the_hook_of_the_ending_the_same_id_can_be_dispatched_again() throws Exception {
        var rounds = new AtomicInteger();
        dispatcher.register(Named.class, (job, context) -> "round " + rounds.incrementAndGet());
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        orchestrator.onActive = event -> {
            if (event instanceof TerminalEvent && rounds.get() < 500) orchestrator.dispatch(new Named("the one"));
        };
        orchestrator.dispatch(new Named("the one"));
        orchestrator.awaitIdle(LIMIT);
        assertThat(rounds).hasValue(500);
        assertThat(orchestrator.active()).hasSize(1_000);
        assertThat(orchestrator.passive()).isEmpty();
    }

    @Test
    void an_id_can_be_dispatched_again_as_soon_as_its_result_is_there() throws Exception {
        dispatcher.register(Named.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        for (int i = 0; i < 2_000; i++) endingOf(orchestrator.dispatch(new Named("again")));
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.hasActiveJobs()).isFalse();
        assertThat(orchestrator.active()).hasSize(4_000);
        assertThat(orchestrator.passive()).isEmpty();
    }

    @Test
    void a_job_is_running_until_its_ending_is_handled() {
        var lane = new ManualLane();
        var direct = withWorker(Runnable::run);
        direct.register(Work.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(direct, bus, lane);
        var handle = orchestrator.dispatch(new Work(1));
        assertThat(handle.result()).isCompleted();
        assertThat(orchestrator.hasActiveJobs()).isTrue();
        assertThat(orchestrator.isRunning(handle.id())).isTrue();
        lane.runAll();
        assertThat(orchestrator.hasActiveJobs()).isFalse();
    }

    @Test
    void a_refused_dispatch_leaves_nothing_tracked() {
        var inside = new Gate();
        dispatcher.register(Named.class, (job, context) -> inside.pass("done"));
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var first = dispatcher.dispatch(new Named("taken"));
        assertThatThrownBy(() -> orchestrator.dispatch(new Named("taken"))).isInstanceOf(IllegalStateException.class);
        assertThat(orchestrator.hasActiveJobs()).isFalse();
        inside.open();
        assertThat(endingOf(first)).isEqualTo(new JobResult.Success<>("done"));
    }

    // ---- events of a job that others emit ----

    @Test
    void an_event_with_the_id_of_a_running_job_is_active_for_its_owner_whoever_emits_it() throws Exception {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        var event = new About(handle.id());
        bus.emit(event);
        inside.open();
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.active()).contains(event);
        assertThat(orchestrator.passive()).isEmpty();
    }

    @Test
    void an_event_with_the_id_of_an_ended_job_is_passive() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var handle = orchestrator.dispatch(new Work(1));
        orchestrator.awaitIdle(LIMIT);
        var event = new About(handle.id());
        bus.emit(event);
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.active()).doesNotContain(event);
        assertThat(orchestrator.passive()).containsExactly(event);
    }

    @Test
    void an_event_that_races_with_the_ending_is_active_or_passive_and_never_lost() throws Exception {
        int rounds = 3_000;
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        dispatcher.register(Named.class, (job, context) -> "done");
        Together.run(
                rounds,
                round -> orchestrator.dispatch(new Named("job " + round)),
                round -> bus.emit(new About("job " + round)));
        orchestrator.awaitIdle(LIMIT);
        long active =
                orchestrator.active().stream().filter(About.class::isInstance).count();
        long passive =
                orchestrator.passive().stream().filter(About.class::isInstance).count();
        assertThat(active + passive).isEqualTo(rounds);
        assertThat(orchestrator.passive()).hasSize((int) passive);
    }

    // ---- children ----

    private RecordedOrchestrator parentWithChild(JobExecutor<Part, String> child, JobExecutor<Work, String> parent) {
        dispatcher.register(Part.class, child);
        dispatcher.register(Work.class, parent);
        return new RecordedOrchestrator(dispatcher, bus);
    }

    @Test
    void the_events_of_a_child_are_active_for_the_owner_of_its_parent() throws Exception {
        var id = new AtomicReference<String>();
        var orchestrator = parentWithChild((job, context) -> "part", (job, context) -> {
            var child = context.dispatch(new Part(1));
            id.set(child.id());
            return child.await(LIMIT).orThrow();
        });
        var handle = orchestrator.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("part"));
        orchestrator.awaitIdle(LIMIT);
        assertThat(id.get()).isNotEqualTo(handle.id());
        assertThat(orchestrator.active()).hasSize(4);
        assertThat(orchestrator.passive()).isEmpty();
    }

    @Test
    void a_child_counts_as_an_active_job_after_its_parent_succeeded() throws Exception {
        var inside = new Gate();
        var orchestrator = parentWithChild((job, context) -> inside.pass("part"), (job, context) -> {
            context.dispatch(new Part(1));
            return "done";
        });
        endingOf(orchestrator.dispatch(new Work(1)));
        inside.awaitArrival();
        assertThat(orchestrator.isRunning(Part.class)).isTrue();
        assertThat(orchestrator.hasActiveJobs()).isTrue();
        inside.open();
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.hasActiveJobs()).isFalse();
    }

    @Test
    void a_succeeding_parent_does_not_stop_its_children() throws Exception {
        var inside = new Gate();
        var child = new AtomicReference<JobHandle<String>>();
        var orchestrator = parentWithChild((job, context) -> inside.pass("part"), (job, context) -> {
            child.set(context.dispatch(new Part(1)));
            return "done";
        });
        endingOf(orchestrator.dispatch(new Work(1)));
        inside.awaitArrival();
        inside.open();
        assertThat(endingOf(child.get())).isEqualTo(new JobResult.Success<>("part"));
    }

    @Test
    void a_failing_parent_cancels_its_children() {
        var inside = new Gate();
        var child = new AtomicReference<JobHandle<String>>();
        var orchestrator = parentWithChild((job, context) -> inside.pass("never"), (job, context) -> {
            child.set(context.dispatch(new Part(1)));
            inside.awaitArrival();
            throw new IOException("the parent failed");
        });
        assertThat(endingOf(orchestrator.dispatch(new Work(1)))).isInstanceOf(JobResult.Failure.class);
        assertThat(endingOf(child.get())).isInstanceOf(JobResult.Cancelled.class);
    }

    @Test
    void a_cancelled_parent_cancels_its_children_and_theirs() {
        var inside = new Gate();
        var grandchild = new AtomicReference<JobHandle<String>>();
        var orchestrator = parentWithChild(
                (job, context) -> {
                    if (job.number() == 2) return inside.pass("never");
                    grandchild.set(context.dispatch(new Part(2)));
                    return grandchild.get().await(LIMIT).orThrow();
                },
                (job, context) -> context.dispatch(new Part(1)).await(LIMIT).orThrow());
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        assertThat(handle.cancel("not wanted")).isTrue();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertThat(endingOf(grandchild.get())).isInstanceOf(JobResult.Cancelled.class);
    }

    @Test
    void a_child_dispatched_after_its_parent_was_stopped_is_refused_and_nothing_is_told_of_it() throws Exception {
        var inside = new Gate();
        var refusal = new AtomicReference<Throwable>();
        var orchestrator = parentWithChild((job, context) -> "part", (job, context) -> {
            inside.passUninterruptibly("");
            try {
                context.dispatch(new Part(1));
            } catch (Throwable refused) {
                refusal.set(refused);
            }
            return "late";
        });
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        inside.open();
        orchestrator.awaitIdle(LIMIT);
        assertThat(refusal.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(handle.id())
                .hasMessageContaining("dispatches no more children");
        assertThat(orchestrator.active()).hasSize(2);
    }

    @Test
    void a_child_that_races_with_the_stop_of_its_parent_is_refused_and_not_told_or_accepted_and_ends_once() {
        int rounds = 2_000;
        var accepted = new ConcurrentHashMap<String, JobHandle<String>>();
        var told = new ConcurrentHashMap<String, Integer>();
        var begun = new AtomicReferenceArray<Boolean>(rounds);
        var handles = new AtomicReferenceArray<JobHandle<String>>(rounds);
        bus.subscribe(TerminalEvent.class, event -> {
            if (event.job() instanceof Part) told.merge(event.correlationId(), 1, Integer::sum);
        });
        var orchestrator = parentWithChild((job, context) -> "part", (job, context) -> {
            begun.set(job.number(), true);
            for (int i = 0; i < 50 && !context.isCancelled(); i++) {
                try {
                    var child = context.dispatch(new Part(job.number()));
                    accepted.put(child.id(), child);
                } catch (IllegalStateException refused) {
                    return "stopped";
                }
            }
            return "done";
        });
        Together.run(rounds, round -> handles.set(round, orchestrator.dispatch(new Work(round))), round -> {
            TestWork.until(() -> begun.get(round) != null && handles.get(round) != null, "the parent never began");
            for (int i = round % 53; i > 0; i--) Thread.onSpinWait();
            handles.get(round).cancel("stop");
            endingOf(handles.get(round));
        });
        accepted.values().forEach(TestWork::endingOf);
        dispatcher.close();
        TestWork.until(() -> told.size() >= accepted.size(), "a child that was accepted never ended");
        assertThat(told.values()).containsOnly(1);
        told.keySet().removeAll(accepted.keySet());
        assertThat(told)
                .as("children that were refused, and told as ended all the same")
                .isEmpty();
    }
}
