package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.spi.OrchestratorControl;
import dev.orchestrator.spi.Probe;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** P5, P9, P15: a probe sees what is no event, in the order in which it happens, and disturbs nobody. */
class ProbeTest {
    /** Writes down what it is told; the test's threads are none, so one list does. */
    private static final class Diary implements Probe {
        final List<String> lines = new ArrayList<>();
        OrchestratorControl orchestrator;

        @Override
        public void accepted(JobSnapshot job) {
            lines.add("accepted " + job.job() + " of " + job.owner() + " " + job.phase());
        }

        @Override
        public void refused(Job<?> job, Throwable why) {
            lines.add("refused " + job + " " + why.getClass().getSimpleName());
        }

        @Override
        public void opened(OrchestratorControl opened) {
            orchestrator = opened;
            lines.add("opened " + opened.name());
        }

        @Override
        public void stateChanged(OrchestratorControl changed, Object before, Object after) {
            lines.add("state " + before + " -> " + after);
        }

        @Override
        public void closed(OrchestratorControl closed) {
            lines.add("closed " + closed.name());
        }
    }

    private final Diary diary = new Diary();
    private final VirtualTime time = new VirtualTime();
    private final ManualThreads threads = new ManualThreads();
    private final SignalBus bus =
            SignalBus.builder().time(time).threads(threads).probe(diary).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();

    private RecordedOrchestrator orchestrator() {
        return new RecordedOrchestrator(dispatcher, bus, lane);
    }

    @Test
    void it_is_told_of_an_orchestrator_from_its_making_to_its_closing() {
        var orchestrator = orchestrator();
        orchestrator.change(before -> 1);
        orchestrator.change(before -> 1);
        orchestrator.change(before -> before + 1);
        orchestrator.close();
        orchestrator.close();
        orchestrator.change(before -> 9);
        assertThat(diary.lines)
                .containsExactly(
                        "opened RecordedOrchestrator", "state 0 -> 1", "state 1 -> 2", "closed RecordedOrchestrator");
    }

    @Test
    void a_job_is_accepted_before_its_first_event() {
        bus.subscribe(JobEvent.class, event -> diary.lines.add(event.getClass().getSimpleName()));
        try (var atOnce = Dispatcher.builder().bus(bus).worker(Runnable::run).build()) {
            atOnce.register(Work.class, (job, context) -> "done");
            new RecordedOrchestrator(atOnce, bus, lane).dispatch(new Work(1));
        }
        assertThat(diary.lines)
                .containsExactly(
                        "opened RecordedOrchestrator",
                        "accepted Work[number=1] of RecordedOrchestrator WAITING",
                        "JobStartedEvent",
                        "JobSuccessEvent");
    }

    @Test
    void each_job_that_joins_is_accepted_too() {
        dispatcher.registerAsync(Work.class, (job, context) -> new CompletableFuture<>());
        var joining = JobOptions.builder().joinRunning("key").build();
        dispatcher.dispatch(new Work(1), joining);
        dispatcher.dispatch(new Work(2), joining);
        assertThat(diary.lines)
                .containsExactly("accepted Work[number=1] of null WAITING", "accepted Work[number=2] of null WAITING");
    }

    @Test
    void a_job_that_waits_for_a_limit_is_accepted() {
        var limited =
                Dispatcher.builder().bus(bus).limit(RunLimit.of(1).orQueue(1)).build();
        limited.registerAsync(Work.class, (job, context) -> new CompletableFuture<>());
        limited.dispatch(new Work(1));
        limited.dispatch(new Work(2));
        assertThatThrownBy(() -> limited.dispatch(new Work(3))).isInstanceOf(JobRejectedException.class);
        assertThat(diary.lines)
                .containsExactly(
                        "accepted Work[number=1] of null WAITING",
                        "accepted Work[number=2] of null WAITING",
                        "refused Work[number=3] JobRejectedException");
    }

