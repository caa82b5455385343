package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A durable catalogue that is killed goes on where it was, and its report is that of one that nobody has disturbed. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KilledTest {
    private static final String READING = "reading ";

    @TempDir
    private Path folder;

    @TempDir
    private Path elsewhere;

    @Test
    void killed_three_times_it_ends_with_the_same_report_and_has_read_nearly_nothing_twice() throws Exception {
        makeFiles();
        var undisturbed = withoutTime(Program.reportOn(folder));
        int files = undisturbed.get("files").intValue();

        var read = new ArrayList<String>();
        int[] kills = {20, 90, 60};
        for (int lines : kills) read.addAll(readUntilKilled(lines));
        assertThat(new HashSet<>(read)).hasSizeLessThan(files);
        var report = elsewhere.resolve("report.json").toFile();
        read.addAll(readToTheEnd(report));

        assertThat(withoutTime(JsonMapper.shared().readTree(report))).isEqualTo(undisturbed);
        assertThat(new HashSet<>(read)).hasSize(files);
        // Those that were being read, and as many whose results were on their way to the disk.
        assertThat(read).hasSizeLessThanOrEqualTo(files + kills.length * 2 * ReadingAloud.READS);
        assertThat(readToTheEnd(report)).as("all is known").isEmpty();
        assertThat(withoutTime(JsonMapper.shared().readTree(report))).isEqualTo(undisturbed);
    }

    @Test
    void the_program_itself_says_nothing_of_its_database() throws Exception {
        Files.writeString(folder.resolve("a"), "content");
        var command = new ArrayList<>(Program.command());
        command.add(1, "--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-q", "--json", "--durable", file().toString(), folder.toString()));
        for (int life = 1; life <= 2; life++) {
            var program = new ProcessBuilder(command)
                    .redirectErrorStream(true) // whatever is said there is no JSON
                    .start();
            try {
                var report = withoutTime(JsonMapper.shared().readTree(program.getInputStream()));

                assertThat(report).isEqualTo(withoutTime(Program.reportOn(folder)));
                assertThat(program.waitFor()).isEqualTo(ExitCode.OK);
            } finally {
                program.destroyForcibly();
            }
        }
    }

    private Path file() {
        return elsewhere.resolve("read.db");
    }

    private List<String> readUntilKilled(int lines) throws Exception {
        var program = new ProcessBuilder(ReadingAloud.command(folder, file(), lines))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        var read = new ArrayList<String>();
        try (var told = program.errorReader()) {
            for (String line; (line = told.readLine()) != null; ) {
                if (!line.startsWith(READING)) continue;
                read.add(line);
                // Not by the process itself: that would close what it has said, too.
                if (read.size() == lines) program.toHandle().destroyForcibly();
            }
        } finally {
            program.destroyForcibly();
        }
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as("it was killed").isNotZero();
        return read;
    }

    private List<String> readToTheEnd(File report) throws Exception {
        var program = new ProcessBuilder(ReadingAloud.command(folder, file(), Integer.MAX_VALUE))
                .redirectOutput(report)
                .start();
        try (var told = program.errorReader()) {
            var read = told.lines().filter(line -> line.startsWith(READING)).toList();
            assertThat(program.waitFor()).isZero();
            return read;
        } finally {
            program.destroyForcibly();
        }
    }

    /** Several megabytes in some folders, with copies, a name that is no text, and something that fails. */
    private void makeFiles() throws IOException {
        for (int i = 0; i < 300; i++) {
            var bytes = new byte[20_000];
            new Random(i % 270).nextBytes(bytes);
            var sub = Files.createDirectories(folder.resolve("sub " + i % 7));
            Files.write(sub.resolve("file%" + i), bytes);
        }
        Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nothing"));
        try {
            Files.writeString(Path.of(URI.create(folder.toUri() + "no%FFtext")), "content");
        } catch (FileSystemException everyNameIsTextHere) {
            // Then there is one file less.
        }
    }

    private static JsonNode withoutTime(JsonNode report) {
        ((ObjectNode) report).remove("milliseconds");
        return report;
    }
}
