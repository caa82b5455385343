package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every bad input gets one sentence on standard error, nothing on standard output, and the exit code 2. */
class BadInputTest {
    @TempDir
    private Path folder;

    @Test
    void no_such_folder() throws IOException {
        refuses("no such folder: " + folder.resolve("missing"), folder.resolve("missing"));
    }

    @Test
    void not_a_folder() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        refuses("not a folder: " + file, file);
        refuses("no such folder: " + file.resolve("below"), file.resolve("below"));
    }

    @Test
    void a_symbolic_link_in_a_circle() throws IOException {
        var loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        refuses("cannot read " + loop + ": it is a symbolic link that leads in a circle, a loop", loop);
    }

    @Test
    void a_symbolic_link_to_nothing() throws IOException {
        var link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nothing"));
        refuses(link + " is a symbolic link to something that does not exist", link);
    }

    @Test
    void names_that_no_folder_can_have() throws IOException {
        refuses("the name of the folder is empty", "");
        refuses("not a name that a folder can have here: a\\x00b", "a\0b");
        refuses("no such folder: what\\x0Aa name", "what\na name");
        refuses("no such folder: @file", "@file");
        refuses("no such folder: -x", "--", "-x");
    }

    @Test
    void wrong_arguments() throws IOException {
        refuses("Unknown option: '--jsno'; try --help", "--jsno", folder);
        refuses("Unmatched argument at index 1: 'b'; try --help", folder, "b");
    }

    @Test
    void files_that_no_database_can_be(@TempDir Path elsewhere) throws IOException {
        var inside = folder.resolve("sub").resolve("read.db");
        Files.createDirectory(inside.getParent());
        refuses(
                "no such folder for the file for --durable: " + elsewhere + "/none/x",
                "--durable",
                elsewhere + "/none/x");
        refuses("the name of the file for --durable is empty", "--durable", "", folder);
        refuses("not a file, as --durable needs one: " + elsewhere, "--durable", elsewhere, folder);
        refuses(
                "not a name that a file for --durable can have: " + elsewhere + "/a?b",
                "--durable",
                elsewhere + "/a?b");
        refuses(
                "the file for --durable must be outside of the folder that is catalogued: " + inside,
                "--durable",
                inside,
                folder);
        var link = Files.createSymbolicLink(elsewhere.resolve("link"), folder);
        refuses(
                "the file for --durable must be outside of the folder that is catalogued: " + link.resolve("read.db"),
                "--durable",
                link.resolve("read.db"),
                folder);
        var text = Files.writeString(elsewhere.resolve("text"), "no database, whatever it is called");
        var refused = Program.run("--durable", text, folder);
        assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err().lines())
                .singleElement()
                .asString()
                .startsWith("file-catalog: cannot use the SQLite file " + text.toRealPath()
                        + ": that is no SQLite database");
        assertThat(text).hasContent("no database, whatever it is called");
    }

    @Test
    void limits_out_of_range() throws IOException {
        refuses("--timeout must be from 0 to 86400, was -1; try --help", "--timeout=-1", folder);
        refuses("--timeout must be from 0 to 86400, was 86401; try --help", "--timeout=86401", folder);
        refuses("--attempts must be from 1 to 100, was 0; try --help", "--attempts=0", folder);
        refuses("--reads must be from 1 to 256, was 0; try --help", "--reads=0", folder);
        refuses("--reads must be from 1 to 256, was 257; try --help", "--reads=257", folder);
        refuses("Invalid value for option '--timeout': 'soon' is not an int; try --help", "--timeout=soon", folder);
    }

    @Test
    void help_tells_the_exit_codes() throws IOException {
        var help = Program.run("--help");

        assertThat(help.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(help.err()).isEmpty();
        assertThat(help.out()).contains("[FOLDER]", "--json", "--durable=FILE", "--timeout=SECONDS", "(default: 60)");
        for (int code : List.of(
                ExitCode.OK,
                ExitCode.FAILURES,
                ExitCode.BAD_INPUT,
                ExitCode.NO_REPORT,
                ExitCode.INTERRUPTED,
                ExitCode.TERMINATED)) {
            assertThat(help.out()).containsPattern("\n +" + code + " +\\w");
        }
    }

    @Test
    void a_report_that_cannot_be_written_is_no_success() {
        var full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        for (String[] arguments : new String[][] {{"-q", folder.toString()}, {"-q", "--json", folder.toString()}}) {
            var err = new ByteArrayOutputStream();
            int exitCode = FileCatalog.run(full, new PrintStream(err, true, StandardCharsets.UTF_8), arguments);
            assertThat(exitCode).isEqualTo(ExitCode.NO_REPORT);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("could not be written", "No space left on device");
        }
    }

    private static void refuses(String sentence, Object... arguments) throws IOException {
        assertThat(Program.run(arguments))
                .isEqualTo(new Program(ExitCode.BAD_INPUT, "", "file-catalog: " + sentence + "\n"));
    }
}
