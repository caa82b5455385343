package dev.orchestrator.examples.desk;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** How long it has been, such as {@code 00:12.300}. */
final class StopWatch {
    private final Time time;
    private final Instant began;

    StopWatch(Time time) {
        this.time = time;
        began = time.now();
    }

    String text() {
        var passed = Duration.between(began, time.now());
        return String.format(
                Locale.ROOT, "%02d:%02d.%03d", passed.toMinutes(), passed.toSecondsPart(), passed.toMillisPart());
    }
}
