package dev.orchestrator.examples.desk;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Uses the desk, scene by scene.
 *
 * <p>Each scene waits for the one before, and all waiting is left to the framework; so the order of what is shown does not
 * depend on how fast anything is, and a test's clock can take the place of the real one.
 */
final class Tour {
    private static final Duration PAUSE = Duration.ofMillis(800);
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration LATER = Duration.ofMinutes(10);

    /** Has whoever runs it wait for something. */
    private record WaitFor(CompletionStage<?> what) implements Job<Object> {}

    private final Desk desk;
    private final SignalBus bus;
    private final Dispatcher dispatcher;
    private final View view;
    private final Consumer<Duration> leap;

    /**
     * Prepares the tour.
     *
     * @param leap has the clock of the bus leap forward
     */
    Tour(Desk desk, SignalBus bus, Dispatcher dispatcher, View view, Consumer<Duration> leap) {
        this.desk = desk;
        this.bus = bus;
        this.dispatcher = dispatcher;
        this.view = view;
        this.leap = leap;
        dispatcher.registerAsync(WaitFor.class, (job, context) -> job.what().thenApply(any -> any));
    }

    void play() throws Exception {
        var stations = desk.stations();
        scene("Nothing is known yet: a placeholder, until the list comes");
        act(stations::refresh);
        scene("The list is wanted again: it comes from the cache");
        act(stations::refresh);
        leap.accept(LATER);
        scene("Ten minutes later: the old list at once, the new one at the second attempt");
        act(stations::refresh);

        scene("A new name is shown at once, and stays: the service agrees");
        act(() -> stations.rename("brocken", "Blocksberg"));
        scene("A new name is shown at once, and is undone: the service fails");
        act(() -> stations.rename("helgoland", "Lummerland"));
        leap.accept(LATER);
        scene("Ten minutes later: the service is down, and the old list stays");
        act(stations::refresh);

        scene("A forecast, another one, and the first again: it comes from the cache");
        act(() -> stations.select("brocken"));
        act(() -> stations.select("zugspitze"));
        act(() -> stations.select("brocken"));
        scene("All forecasts are renewed: the one that is shown is fetched");
        act(() -> bus.emit(new ForecastsRenewed()));

        scene("A launch: it waits for calm air, and is undone when its last step fails");
        launch("zugspitze");
    }

    private void scene(String title) throws Exception {
        quiet(desk.stations());
        waitFor(Delay.of(PAUSE, bus.time()));
        view.scene(title);
    }

    private void act(Runnable act) throws Exception {
        act.run();
        quiet(desk.stations());
    }

    private void launch(String station) throws Exception {
        var over = new CompletableFuture<Void>();
        try (var launch = desk.launchAt(station)) {
            launch.onState(LaunchState::isOver, isOver -> {
                if (isOver) over.complete(null);
            });
            launch.start();
            try {
                waitFor(over);
            } catch (InterruptedException interrupted) {
                launch.stop();
                waitFor(over);
                throw interrupted;
            }
            quiet(launch);
        }
    }

    private static void quiet(BaseOrchestrator<?> orchestrator) throws Exception {
        orchestrator.awaitIdle(LIMIT);
    }

    private void waitFor(CompletionStage<?> what) throws Exception {
        dispatcher.run(new WaitFor(what));
    }
}
