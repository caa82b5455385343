package dev.orchestrator.testkit;

import static dev.orchestrator.testkit.OrchestratorAssertions.assertThat;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The examples in the Javadoc, which draws them from here; they run as tests. */
@OrchestratorTest
class SnippetsTest {
    record Save(String text) implements Job<Integer> {}

    static final class Editor extends BaseOrchestrator<String> {
        Editor(Dispatcher dispatcher, SignalBus bus) {
            super("empty", dispatcher, bus);
            on(Save.class)
                    .success((job, revision) -> emit("saved as " + revision))
                    .failure((job, error) -> emit("not saved: " + error.getMessage()));
        }

        void save(String text) {
            emit("saving");
            dispatch(new Save(text), options());
        }

        private static JobOptions options() {
            return JobOptions.builder().timeout(Duration.ofMinutes(1)).build();
        }
    }

    @Test
    void world(TestWorld world) {
        // @start region="world"
        world.dispatcher().register(Save.class, (job, context) -> 7);
        var editor = world.own(new Editor(world.dispatcher(), world.bus()));
        editor.save("text");
        world.runUntilIdle();
        assertThat(world).states(editor).containsExactly("saving", "saved as 7");
        // @end
    }

    @Test
    void assertions(TestWorld world) {
        world.dispatcher().register(Save.class, (job, context) -> 7);
        // @start region="assertions"
        var handle = world.dispatcher().dispatch(new Save("text"));
        world.runUntilIdle();
        assertThat(world).job(handle).started().succeededWith(7);
        assertThat(world).dispatched(new Save("text")).hasNoErrors();
        assertThat(handle).isSuccess(7);
        // @end
    }

    @Test
    void scripted_executor(Dispatcher dispatcher, TestWorld world) {
        // @start region="scripted-executor"
        var save = ScriptedExecutor.of(Save.class)
                .fails(2, new IOException("busy"))
                .succeeds(7);
        var patient = JobOptions.builder()
                .retry(RetryPolicy.exponential(3, Duration.ofSeconds(1)))
                .build();
        dispatcher.registerAsync(Save.class, save, patient);
        var handle = dispatcher.dispatch(new Save("text"));
        world.advance(Duration.ofMinutes(1));
        assertThat(world).job(handle).wasRetried(2).succeededWith(7);
        // @end
    }

    @Test
    void connectivity(Dispatcher dispatcher, TestWorld world) {
        dispatcher.register(Save.class, (job, context) -> 7);
        // @start region="connectivity"
        var network = new FakeConnectivity();
        dispatcher.interceptAll(network);
        network.goOffline();
        var handle = dispatcher.dispatch(new Save("text"));
        world.runUntilIdle();
        assertThat(world).job(handle).failedWith(IOException.class);
        // @end
    }

    @Test
    void scenario(TestWorld world) {
        // @start region="scenario"
        Scenario.of(world, Editor::new)
                .given("not saved: no network")
                .when(editor -> editor.save("text"))
                .then("saving", new Save("text"))
                .whenSucceeds(new Save("text"), 7)
                .then("saved as 7");
        // @end
    }

    // @start region="interleavings"
    @Interleavings(1000)
    void the_last_save_is_shown_whatever_comes_first(TestWorld world) {
        world.dispatcher().register(Save.class, (job, context) -> job.text().length());
        var editor = world.own(new Editor(world.dispatcher(), world.bus()));
        editor.save("a");
        world.runUntilIdle();
        editor.save("ab");
        world.runUntilIdle();
        assertThat(world).states(editor).endsWith("saved as 2");
    }
    // @end
}
