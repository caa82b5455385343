package dev.orchestrator.examples.desk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What the program prints. */
final class Expected {
    private Expected() {}

    static String output() throws IOException {
        try (var file = Objects.requireNonNull(Expected.class.getResourceAsStream("tour.txt"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static String withoutTimes(String output) {
        return output.replaceAll("(?m)^\\d\\d:\\d\\d\\.\\d{3} ", "");
    }
}
