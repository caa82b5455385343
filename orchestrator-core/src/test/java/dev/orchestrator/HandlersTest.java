package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who sees what (fine print): active and passive, one hook and then the typed handlers in their order. */
class HandlersTest {
    sealed interface Work extends Job<String> {}

    record Good(String text) implements Work {}

    record Bad() implements Work {}

    record Slow() implements Work {}

    record Note(String text) implements Event {}

    static final class Remark extends BaseEvent {
        Remark(String id) {
            super(id);
        }
    }

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Gate gate = new Gate();

    HandlersTest() {
        dispatcher.register(Good.class, (job, context) -> {
            context.progress(0.5);
            context.emit(new Note(job.text()));
            return job.text();
        });
        dispatcher.register(Bad.class, (job, context) -> {
            throw new IllegalStateException("bad");
        });
        dispatcher.register(Slow.class, (job, context) -> gate.pass("slow"));
    }

    @AfterEach
    void close() {
        gate.open();
        dispatcher.close();
    }

    /** Notes every hook; a test adds typed handlers. */
    private class Noting extends BaseOrchestrator<String> {
        Noting(Consumer<Noting> declare) {
            super("", dispatcher, bus);
            declare.accept(this);
        }

        void note(String text) {
            seen.add(text);
        }

        @Override
        protected void onActiveStarted(JobStartedEvent event) {
            note("hook started");
        }

        @Override
        protected void onActiveProgress(JobProgressEvent event) {
            note("hook progress");
        }

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            note("hook success");
        }

        @Override
        protected void onActiveFailure(JobFailureEvent event) {
            note("hook failure");
        }

        @Override
        protected void onActiveCancelled(JobCancelledEvent event) {
            note("hook cancelled");
        }

