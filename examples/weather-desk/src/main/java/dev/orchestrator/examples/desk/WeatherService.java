package dev.orchestrator.examples.desk;

import dev.orchestrator.examples.desk.Line.Request;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The weather service, as executors see it; every failure is an {@link java.io.IOException}. */
final class WeatherService {
    private final Line line;

    WeatherService(Line line) {
        this.line = line;
    }

    CompletionStage<List<Station>> stations() {
        return ask("GET", "/stations", "")
                .thenApply(text -> text.lines().map(Station::of).toList());
    }

    CompletionStage<String> rename(String station, String name) {
        return ask("PUT", "/stations/" + station, name);
    }

    CompletionStage<Forecast> forecast(String station) {
        return ask("GET", "/forecasts/" + station, "").thenApply(Forecast::of);
    }

    CompletionStage<Integer> wind(String station) {
        return ask("GET", "/wind/" + station, "").thenApply(Integer::valueOf);
    }

    CompletionStage<String> reserveBalloon(String station) {
        return ask("POST", "/balloons", station);
    }

    CompletionStage<String> releaseBalloon(String balloon) {
        return ask("DELETE", "/balloons/" + balloon, "");
    }

    CompletionStage<String> bookCrew(String station) {
        return ask("POST", "/crews", station);
    }

    CompletionStage<String> cancelCrew(String crew) {
        return ask("DELETE", "/crews/" + crew, "");
    }

    CompletionStage<String> publishNotice(String station) {
        return ask("POST", "/notices", station);
    }

    private CompletionStage<String> ask(String method, String path, String body) {
        return line.ask(new Request(method, path, body))
                .thenCompose(reply -> reply.status() == 200
                        ? CompletableFuture.completedStage(reply.body())
                        : CompletableFuture.failedStage(new ServiceException(reply.status())));
    }
}