    @Test
    void a_job_whose_token_was_cancelled_before_is_accepted() {
        var token = new CancellationToken();
        token.cancel("too late");
        dispatcher.register(Work.class, (job, context) -> "never");
        dispatcher.dispatch(new Work(1), JobOptions.builder().token(token).build());
        assertThat(diary.lines).containsExactly("accepted Work[number=1] of null ENDED");
    }

    @Test
    void a_refusal_of_whatever_kind_is_told() {
        assertThatThrownBy(() -> dispatcher.dispatch(new Work(1))).isInstanceOf(ExecutorNotFoundException.class);
        dispatcher.registerAsync(Work.class, (job, context) -> new CompletableFuture<>());
        var named = JobOptions.builder().id("same").build();
        dispatcher.dispatch(new Work(2), named);
        assertThatThrownBy(() -> dispatcher.dispatch(new Work(3), named)).isInstanceOf(IllegalStateException.class);
        assertThat(diary.lines)
                .containsExactly(
                        "refused Work[number=1] ExecutorNotFoundException",
                        "accepted Work[number=2] of null WAITING",
                        "refused Work[number=3] IllegalStateException");
    }

    @Test
    void what_a_probe_throws_harms_nobody() throws Exception {
        var reported = new ArrayList<String>();
        var failing = new Probe() {
            @Override
            public void accepted(JobSnapshot job) {
                throw new AssertionError("of the probe");
            }
        };
        try (var itsBus = SignalBus.builder()
                        .probe(failing)
                        .errorHandler((error, handler, event) -> reported.add(handler))
                        .build();
                var itsDispatcher = Dispatcher.create(itsBus)) {
            itsDispatcher.register(Work.class, (job, context) -> "done");
            assertThat(itsDispatcher.dispatch(new Work(1)).await(LIMIT)).isEqualTo(new JobResult.Success<>("done"));
        }
        assertThat(reported).singleElement().asString().startsWith("the probe ");
    }

    @Test
    void a_look_from_behind_lets_no_orchestrator_begin() {
        var orchestrator = orchestrator();
        bus.emit(new Happened(1));
        assertThat(diary.orchestrator.state()).isEqualTo(0);
        assertThat(diary.orchestrator.orchestrator()).isSameAs(orchestrator);
        diary.orchestrator.replaceState(7);
        lane.runAll();
        assertThat(orchestrator.passive()).isEmpty();
        assertThat(orchestrator.state()).isEqualTo(7);
        lane.runAll();
        assertThat(orchestrator.passive()).hasSize(1);
        assertThat(diary.lines).contains("state 0 -> 7");
    }

    @Test
    void subscribers_get_a_state_that_was_put_in_place() {
        var orchestrator = orchestrator();
        var seen = new ArrayList<Integer>();
        orchestrator.onState(seen::add);
        lane.runAll();
        diary.orchestrator.replaceState(7);
        lane.runAll();
        assertThat(seen).containsExactly(0, 7);
        orchestrator.close();
        diary.orchestrator.replaceState(8);
        assertThat(diary.orchestrator.state()).isEqualTo(7);
    }

