package dev.orchestrator.examples.desk;

import dev.orchestrator.Job;

/** What the launch of a balloon is made of, and what undoes it. */
final class LaunchJobs {
    private LaunchJobs() {}

    record FetchWind(String station) implements Job<Integer> {}

    record ReserveBalloon(String station) implements Job<String> {}

    record ReleaseBalloon(String balloon) implements Job<String> {}

    record BookCrew(String station) implements Job<String> {}

    record CancelCrew(String crew) implements Job<String> {}

    record PublishNotice(String station) implements Job<String> {}
}
