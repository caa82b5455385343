package dev.orchestrator.examples.desk;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SignalBus;
import dev.orchestrator.cache.Cached;
import dev.orchestrator.cache.Entries;
import dev.orchestrator.cache.JobCache;
import dev.orchestrator.examples.desk.LaunchJobs.BookCrew;
import dev.orchestrator.examples.desk.LaunchJobs.CancelCrew;
import dev.orchestrator.examples.desk.LaunchJobs.FetchWind;
import dev.orchestrator.examples.desk.LaunchJobs.PublishNotice;
import dev.orchestrator.examples.desk.LaunchJobs.ReleaseBalloon;
import dev.orchestrator.examples.desk.LaunchJobs.ReserveBalloon;
import dev.orchestrator.examples.desk.StationJobs.FetchForecast;
import dev.orchestrator.examples.desk.StationJobs.ListStations;
import dev.orchestrator.examples.desk.StationJobs.RenameStation;
import java.time.Duration;
import java.util.List;

/** The desk: executors with a cache around some of them, the orchestrators, and what is shown of those. */
final class Desk implements AutoCloseable {
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final Duration STALE = Duration.ofHours(1);
    private static final List<Station> PLACEHOLDER = List.of(new Station("", "..."));

    private static final JobOptions TWICE = JobOptions.builder()
            .retry(RetryPolicy.fixed(2, Duration.ofMillis(500)))
            .build();

    private final SignalBus bus;
    private final Dispatcher dispatcher;
    private final View view;
    private final JobCache cache;
    private final StationsOrchestrator stations;

    Desk(SignalBus bus, Dispatcher dispatcher, Line line, View view) {
        this.bus = bus;
        this.dispatcher = dispatcher;
        this.view = view;
        cache = JobCache.create(bus);
        register(new WeatherService(line));
        stations = new StationsOrchestrator(dispatcher, bus, this::note);
        stations.onState(Texts::stations, text -> view.row("stations", text));
        stations.onState(Texts::forecast, text -> view.row("forecast", text));
        stations.onEffect(Message.class, this::show);
    }

    private void register(WeatherService service) {
        var list = Cached.withAsync(cache, (ListStations job, JobContext context) -> service.stations())
                .freshFor(FRESH)
                .staleFor(STALE) // shown while a newer one is on its way
                .placeholder(PLACEHOLDER);
        var forecast = Cached.withAsync(
                        cache, (FetchForecast job, JobContext context) -> service.forecast(job.station()))
                .key(FetchForecast::station)
                .freshFor(FRESH)
                .staleFor(STALE)
                .tags("forecasts");
        dispatcher.register(ListStations.class, list, TWICE);
        dispatcher.register(FetchForecast.class, forecast, TWICE);
        cache.invalidateAfter(dispatcher, RenameStation.class, job -> Entries.type(ListStations.class));
        cache.invalidateOn(ForecastsRenewed.class, event -> Entries.tagged("forecasts"));

        dispatcher.registerAsync(RenameStation.class, (job, context) -> service.rename(job.station(), job.name()));
        dispatcher.registerAsync(FetchWind.class, (job, context) -> service.wind(job.station()));
        dispatcher.registerAsync(ReserveBalloon.class, (job, context) -> service.reserveBalloon(job.station()));
        dispatcher.registerAsync(ReleaseBalloon.class, (job, context) -> service.releaseBalloon(job.balloon()));
        dispatcher.registerAsync(BookCrew.class, (job, context) -> service.bookCrew(job.station()));
        dispatcher.registerAsync(CancelCrew.class, (job, context) -> service.cancelCrew(job.crew()));
        dispatcher.registerAsync(PublishNotice.class, (job, context) -> service.publishNotice(job.station()));
    }

    StationsOrchestrator stations() {
        return stations;
    }

    /** Prepares a launch, for whoever starts and closes it. */
    LaunchOrchestrator launchAt(String station) {
        return new ShownLaunch(station);
    }

    /** What is subscribed to in a constructor is there before anything begins: nothing is missed. */
    private final class ShownLaunch extends LaunchOrchestrator {
        ShownLaunch(String station) {
            super(station, dispatcher, bus, Desk.this::note);
            onState(Texts::wind, text -> view.row("wind", text));
            onState(Texts::launch, text -> view.row("launch", text));
            onEffect(Message.class, Desk.this::show);
        }
    }

    private void note(String what) {
        view.line("job", what);
    }

    private void show(Message message) {
        view.line("message", message.text());
    }

    @Override
    public void close() {
        stations.close();
        cache.close();
    }
}