    @Test
    void a_null_state_is_refused() {
        orchestrator();
        assertThatThrownBy(() -> diary.orchestrator.replaceState(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> SignalBus.builder().probe(null)).isInstanceOf(NullPointerException.class);
    }

    // ---- snapshots ----

    @Test
    void jobs_in_flight_are_listed_until_they_end() {
        var end = new CompletableFuture<String>();
        dispatcher.registerAsync(Work.class, (job, context) -> end.minimalCompletionStage());
        var options =
                JobOptions.builder().id("b").timeout(Duration.ofMinutes(1)).build();
        orchestrator().dispatch(new Work(2), options);
        dispatcher.dispatch(new Work(1), JobOptions.builder().id("a").build());
        assertThat(dispatcher.jobs())
                .containsExactly(
                        new JobSnapshot(
                                "a",
                                new Work(1),
                                null,
                                JobSnapshot.Phase.WAITING,
                                0,
                                JobOptions.builder().id("a").build()),
                        new JobSnapshot(
                                "b", new Work(2), "RecordedOrchestrator", JobSnapshot.Phase.WAITING, 0, options));
        threads.runAll();
        assertThat(bus.jobs()).extracting(JobSnapshot::phase).containsOnly(JobSnapshot.Phase.RUNNING);
        assertThat(bus.jobs()).extracting(JobSnapshot::attempts).containsOnly(1);
        time.advance(Duration.ofMinutes(1));
        assertThat(bus.jobs())
                .extracting(JobSnapshot::phase)
                .containsExactly(JobSnapshot.Phase.RUNNING, JobSnapshot.Phase.STOPPING);
        assertThat(bus.jobs().get(1))
                .hasToString("job b of type dev.orchestrator.TestWork$Work of orchestrator RecordedOrchestrator,"
                        + " STOPPING, attempts 1");
        end.complete("done");
        threads.runAll();
        assertThat(bus.jobs()).isEmpty();
        assertThat(dispatcher.jobs()).isEmpty();
    }

    @Test
    void a_dispatcher_lists_its_own_jobs_and_a_bus_those_of_all() {
        var other = Dispatcher.create(bus);
        dispatcher.registerAsync(Work.class, (job, context) -> new CompletableFuture<>());
        other.registerAsync(Work.class, (job, context) -> new CompletableFuture<>());
        dispatcher.dispatch(new Work(1));
        other.dispatch(new Work(2));
        assertThat(dispatcher.jobs()).extracting(JobSnapshot::job).containsExactly(new Work(1));
        assertThat(other.jobs()).extracting(JobSnapshot::job).containsExactly(new Work(2));
        assertThat(bus.jobs()).hasSize(2);
    }

    private static final class Observer extends BaseOrchestrator<Integer> {
        Observer(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            observe(Happened.class, event -> {});
        }
    }

    @Test
    void subscribers_are_listed_by_type_and_name_until_they_close() {
        var plain = bus.subscribe(Happened.class, event -> {});
        var queued = bus.subscribeAsync(JobEvent.class, event -> {});
        var observer = new Observer(dispatcher, bus);
        observer.state();
        assertThat(bus.subscribers())
                .extracting(SignalBus.Subscriber::eventType)
                .containsExactly(Happened.class, JobEvent.class, Happened.class);
        assertThat(bus.subscribers().get(0).name()).contains("ProbeTest").contains("Happened");
        assertThat(bus.subscribers().get(1).name()).startsWith("the asynchronous subscriber ");
        assertThat(bus.subscribers().get(2).name()).isEqualTo("orchestrator Observer");
        plain.close();
        queued.close();
        observer.close();
        assertThat(bus.subscribers()).isEmpty();
    }

    // ---- the fallback ----

    @Test
    void what_has_no_executor_goes_to_the_fallback() {
        var asked = new ArrayList<Job<?>>();
        var others = Dispatcher.builder()
                .bus(bus)
                .fallback((job, context) -> {
                    asked.add(job);
                    return CompletableFuture.completedFuture("by the fallback");
                })
                .build();
        others.register(Work.class, (job, context) -> "by its own");
        var own = others.dispatch(new Work(1));
        var other = others.dispatch(new TestWork.Part(2));
        threads.runAll();
        assertThat(TestWork.endingOf(own)).isEqualTo(new JobResult.Success<>("by its own"));
        assertThat(TestWork.endingOf(other)).isEqualTo(new JobResult.Success<>("by the fallback"));
        assertThat(asked).containsExactly(new TestWork.Part(2));
        assertThatThrownBy(() -> Dispatcher.builder().fallback(null)).isInstanceOf(NullPointerException.class);
    }
}
