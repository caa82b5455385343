package dev.orchestrator.examples.desk;

import dev.orchestrator.AsyncState;
import dev.orchestrator.Optimistic;
import java.time.Instant;
import java.util.List;

/**
 * What the desk knows of stations.
 *
 * @param list how the list is coming along
 * @param stations the list itself, with renamings that are under way
 * @param selected the station whose forecast is shown
 * @param forecast that forecast
 */
record StationsState(
        AsyncState<List<Station>> list,
        Optimistic<List<Station>> stations,
        String selected,
        AsyncState<Forecast> forecast) {
    static final StationsState NOTHING_YET =
            new StationsState(AsyncState.idle(), Optimistic.of(List.of()), "brocken", AsyncState.idle());

    /** A list that is no newer than the one before, out of the cache, knows nothing of what was renamed since. */
    StationsState withList(AsyncState<List<Station>> next) {
        boolean isNewer = since(next).isAfter(since(list));
        var newest = isNewer ? stations.rebase(next.last().orElseThrow().value()) : stations;
        return new StationsState(next, newest, selected, forecast);
    }

    private static Instant since(AsyncState<?> list) {
        return list.last().map(AsyncState.Loaded::at).orElse(Instant.MIN);
    }

    StationsState withStations(Optimistic<List<Station>> next) {
        return new StationsState(list, next, selected, forecast);
    }

    /** Another station's forecast is no forecast of this one. */
    StationsState withSelected(String station) {
        return new StationsState(list, stations, station, AsyncState.idle());
    }

    StationsState withForecast(AsyncState<Forecast> next) {
        return new StationsState(list, stations, selected, next);
    }

    String nameOf(String station) {
        return stations.value().stream()
                .filter(each -> each.id().equals(station))
                .map(Station::name)
                .findFirst()
                .orElse(station);
    }
}
