package dev.orchestrator.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.examples.desk.LaunchJobs.BookCrew;
import dev.orchestrator.examples.desk.LaunchJobs.CancelCrew;
import dev.orchestrator.examples.desk.LaunchJobs.FetchWind;
import dev.orchestrator.examples.desk.LaunchJobs.PublishNotice;
import dev.orchestrator.examples.desk.LaunchJobs.ReleaseBalloon;
import dev.orchestrator.examples.desk.LaunchJobs.ReserveBalloon;
import dev.orchestrator.examples.desk.LaunchState.Step;
import dev.orchestrator.testkit.OrchestratorTest;
import dev.orchestrator.testkit.TestWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A launch with executors of the test. */
@OrchestratorTest
class LaunchOrchestratorTest {
    private final List<String> undone = new ArrayList<>();
    private final List<Message> messages = new ArrayList<>();
    private int wind = 6;

    @BeforeEach
    void register(TestWorld world) {
        var dispatcher = world.dispatcher();
        dispatcher.register(FetchWind.class, (job, context) -> wind);
        dispatcher.register(ReserveBalloon.class, (job, context) -> "balloon-1");
        dispatcher.register(ReleaseBalloon.class, (job, context) -> undo(job.balloon()));
        dispatcher.register(BookCrew.class, (job, context) -> "crew-1");
        dispatcher.register(CancelCrew.class, (job, context) -> undo(job.crew()));
        dispatcher.register(PublishNotice.class, (job, context) -> "notice-1");
    }

    private String undo(String what) {
        undone.add(what);
        return what;
    }

    private LaunchOrchestrator begun(TestWorld world) {
        var launch = world.own(new LaunchOrchestrator("brocken", world.dispatcher(), world.bus(), what -> {}));
        launch.onEffect(Message.class, messages::add);
        launch.start();
        world.runUntilIdle();
        return launch;
    }

    @Test
    void in_calm_air_all_steps_are_done(TestWorld world) {
        var launch = begun(world);
        assertThat(launch.state().steps())
                .containsExactly(new Step("balloon", "done"), new Step("crew", "done"), new Step("notice", "done"));
        assertThat(launch.state().isOver()).isTrue();
        assertThat(undone).isEmpty();
        assertThat(messages).containsExactly(new Message("Ready to launch."));
    }

    @Test
    void it_looks_again_and_again_until_the_air_is_calm(TestWorld world) {
        wind = 20;
        var launch = begun(world);
        world.advance(Duration.ofSeconds(4));
        assertThat(messages).hasSize(3).containsOnly(new Message("Too much wind, it waits."));
        assertThat(launch.state().steps()).isEmpty();
        wind = 8;
        world.advance(Duration.ofSeconds(2));
        assertThat(launch.state().isOver()).isTrue();
        assertThat(messages).last().isEqualTo(new Message("Ready to launch."));
    }

    @Test
    void one_that_is_stopped_undoes_what_was_done(TestWorld world) {
        world.dispatcher().replaceAsync(BookCrew.class, (job, context) -> new CompletableFuture<>());
        var launch = begun(world);
        launch.stop();
        world.runUntilIdle();
        assertThat(launch.state().steps()).containsExactly(new Step("balloon", "undone"), new Step("crew", "failed"));
        assertThat(launch.state().isOver()).isTrue();
        assertThat(undone).containsExactly("balloon-1");
    }

    @Test
    void one_that_is_stopped_while_it_waits_for_calm_air_never_begins(TestWorld world) {
        wind = 20;
        var launch = begun(world);
        launch.stop();
        wind = 0;
        world.advance(Duration.ofMinutes(1));
        assertThat(launch.state().isOver()).isTrue();
        assertThat(launch.state().steps()).isEmpty();
    }
}
