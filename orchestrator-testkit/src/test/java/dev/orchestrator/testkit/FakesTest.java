package dev.orchestrator.testkit;

import static dev.orchestrator.testkit.OrchestratorAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import dev.orchestrator.JobProgressEvent;
import dev.orchestrator.JobStartedEvent;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.RetryPolicy;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Fakes do what the test says, and say what they were asked. */
@OrchestratorTest
class FakesTest {
    record Load(int number) implements Job<String> {}

    record Store(int number) implements Job<Void> {}

    record Said(String text) implements Event {}

    private static final JobOptions PATIENT = JobOptions.builder()
            .retry(RetryPolicy.fixed(5, Duration.ofSeconds(1)))
            .build();

    // ---- scripted executors ----

    @Test
    void each_call_follows_its_line_and_the_last_line_holds_for_all_others(TestWorld world) {
        var script = ScriptedExecutor.of(Load.class)
                .succeeds("first")
                .fails(new IOException("second"))
                .answers(job -> "number " + job.number());
        world.dispatcher().registerAsync(Load.class, script);
        var handles = new ArrayList<dev.orchestrator.JobHandle<String>>();
        for (int i = 1; i <= 4; i++) handles.add(world.dispatcher().dispatch(new Load(i)));
        world.runUntilIdle();
        assertThat(handles.get(0)).isSuccess("first");
        assertThat(handles.get(1)).isFailure().hasMessage("second");
        assertThat(handles.get(2)).isSuccess("number 3");
        assertThat(handles.get(3)).isSuccess("number 4");
        assertThat(script.calls()).containsExactly(new Load(1), new Load(2), new Load(3), new Load(4));
    }

    @Test
    void it_reports_before_it_ends(TestWorld world) {
        world.dispatcher()
                .registerAsync(
                        Load.class,
                        ScriptedExecutor.of(Load.class).reports(0.25, 0.5).succeeds("done"));
        var handle = world.dispatcher().dispatch(new Load(1));
        world.runUntilIdle();
        assertThat(world)
                .job(handle)
                .reported(0.25, 0.5)
                .eventTypes()
                .containsExactly(
                        JobStartedEvent.class, JobProgressEvent.class, JobProgressEvent.class, JobSuccessEvent.class);
    }

    @Test
    void it_hangs_until_it_is_released(TestWorld world) {
        var script = ScriptedExecutor.of(Load.class).hangs();
        world.dispatcher().registerAsync(Load.class, script);
        var first = world.dispatcher().dispatch(new Load(1));
        var second = world.dispatcher().dispatch(new Load(2));
        var third = world.dispatcher().dispatch(new Load(3));
        world.runUntilIdle();
        assertThat(script.hanging()).isEqualTo(3);
        first.cancel("no");
        world.runUntilIdle();
        assertThat(script.hanging()).isEqualTo(2);
        script.release("done");
        script.releaseWithError(new IOException("gone"));
        world.runUntilIdle();
        assertThat(world).job(first).wasCancelledBecause("no");
        assertThat(world).job(second).succeededWith("done");
        assertThat(world).job(third).failedWith(IOException.class);
        assertThatThrownBy(() -> script.release("x"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Load")
                .hasMessageContaining("called 3 times");
    }

    @Test
    void an_empty_script_and_bad_lines_are_refused(TestWorld world) {
        var script = ScriptedExecutor.of(Load.class);
        world.dispatcher().registerAsync(Load.class, script);
        var handle = world.dispatcher().dispatch(new Load(1));
        world.runUntilIdle();
        assertThat(handle).isFailure().hasMessageContaining("the script of the executor for Load is empty");
        assertThatThrownBy(() -> script.fails(0, new IOException()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("was 0");
        assertThatThrownBy(() -> script.fails(null)).isInstanceOf(NullPointerException.class);
    }

    // ---- the recording dispatcher ----

    @Test
    void it_takes_every_job_and_the_test_ends_it(TestWorld world) {
        var jobs = world.own(RecordingDispatcher.on(world.bus()));
        Dispatcher dispatcher = jobs.dispatcher();
        var first = dispatcher.dispatch(new Load(1));
        var second = dispatcher.dispatch(new Load(2));
        var third = dispatcher.dispatch(new Store(3), PATIENT);
        world.runUntilIdle();
        assertThat(jobs.inFlight()).containsExactly(new Load(1), new Load(2), new Store(3));
        jobs.report(Load.class, JobProgress.of(0.5));
        jobs.emit(Load.class, new Said("hello"));
        jobs.succeed(new Load(2), "two");
        jobs.succeed(Load.class, "one");
        jobs.fail(Store.class, new IOException("once"));
        world.advance(Duration.ofSeconds(1));
        jobs.succeed(Store.class, null);
        world.runUntilIdle();
        assertThat(world).job(first).reported(0.5).succeededWith("one");
        assertThat(world).job(second).succeededWith("two");
        assertThat(world).job(third).wasRetried(1).succeededWith(null);
        assertThat(world).events(Said.class).containsExactly(new Said("hello"));
        assertThat(jobs.begun()).containsExactly(new Load(1), new Load(2), new Store(3), new Store(3));
        assertThat(jobs.inFlight()).isEmpty();
        assertThatThrownBy(() -> jobs.succeed(Load.class, "x"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(Load.class.getName());
    }

    // ---- connectivity ----

    @Test
    void without_a_network_jobs_fail_before_their_executor_is_called(TestWorld world) {
        var network = new FakeConnectivity();
        var heard = new ArrayList<Boolean>();
        var script = ScriptedExecutor.of(Load.class).succeeds("done");
        world.dispatcher().interceptAll(network);
        world.dispatcher().registerAsync(Load.class, script, PATIENT);
        var subscription = network.onChange(heard::add);
        network.goOffline();
        network.goOffline();
        var handle = world.dispatcher().dispatch(new Load(1));
        world.advance(Duration.ofSeconds(1));
        assertThat(script.calls()).isEmpty();
        assertThatThrownBy(network::check).isInstanceOf(ConnectException.class);
        network.goOnline();
        world.advance(Duration.ofSeconds(1));
        assertThat(world).job(handle).wasRetried(2).succeededWith("done");
        subscription.close();
        network.goOffline();
        assertThat(heard).containsExactly(false, true);
        assertThat(network.getAsBoolean()).isFalse();
    }

    // ---- recorded events ----

    @Test
    void a_recording_bus_is_any_bus_with_a_recorder(TestWorld world) {
        var events = new RecordedEvents();
        var subscription = world.bus().subscribe(Event.class, events);
        world.dispatcher().register(Load.class, (job, context) -> "done");
        var handle = world.dispatcher().dispatch(new Load(1));
        world.bus().emit(new Said("hello"));
        world.runUntilIdle();
        events.awaitTerminalOf(handle.id());
        assertThat(events.of(Said.class)).containsExactly(new Said("hello"));
        assertThat(events.ofJob(handle.id())).hasSize(2);
        assertThat(events.terminalOf(handle.id())).hasSize(1);
        assertThat(events.all()).hasSize(3);
        subscription.close();
    }
}
