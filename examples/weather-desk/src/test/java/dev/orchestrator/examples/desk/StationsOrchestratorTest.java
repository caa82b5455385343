package dev.orchestrator.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.AsyncState;
import dev.orchestrator.Optimistic;
import dev.orchestrator.examples.desk.StationJobs.FetchForecast;
import dev.orchestrator.examples.desk.StationJobs.ListStations;
import dev.orchestrator.examples.desk.StationJobs.RenameStation;
import dev.orchestrator.testkit.OrchestratorTest;
import dev.orchestrator.testkit.Scenario;
import dev.orchestrator.testkit.TestWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The stations without executors: the test says how each job ends. */
@OrchestratorTest
class StationsOrchestratorTest {
    private static final Station BROCKEN = new Station("brocken", "Brocken");
    private static final Station ZUGSPITZE = new Station("zugspitze", "Zugspitze");
    private static final StationsState KNOWN = new StationsState(
            AsyncState.idle(), Optimistic.of(List.of(BROCKEN, ZUGSPITZE)), "brocken", AsyncState.idle());

    private final List<Message> messages = new ArrayList<>();

    private Scenario<StationsOrchestrator, StationsState> stationsOf(TestWorld world) {
        var scenario = Scenario.of(world, (dispatcher, bus) -> new StationsOrchestrator(dispatcher, bus, what -> {}));
        scenario.orchestrator().onEffect(Message.class, messages::add);
        return scenario.given(KNOWN);
    }

    private static List<Station> stationsIn(Scenario<StationsOrchestrator, StationsState> scenario) {
        return scenario.orchestrator().state().stations().value();
    }

    @Test
    void a_new_name_is_shown_before_the_service_agrees(TestWorld world) {
        var scenario = stationsOf(world).when(stations -> stations.rename("brocken", "Blocksberg"));
        assertThat(stationsIn(scenario)).containsExactly(BROCKEN.named("Blocksberg"), ZUGSPITZE);
        assertThat(messages).isEmpty();
    }

    @Test
    void a_name_that_the_service_agrees_to_stays_and_the_list_is_fetched(TestWorld world) {
        var scenario = stationsOf(world)
                .when(stations -> stations.rename("brocken", "Blocksberg"))
                .whenSucceeds(RenameStation.class, "done")
                .thenDispatched(new RenameStation("brocken", "Blocksberg"), new ListStations());
        assertThat(stationsIn(scenario)).containsExactly(BROCKEN.named("Blocksberg"), ZUGSPITZE);
        assertThat(messages).containsExactly(new Message("It is called Blocksberg now."));
    }

    @Test
    void a_name_that_the_service_refuses_is_undone(TestWorld world) {
        stationsOf(world)
                .when(stations -> stations.rename("brocken", "Blocksberg"))
                .whenFails(RenameStation.class, new ServiceException(503))
                .thenState(KNOWN);
        assertThat(messages).containsExactly(new Message("It is not called Blocksberg: the service said 503."));
    }

    @Test
    void the_forecast_of_another_station_takes_the_place_of_the_one_before(TestWorld world) {
        var scenario = stationsOf(world)
                .when(stations -> stations.select("brocken"))
                .when(stations -> stations.select("zugspitze"))
                .whenSucceeds(new FetchForecast("zugspitze"), new Forecast(-3, "fog"))
                .thenDispatched(new FetchForecast("brocken"), new FetchForecast("zugspitze"));
        assertThat(scenario.orchestrator().state().forecast().last())
                .hasValueSatisfying(loaded -> assertThat(loaded.value()).isEqualTo(new Forecast(-3, "fog")));
    }

    @Test
    void renewed_forecasts_are_fetched_for_the_selected_station(TestWorld world) {
        stationsOf(world).whenHappens(new ForecastsRenewed()).thenDispatched(new FetchForecast("brocken"));
    }
}
