package dev.orchestrator.examples.mailroom;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a user starts it: a process that starts others, on a PostgreSQL of its own. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MailRoomTest {
    @TempDir
    private Path folder;

    @Test
    void a_worker_and_the_front_are_killed_and_the_report_adds_up() throws Exception {
        var program = start("--fast", "--plain", "--letters", "100");
        try {
            var output = outputOf(program);
            assertThat(output)
                    .contains("kill -9 worker-1", "worker-1: killed; another one takes its place.")
                    .contains(
                            "kill -9 front",
                            "Front: killed; another one takes its place.",
                            "The front goes on: accepted")
                    .contains("100 endings recorded: 96 sent, 4 dead letters; 0 letters without one")
                    .contains("100 endings booked, 100 letters exactly once, 0 wrongly")
                    .endsWith("It adds up.\n");
            assertThat(program.waitFor()).isZero();
        } finally {
            program.destroy();
        }
    }

    @Test
    void the_processes_can_be_run_by_hand() throws Exception {
        var programs = new ArrayList<Process>();
        try {
            programs.add(start("database"));
            var url = new BufferedReader(programs.getFirst().inputReader()).readLine();
            programs.add(start("worker", "--fast", "--database", url, "--name", "anna"));
            var front = start("front", "--fast", "--database", url, "--letters", "10");
            programs.add(front);
            assertThat(outputOf(front)).contains("{anna=10}").endsWith("It adds up.\n");
            assertThat(front.waitFor()).isZero();
        } finally {
            for (var program : programs.reversed()) {
                program.destroy();
                program.waitFor();
            }
        }
    }

    @Test
    void help_and_wrong_arguments_are_told() throws Exception {
        var help = start("--help");
        assertThat(outputOf(help)).startsWith("Usage: mail-room ");
        assertThat(help.waitFor()).isZero();
        assertThat(start("--letters", "-1").waitFor()).isEqualTo(2);
        assertThat(start("front").waitFor()).isEqualTo(2);
    }

    private static String outputOf(Process program) throws IOException {
        return new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private Process start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                MailRoomProgram.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("errors").toFile()))
                .start();
    }
}
