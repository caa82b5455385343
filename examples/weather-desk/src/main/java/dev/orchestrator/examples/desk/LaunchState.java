package dev.orchestrator.examples.desk;

import dev.orchestrator.AsyncState;
import java.util.ArrayList;
import java.util.List;

/**
 * How a launch is coming along.
 *
 * @param steps the steps of the saga that began, and how each is
 * @param isOver whether nothing more will happen
 */
record LaunchState(AsyncState<Integer> wind, List<Step> steps, boolean isOver) {
    record Step(String name, String how) {}

    static final LaunchState NOTHING_YET = new LaunchState(AsyncState.idle(), List.of(), false);

    LaunchState withWind(AsyncState<Integer> next) {
        return new LaunchState(next, steps, isOver);
    }

    LaunchState withStep(Step next) {
        var all = new ArrayList<>(steps);
        all.replaceAll(step -> step.name().equals(next.name()) ? next : step);
        if (!all.contains(next)) all.add(next);
        return new LaunchState(wind, List.copyOf(all), isOver);
    }

    LaunchState over() {
        return new LaunchState(wind, steps, true);
    }
}
