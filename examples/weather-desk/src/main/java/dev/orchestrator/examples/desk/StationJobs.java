package dev.orchestrator.examples.desk;

import dev.orchestrator.Job;
import java.util.List;

/** What the desk may ask for about stations. */
final class StationJobs {
    private StationJobs() {}

    record ListStations() implements Job<List<Station>> {}

    record RenameStation(String station, String name) implements Job<String> {}

    record FetchForecast(String station) implements Job<Forecast> {}
}
