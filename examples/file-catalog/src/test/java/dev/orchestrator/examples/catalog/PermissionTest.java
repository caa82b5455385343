package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What nobody may read. Root may, so where root runs this, the program is started without that right. */
class PermissionTest {
    private static final String RIGHTS = "-dac_override,-dac_read_search";
    private static final List<String> WITHOUT_RIGHTS =
            List.of("setpriv", "--bounding-set=" + RIGHTS, "--inh-caps=" + RIGHTS);

    @TempDir
    private Path folder;

    private Path closed;
    private boolean isRoot;

    @BeforeEach
    void makeFiles() throws Exception {
        Files.writeString(folder.resolve("open"), "content");
        protect(Files.writeString(folder.resolve("secret"), "content"), "-w-------");
        closed = Files.createDirectory(folder.resolve("closed"));
        protect(closed, "-wx------");
        isRoot = Files.isReadable(closed);
        assumeTrue(!isRoot || run("--version").exitCode() == 0, "there is no way here to have less than all rights");
    }

    @AfterEach
    void letItBeDeleted() throws IOException {
        protect(closed, "rwx------");
    }

    @Test
    void a_file_or_folder_below_is_a_failure() throws Exception {
        var run = run("--quiet", "--json", folder);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURES);
        var report = JsonMapper.shared().readTree(run.out());
        assertThat(report.get("files").intValue()).isEqualTo(1);
        assertThat(Program.remarks(report.get("failures"), "reason"))
                .containsExactly("closed: no permission to read it", "secret: no permission to read it");
    }

    @Test
    void the_folder_itself_is_bad_input() throws Exception {
        assertThat(run(closed))
                .isEqualTo(new Program(ExitCode.BAD_INPUT, "", "file-catalog: no permission to read " + closed + "\n"));
    }

    private Program run(Object... arguments) throws Exception {
        var command = new ArrayList<>(isRoot ? WITHOUT_RIGHTS : List.of());
        command.addAll(Program.command());
        for (Object argument : arguments) command.add(argument.toString());
        var out = Files.createTempFile("out", null);
        try {
            var process =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).start();
            var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Program(process.waitFor(), Files.readString(out), err);
        } catch (IOException noSetpriv) {
            return new Program(-1, "", noSetpriv.toString());
        } finally {
            Files.delete(out);
        }
    }

    private static void protect(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