        @Override
        protected void onActiveEvent(Event event) {
            note("hook " + event.getClass().getSimpleName());
        }
    }

    private void runAndWait(BaseOrchestrator<?> orchestrator, Job<?> job) throws Exception {
        orchestrator.dispatch(job);
        orchestrator.awaitIdle(Duration.ofSeconds(10));
    }

    @Test
    void each_event_goes_to_one_hook_and_then_to_the_handlers_in_their_order() throws Exception {
        var orchestrator = new Noting(self -> {
            self.on(Good.class)
                    .success((job, text) -> self.note("first " + text))
                    .progress((job, progress) -> self.note("at " + progress.fraction()))
                    .started(job -> self.note("began"));
            self.on(Work.class).ended((job, result) -> self.note("family " + result));
            self.on(Good.class).success((job, text) -> self.note("second " + text));
        });
        runAndWait(orchestrator, new Good("x"));
        assertThat(seen)
                .containsExactly(
                        "hook started",
                        "began",
                        "hook progress",
                        "at 0.5",
                        "hook Note",
                        "hook success",
                        "first x",
                        "family Success[value=x]",
                        "second x");
    }

    @Test
    void ended_gets_every_ending() throws Exception {
        var orchestrator = new Noting(self -> self.on(Work.class)
                .ended((job, result) -> self.note(
                        switch (result) {
                            case JobResult.Success<String>(String value) -> value;
                            case JobResult.Failure<String>(Throwable error) -> error.getMessage();
                            case JobResult.Cancelled<String>(String reason) -> reason;
                            case JobResult.TimedOut<String>(Duration limit) -> limit.toString();
                        })));
        runAndWait(orchestrator, new Good("x"));
        runAndWait(orchestrator, new Bad());
        orchestrator.dispatch(new Slow()).cancel("no longer wanted");
        orchestrator.awaitIdle(Duration.ofSeconds(10));
        assertThat(seen)
                .containsSubsequence("hook success", "x", "hook failure", "bad", "hook cancelled", "no longer wanted");
    }

    @Test
    void handlers_of_one_type_do_not_see_another() throws Exception {
        var orchestrator = new Noting(self -> self.on(Bad.class).ended((job, result) -> self.note("bad ended")));
        runAndWait(orchestrator, new Good("x"));
        assertThat(seen).doesNotContain("bad ended");
    }

    @Test
    void observe_sees_passive_events_only() throws Exception {
        var owner = new Noting(self -> self.observe(JobEvent.class, event -> self.note("owner observed")));
        var other = new Noting(self -> {
            self.observe(Note.class, note -> self.note("other observed " + note.text()));
            self.observeSuccess(Good.class, (job, text) -> self.note("other saw " + text));
            self.observeSuccess(Slow.class, (job, text) -> self.note("wrong type"));
        });
        other.start();
        runAndWait(owner, new Good("x"));
        dispatcher.close();
        other.awaitIdle(Duration.ofSeconds(10));
        assertThat(seen).contains("other observed x", "other saw x").doesNotContain("owner observed", "wrong type");
    }

    @Test
    void an_event_with_a_running_jobs_id_is_active_for_its_owner_whoever_emits_it() throws Exception {
        var owner = new Noting(self -> self.observe(Remark.class, remark -> self.note("passive")));
        var other = new Noting(self -> self.observe(Remark.class, remark -> self.note("other")));
        other.start();
        var handle = owner.dispatch(new Slow());
        gate.awaitArrival();
        bus.emit(new Remark(handle.id()));
        gate.open();
        owner.awaitIdle(Duration.ofSeconds(10));
        other.awaitIdle(Duration.ofSeconds(10));
        assertThat(seen).contains("hook Remark", "other").doesNotContain("passive");
    }

    @Test
    void after_the_ending_an_event_with_the_jobs_id_is_passive() throws Exception {
        var owner = new Noting(self -> self.observe(Remark.class, remark -> self.note("passive")));
        var handle = owner.dispatch(new Good("x"));
        owner.awaitIdle(Duration.ofSeconds(10));
        bus.emit(new Remark(handle.id()));
        owner.awaitIdle(Duration.ofSeconds(10));
        assertThat(seen).contains("passive").doesNotContain("hook Remark");
    }

    @Test
    void a_signal_comes_back_to_its_sender_as_passive() throws Exception {
        var orchestrator = new Noting(self -> self.observe(Note.class, note -> self.note("heard " + note.text())));
        orchestrator.signal(new Note("hello"));
        orchestrator.awaitIdle(Duration.ofSeconds(10));
        assertThat(seen).containsExactly("heard hello");
    }

    @Test
    void nobody_can_forge_an_ending() {
        var event = new JobSuccessEvent<>("id", java.time.Instant.EPOCH, new Good("x"), 1, "x", Provenance.LIVE);
        assertThatThrownBy(() -> bus.emit(event))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("JobSuccessEvent");
    }

    @Test
    void progress_is_known_while_the_job_runs_and_forgotten_with_it() throws Exception {
        var reported = new Gate();
        dispatcher.replace(Good.class, (job, context) -> {
            context.progress(0.25, "a quarter");
            return reported.pass("done");
        });
        var orchestrator = new Noting(self -> {});
        var handle = orchestrator.dispatch(new Good("x"));
        reported.awaitArrival();
        assertThat(orchestrator.progress(handle.id()))
                .hasValue(JobProgress.of(0.25).withMessage("a quarter"));
        assertThat(orchestrator.isRunning(handle.id())).isTrue();
        assertThat(orchestrator.isRunning(Work.class)).isTrue();
        assertThat(orchestrator.isRunning(Bad.class)).isFalse();
        reported.open();
        orchestrator.awaitIdle(Duration.ofSeconds(10));
        assertThat(orchestrator.progress(handle.id())).isEmpty();
        assertThat(orchestrator.isRunning(handle.id())).isFalse();
        assertThat(orchestrator.isRunning(Work.class)).isFalse();
        assertThat(orchestrator.hasActiveJobs()).isFalse();
    }
}
