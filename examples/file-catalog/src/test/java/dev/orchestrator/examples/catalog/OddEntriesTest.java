package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Links, pipes and strange names: the run goes on, and the report says what became of them. */
class OddEntriesTest {
    @TempDir
    private Path folder;

    @Test
    void links_are_not_followed_and_loops_are_no_loops() throws IOException {
        var sub = Files.createDirectories(folder.resolve("sub/deeper"));
        Files.writeString(sub.resolve("file"), "content");
        Files.createSymbolicLink(sub.resolve("up"), Path.of("../.."));
        Files.createSymbolicLink(folder.resolve("to folder"), Path.of("sub"));
        Files.createSymbolicLink(folder.resolve("to file"), Path.of("sub/deeper/file"));
        Files.createSymbolicLink(folder.resolve("itself"), Path.of("itself"));
        Files.createSymbolicLink(folder.resolve("nowhere"), Path.of("nothing"));

        var run = Program.run("--json", folder);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURES);
        var report = run.json();
        assertThat(report.get("files").intValue()).isEqualTo(1);
        assertThat(report.get("folders").intValue()).isEqualTo(3);
        assertThat(Program.list(report.get("duplicates"))).isEmpty();
        assertThat(Program.remarks(report.get("skipped"), "reason"))
                .containsExactly(
                        "sub/deeper/up: a symbolic link to a folder that it is in itself, a loop; links are not"
                                + " followed",
                        "to file: a symbolic link to a file; links are not followed",
                        "to folder: a symbolic link to a folder; links are not followed");
        assertThat(Program.remarks(report.get("failures"), "reason"))
                .containsExactly(
                        "itself: a symbolic link that leads in a circle, a loop",
                        "nowhere: a symbolic link to something that does not exist");
    }

    @Test
    void a_folder_that_is_itself_a_link_is_followed() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("real")).resolve("file"), "content");
        var link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));

        assertThat(Program.reportOn(link).get("files").intValue()).isEqualTo(1);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_pipe_is_skipped_and_holds_up_nothing() throws Exception {
        Files.writeString(folder.resolve("file"), "content");
        var mkfifo = new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).inheritIO();
        assumeTrue(mkfifo.start().waitFor() == 0, "this system makes no pipes");

        var run = Program.run("--json", folder);

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.json().get("files").intValue()).isEqualTo(1);
        assertThat(Program.remarks(run.json().get("skipped"), "reason"))
                .containsExactly("pipe: neither a file nor a folder (a pipe, a socket or a device)");
    }

    @Test
    void names_that_are_not_unicode_are_catalogued_and_shown_by_their_bytes() throws IOException {
        var strange = makeFolder("strange%FF");
        Files.writeString(child(strange, "x%FE%5C.txt"), "content\n");
        Files.writeString(child(folder, "x%FD%5C.txt"), "content\n");

        var run = Program.run("--json", folder);

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        var group = Program.list(run.json().get("duplicates")).getFirst();
        assertThat(Program.texts(group.get("files"))).containsExactly("strange\\xFF/x\\xFE\\\\.txt", "x\\xFD\\\\.txt");
        assertThat(Program.remarks(run.json().get("notes"), "note"))
                .hasSize(3)
                .first()
                .isEqualTo("strange\\xFF: the name is not valid Unicode; what is not is shown as its bytes");
        assertThat(Program.run(folder).out()).contains("    x\\xFD\\\\.txt\n");
    }

    @Test
    void every_other_name_is_shown_as_it_is() throws IOException {
        var names =
                new String[] {"ü.txt", "日本.txt", "\ud83d\ude00", "back\\slash", "\ufffd", "quote\"", " ", "%41", "-"};
        for (String name : names) Files.writeString(folder.resolve(name), "content");

        var group = Program.list(Program.reportOn(folder).get("duplicates")).getFirst();

        assertThat(Program.texts(group.get("files"))).containsExactlyInAnyOrder(names);
    }

    @Test
    void a_name_cannot_move_the_cursor() throws IOException {
        Files.writeString(folder.resolve("a\u001b[2J\nb"), "content");
        Files.writeString(folder.resolve("copy"), "content");

        assertThat(Program.run(folder).out()).contains("    a\\x1B[2J\\x0Ab\n").doesNotContain("\u001b");
    }

    @Test
    void two_names_of_one_file_waste_nothing() throws IOException {
        Files.writeString(folder.resolve("a"), "content");
        Files.createLink(folder.resolve("another name of a"), folder.resolve("a"));
        assertThat(Program.list(Program.reportOn(folder).get("duplicates"))).isEmpty();

        Files.writeString(folder.resolve("copy"), "content");
        var report = Program.reportOn(folder);
        assertThat(report.get("wastedBytes").intValue()).isEqualTo(7);
        assertThat(Program.texts(
                        Program.list(report.get("duplicates")).getFirst().get("files")))
                .containsExactly("a", "another name of a", "copy");
    }

    private Path makeFolder(String escaped) throws IOException {
        try {
            return Files.createDirectory(child(folder, escaped));
        } catch (IOException refused) {
            assumeTrue(false, "this file system takes Unicode only");
            throw refused;
        }
    }

    /** A path in bytes, which only a URI can say. */
    private static Path child(Path parent, String escaped) {
        var uri = parent.toUri().toString();
        return Path.of(URI.create((uri.endsWith("/") ? uri : uri + "/") + escaped));
    }
}
