package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the report says of ordinary files. */
class ReportTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        var sub = Files.createDirectories(folder.resolve("sub/deeper"));
        Files.writeString(folder.resolve("notes.txt"), "one\ntwo\nthree");
        Files.writeString(folder.resolve("copy.txt"), "one\ntwo\nthree");
        Files.writeString(sub.resolve("copy of copy.md"), "one\ntwo\nthree");
        Files.writeString(sub.resolve("Main.java"), "class Main {}\n");
        Files.write(folder.resolve("picture.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 1, 2, 3});
        Files.createFile(folder.resolve("empty"));
        Files.createFile(sub.resolve("empty too"));
    }

    @Test
    void json_has_all_of_it_and_is_alone_on_standard_output() throws IOException {
        var run = Program.run("--json", folder);

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        var report = (ObjectNode) run.json();
        assertThat(report.remove("milliseconds").longValue()).isNotNegative();
        assertThat(report).isEqualTo(JsonMapper.shared().readTree("""
            {
              "folder": "%s",
              "interrupted": false,
              "folders": 3,
              "files": 7,
              "bytes": 61,
              "mediaTypes": [
                {"mediaType": "text/plain", "files": 4, "bytes": 26, "lines": 6},
                {"mediaType": "text/x-java", "files": 1, "bytes": 14, "lines": 1},
                {"mediaType": "text/markdown", "files": 1, "bytes": 13, "lines": 3},
                {"mediaType": "image/png", "files": 1, "bytes": 8, "lines": null}
              ],
              "wastedBytes": 26,
              "duplicates": [
                {
                  "sha256": "058053d87c818d699cde0f00d670bca0e1c6ad857caa9758ea6a556d7c64fcee",
                  "bytes": 13,
                  "wastedBytes": 26,
                  "files": ["copy.txt", "notes.txt", "sub/deeper/copy of copy.md"]
                }
              ],
              "failures": [],
              "retried": [],
              "skipped": [],
              "notes": []
            }
            """.formatted(folder)));
    }

    @Test
    void the_text_for_people_has_totals_and_duplicates() throws IOException {
        var run = Program.run(folder);

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.out().lines())
                .anyMatch(line -> line.startsWith(folder + ": 7 files and 3 folders, 61 B, in "))
                .anyMatch(line -> line.matches("text/plain +4 +26 B +6"))
                .anyMatch(line -> line.matches("image/png +1 +8 B *"))
                .contains(
                        "Duplicates: 1 group, 26 B wasted",
                        "  26 B wasted by 3 files of 13 B each",
                        "    sub/deeper/copy of copy.md")
                .noneMatch(line -> line.startsWith("Failures"));
    }

    @Test
    void long_lists_are_cut_for_people_unless_they_want_all() throws IOException {
        for (int group = 0; group < 30; group++) {
            for (int copy = 0; copy < 12; copy++)
                Files.writeString(folder.resolve(group + "-" + copy), "text " + group);
        }

        assertThat(Program.run(folder).out()).contains("and 2 more; --all or --json shows them", "and 11 more;");
        assertThat(Program.run("--all", folder).out()).doesNotContain(" more; ").contains("    29-9\n", "    0-11\n");
    }

    @Test
    void without_a_terminal_progress_is_plain_lines_on_standard_error() throws IOException {
        var run = Program.run(folder);

        assertThat(run.err().lines()).first().isEqualTo("Cataloguing " + folder);
        assertThat(run.err().lines()).last().asString().matches("61 B, .*/s, 7 files");
        assertThat(run.err()).doesNotContain("\r", "\u001b");
    }

    @Test
    void quiet_shows_no_progress() throws IOException {
        assertThat(Program.run("--quiet", folder).err()).isEmpty();
    }

    @Test
    void without_a_folder_it_takes_the_one_that_the_launcher_names() throws IOException {
        System.setProperty("file-catalog.checkout", folder.toString());
        try {
            assertThat(Program.run("--json").json().get("folder").stringValue()).isEqualTo(folder.toString());
        } finally {
            System.clearProperty("file-catalog.checkout");
        }
    }
}
