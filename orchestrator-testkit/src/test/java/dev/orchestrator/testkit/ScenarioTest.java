package dev.orchestrator.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Given a state, when something happens, then exactly that comes of it, in order; a failure shows the whole timeline. */
@OrchestratorTest
class ScenarioTest {
    record Search(String text) implements Job<Integer> {}

    record Log(String text) implements Job<Void> {}

    record Found(int number) implements Event {}

    record Reset() implements Event {}

    static final class Screen extends BaseOrchestrator<String> {
        Screen(Dispatcher dispatcher, SignalBus bus) {
            super("new", dispatcher, bus);
            on(Search.class)
                    .success((job, number) -> {
                        signal(new Found(number));
                        emit(number + " found");
                        dispatch(new Log(job.text()));
                    })
                    .progress((job, progress) -> emit("at " + progress.fraction()))
                    .failure((job, error) -> emit("failed: " + error.getMessage()))
                    .cancelled((job, reason) -> emit("cancelled: " + reason))
                    .timedOut((job, limit) -> emit("too slow"));
            observe(Reset.class, reset -> emit("new"));
        }

        /** A second constructor, as the seed's orchestrators have. */
        Screen() {
            this(Dispatcher.global(), SignalBus.global());
        }

        void search(String text) {
            emit("searching");
            dispatchLatest(
                    "search",
                    new Search(text),
                    JobOptions.builder().timeout(Duration.ofSeconds(30)).build());
        }

        void searchTwice(String text) {
            dispatch(
                    new Search(text),
                    JobOptions.builder()
                            .retry(RetryPolicy.fixed(2, Duration.ofSeconds(1)))
                            .build());
        }
    }

    @Test
    void what_others_dispatch_in_the_same_world_is_not_its_doing(TestWorld world) {
        world.dispatcher().register(Log.class, (job, context) -> null);
        Scenario.of(world, Screen::new)
                .when(screen -> {
                    screen.search("a");
                    world.dispatcher().dispatch(new Log("of the test"));
                })
                .then("searching", new Search("a"))
                .thenDispatched(new Search("a"));
    }

    @Test
    void each_ending_of_a_job_has_its_consequences(TestWorld world) {
        Scenario.of(world, Screen::new)
                .given("3 found")
                .thenNothing()
                .when(screen -> screen.search("a"))
                .then("searching", new Search("a"))
                .whenReports(Search.class, 0.5)
                .thenStates("at 0.5")
                .whenSucceeds(Search.class, 7)
                .then("7 found", new Log("a"), new Found(7))
                .thenSignalled(new Found(7))
                .thenDispatched(new Log("a"))
                .whenSucceeds(new Log("a"), null)
                .thenNothing()
                .when(screen -> screen.search("b"))
                .whenFails(new Search("b"), new IOException("gone"))
                .thenStates("searching", "failed: gone")
                .when(screen -> screen.search("c"))
                .whenCancelled(Search.class, "enough")
                .thenState("cancelled: enough")
                .when(screen -> screen.search("d"))
                .whenTimesOut(Search.class)
                .thenState("too slow")
                .whenHappens(new Reset())
                .then("new");
    }

    @Test
    void a_later_search_replaces_the_one_before(TestWorld world) {
        Scenario.of(world, Screen::new)
                .when(screen -> screen.search("a"))
                .then("searching", new Search("a"))
                .when(screen -> screen.search("ab"))
                .thenDispatched(new Search("ab"))
                .whenSucceeds(new Search("ab"), 1)
                .thenState("1 found");
    }

    @Test
    void the_retry_policy_of_a_job_holds(TestWorld world) {
        Scenario.of(world, Screen::new)
                .when(screen -> screen.searchTwice("a"))
                .whenFails(Search.class, new IOException("once"))
                .thenStates()
                .whenPasses(Duration.ofSeconds(1))
                .whenFails(Search.class, new IOException("twice"))
                .thenState("failed: twice");
    }

    @Test
    void an_event_of_a_job_is_no_signal_of_the_orchestrator(TestWorld world) {
        Scenario.of(world, Screen::new)
                .when(screen -> screen.search("a"))
                .thenDispatched(new Search("a"))
                .whenEmits(Search.class, new Found(1))
                .thenNothing();
    }

    @Test
    void a_failure_says_what_was_expected_and_shows_the_timeline(TestWorld world) {
        var scenario = Scenario.of(world, Screen::new).when(screen -> screen.search("a"));
        assertThatThrownBy(() -> scenario.then("searching"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Screen dispatched Search[text=a]")
                .hasMessageContaining("Screen has the state searching");
        assertThatThrownBy(() -> scenario.thenState("done")).hasMessageContaining("Screen dispatched Search[text=a]");
        assertThatThrownBy(() -> scenario.whenSucceeds(Log.class, null))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no job of type " + Log.class.getName())
                .hasMessageContaining("Search[text=a]");
    }

    @Test
    void what_has_no_time_limit_does_not_time_out(TestWorld world) {
        var scenario = Scenario.of(world, Screen::new).when(screen -> screen.searchTwice("a"));
        assertThatThrownBy(() -> scenario.whenTimesOut(Search.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("has no time limit");
    }
}
