package dev.orchestrator.examples.desk;

import dev.orchestrator.AsyncState;
import dev.orchestrator.Origin;
import java.util.function.Function;
import java.util.stream.Collectors;

/** States in words. */
final class Texts {
    private Texts() {}

    static String stations(StationsState state) {
        var names = state.stations().value().stream().map(Station::name).collect(Collectors.joining(", "));
        return of(state.list(), list -> names) + (state.stations().isPending() ? ", saving" : "");
    }

    static String forecast(StationsState state) {
        var text = of(state.forecast(), forecast -> forecast.degrees() + " C, " + forecast.sky());
        return state.nameOf(state.selected()) + ": " + text;
    }

    static String wind(LaunchState state) {
        return of(state.wind(), speed -> speed + " m/s");
    }

    static String launch(LaunchState state) {
        if (state.steps().isEmpty()) return "nothing yet";
        return state.steps().stream()
                .map(step -> step.name() + " " + step.how())
                .collect(Collectors.joining(", "));
    }

    static String of(Origin origin) {
        return switch (origin) {
            case LIVE -> "live";
            case CACHE -> "from the cache";
            case STALE -> "stale";
            case PLACEHOLDER -> "placeholder";
        };
    }

    private static <T> String of(AsyncState<T> state, Function<T, String> text) {
        var last = state.last()
                .map(loaded -> text.apply(loaded.value()) + " (" + of(loaded.origin()) + ")")
                .orElse("");
        return switch (state) {
            case AsyncState.Idle<T> idle -> "nothing yet";
            case AsyncState.Loading<T> loading -> last.isEmpty() ? "loading" : last + ", loading";
            case AsyncState.Ready<T> ready -> last;
            case AsyncState.Failed<T> failed -> "failed: " + failed.error().getMessage();
        };
    }
}
