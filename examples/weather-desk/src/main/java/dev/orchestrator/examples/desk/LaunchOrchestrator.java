package dev.orchestrator.examples.desk;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobOptions;
import dev.orchestrator.Refetch;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.Saga;
import dev.orchestrator.SagaDefinition;
import dev.orchestrator.SagaEvent;
import dev.orchestrator.SagaFlow;
import dev.orchestrator.SagaReport;
import dev.orchestrator.SagaRun;
import dev.orchestrator.SagaStep;
import dev.orchestrator.SignalBus;
import dev.orchestrator.examples.desk.LaunchJobs.BookCrew;
import dev.orchestrator.examples.desk.LaunchJobs.CancelCrew;
import dev.orchestrator.examples.desk.LaunchJobs.FetchWind;
import dev.orchestrator.examples.desk.LaunchJobs.PublishNotice;
import dev.orchestrator.examples.desk.LaunchJobs.ReleaseBalloon;
import dev.orchestrator.examples.desk.LaunchJobs.ReserveBalloon;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The launch of a balloon: it waits for calm air, and then makes sure of all that is needed, or of nothing. */
class LaunchOrchestrator extends JournalingOrchestrator<LaunchState> {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
    private static final int CALM = 8;

    private static final JobOptions PERSISTENT = JobOptions.builder()
            .retry(RetryPolicy.fixed(2, Duration.ofMillis(300)))
            .build();

    private static final SagaStep<String, String> BALLOON = SagaStep.<String, String>of("balloon", ReserveBalloon::new)
            .undo((station, balloon) -> new ReleaseBalloon(balloon))
            .undoWith(PERSISTENT);
    private static final SagaStep<String, String> CREW = SagaStep.<String, String>of("crew", BookCrew::new)
            .undo((station, crew) -> new CancelCrew(crew))
            .undoWith(PERSISTENT);
    private static final SagaStep<String, String> NOTICE =
            SagaStep.<String, String>of("notice", PublishNotice::new).with(PERSISTENT);

    private static final SagaDefinition<String, String> LAUNCH = Saga.define(
            "launch",
            SagaFlow.<String>input()
                    .then(BALLOON, (station, balloon) -> station) // the next step needs the station again
                    .then(CREW, (station, crew) -> station)
                    .then(NOTICE));

    private final String station;
    private final Refetch wind;

    private @Nullable SagaRun<String> saga; // the lane only; null until it has begun

    LaunchOrchestrator(String station, Dispatcher dispatcher, SignalBus bus, Consumer<String> journal) {
        super(LaunchState.NOTHING_YET, dispatcher, bus, journal);
        this.station = station;
        wind = refetch(() -> new FetchWind(station)).every(BETWEEN_LOOKS);
        wind.now(); // as soon as this begins
        track(FetchWind.class, LaunchState::withWind);
        on(FetchWind.class).success((job, speed) -> launchIfCalm(speed));
        observe(SagaEvent.class, this::told);
    }

    /** Gives it up: what was done for it is undone. */
    final void stop() {
        onLane(() -> {
            wind.close();
            if (saga == null) update(LaunchState::over);
            else saga.cancel("the launch was given up");
        });
    }

    private void launchIfCalm(int speed) {
        if (state().isOver()) return;
        if (speed > CALM) {
            effect(new Message("Too much wind, it waits."));
            return;
        }
        wind.close();
        saga = LAUNCH.start(station, this);
    }

    private void told(SagaEvent event) {
        switch (event) {
            case SagaEvent.StepDone done -> step(done.step(), "done");
            case SagaEvent.StepFailed failed -> step(failed.step(), "failed");
            case SagaEvent.StepUndone undone -> step(undone.step(), "undone");
            case SagaEvent.UndoFailed left -> step(left.step(), "not undone");
            case SagaEvent.Ended ended -> {
                effect(new Message(sentence(ended.report())));
                update(LaunchState::over);
            }
        }
    }

    private void step(String name, String how) {
        update(state -> state.withStep(new LaunchState.Step(name, how)));
    }

    private static String sentence(SagaReport<?> report) {
        return switch (report) {
            case SagaReport.Completed<?> completed -> "Ready to launch.";
            case SagaReport.Compensated<?> compensated ->
                "No launch, and nothing is left of it: " + String.join(", ", compensated.undone()) + " undone.";
            case SagaReport.CompensationFailed<?> failed ->
                "No launch, and somebody has to look after " + failed.left().size() + " steps.";
        };
    }
}
