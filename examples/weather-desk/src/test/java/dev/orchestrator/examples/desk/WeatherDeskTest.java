package dev.orchestrator.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own, with its server and the machine's clock. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WeatherDeskTest {
    private static final int TERMINATED = 143;

    @TempDir
    private Path folder;

    @Test
    void the_tour_shows_the_same_as_with_the_clock_of_a_test() throws Exception {
        var program = start("--fast", "--plain");
        try {
            assertThat(Expected.withoutTimes(outputOf(program))).isEqualTo(Expected.withoutTimes(Expected.output()));
            assertThat(program.waitFor()).isZero();
            assertThat(errors()).content().doesNotContain("Exception");
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void a_signal_ends_it_cleanly_in_the_middle() throws Exception {
        var program = start("--plain");
        try (var output = program.inputReader()) {
            while (!output.readLine().contains("ListStations[] started")) {}
            program.toHandle().destroy();
            assertThat(output.lines().toList()).last().isEqualTo("interrupted");
            assertThat(program.waitFor()).isEqualTo(TERMINATED);
            assertThat(errors()).content().doesNotContain("Exception");
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void help_and_wrong_arguments_are_told() throws Exception {
        var help = start("--help");
        assertThat(outputOf(help)).startsWith("Usage: weather-desk ");
        assertThat(help.waitFor()).isZero();
        var wrong = start("--slow");
        assertThat(wrong.waitFor()).isEqualTo(2);
        assertThat(errors()).content().startsWith("Unknown option: '--slow'");
    }

    private static String outputOf(Process program) throws IOException {
        return new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Where the framework logs too; on a very busy machine, that something waits for long. */
    private Path errors() {
        return folder.resolve("errors");
    }

    private Process start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                WeatherDesk.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(errors().toFile()).start();
    }
}
