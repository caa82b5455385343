package dev.orchestrator.testkit.readme;

import static dev.orchestrator.testkit.OrchestratorAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.testkit.Interleavings;
import dev.orchestrator.testkit.OrchestratorTest;
import dev.orchestrator.testkit.Scenario;
import dev.orchestrator.testkit.ScriptedExecutor;
import dev.orchestrator.testkit.TestWorld;
import dev.orchestrator.testkit.readme.Greeting.FetchUser;
import dev.orchestrator.testkit.readme.Greeting.FetchUserExecutor;
import dev.orchestrator.testkit.readme.Greeting.Greeter;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The README's example of tests, which is drawn from here. */
// @start region="testing"
@OrchestratorTest // each test has its own world, and fails if it leaves a job, thread, timer or subscription
class GreeterTest {
    @Test
    void a_job_is_tried_three_times(TestWorld world) { // the minutes between the attempts take no time
        var busyTwice = ScriptedExecutor.of(FetchUser.class)
                .fails(2, new IOException("busy"))
                .succeeds("Ada");
        var patient = JobOptions.builder()
                .retry(RetryPolicy.exponential(3, Duration.ofMinutes(1)))
                .build();
        world.dispatcher().registerAsync(FetchUser.class, busyTwice, patient);
        var handle = world.dispatcher().dispatch(new FetchUser(1));
        world.advance(Duration.ofHours(1));
        assertThat(world).job(handle).wasRetried(2).succeededWith("Ada");
    }

    @Test
    void the_executor_finds_a_user(TestWorld world) throws Exception { // blocking code is fine here too
        world.dispatcher().register(FetchUser.class, new FetchUserExecutor());
        assertThat(world.dispatcher().run(new FetchUser(1))).isEqualTo("Ada");
        assertThat(world).job(FetchUser.class).reported(0.5);
    }

    @Test
    void the_orchestrator_greets(TestWorld world) { // no executor: the test says how each job ends
        Scenario.of(world, Greeter::new)
                .given("nobody yet")
                .when(greeter -> greeter.greet(1))
                .then("loading ...", new FetchUser(1))
                .whenSucceeds(new FetchUser(1), "Ada")
                .then("Hello, Ada")
                .when(greeter -> greeter.greet(7))
                .whenFails(FetchUser.class, new IOException("no network"))
                .thenStates("loading ...", "Sorry: no network");
    }

    @Interleavings(1000) // the whole flow in a thousand orders; a seed that fails is named, and replays exactly
    void one_of_the_two_is_greeted(TestWorld world) {
        world.dispatcher().register(FetchUser.class, new FetchUserExecutor());
        var greeter = world.own(new Greeter(world.dispatcher(), world.bus()));
        greeter.greet(1);
        greeter.greet(2);
        world.runUntilIdle();
        assertThat(greeter.state()).isIn("Hello, Ada", "Hello, Alan");
    }
}
// @end
