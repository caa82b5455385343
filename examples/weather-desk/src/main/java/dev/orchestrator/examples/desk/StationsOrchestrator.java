package dev.orchestrator.examples.desk;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.Patches;
import dev.orchestrator.Refetch;
import dev.orchestrator.SignalBus;
import dev.orchestrator.examples.desk.StationJobs.FetchForecast;
import dev.orchestrator.examples.desk.StationJobs.ListStations;
import dev.orchestrator.examples.desk.StationJobs.RenameStation;
import java.util.List;
import java.util.function.Consumer;

/** The stations, and the forecast for one of them. */
final class StationsOrchestrator extends JournalingOrchestrator<StationsState> {
    private final Patches<List<Station>> stations = patches(StationsState::stations, StationsState::withStations);
    private final Refetch list = refetch(ListStations::new).onSuccess(RenameStation.class);

    StationsOrchestrator(Dispatcher dispatcher, SignalBus bus, Consumer<String> journal) {
        super(StationsState.NOTHING_YET, dispatcher, bus, journal);
        refetch(() -> new FetchForecast(state().selected())).on(ForecastsRenewed.class);
        track(ListStations.class, StationsState::withList);
        track(FetchForecast.class, StationsState::forecast, StationsState::withForecast);
        on(RenameStation.class)
                .success((job, nothing) -> effect(new Message("It is called " + job.name() + " now.")))
                .failure((job, error) ->
                        effect(new Message("It is not called " + job.name() + ": " + error.getMessage() + ".")));
    }

    void refresh() {
        list.now();
    }

    void select(String station) {
        update(state -> state.withSelected(station));
        dispatchLatest("forecast", new FetchForecast(station));
    }

    /** The new name is shown at once, and the old one again if the service refuses. */
    void rename(String station, String name) {
        stations.apply(before -> renamed(before, station, name), new RenameStation(station, name));
    }

    private static List<Station> renamed(List<Station> before, String station, String name) {
        return before.stream()
                .map(each -> each.id().equals(station) ? each.named(name) : each)
                .toList();
    }

    @Override
    protected void onActiveSuccess(JobSuccessEvent<?> event) {
        super.onActiveSuccess(event);
        event.refreshError().ifPresent(error -> effect(new Message("Nothing newer: " + error.getMessage() + ".")));
    }
}
