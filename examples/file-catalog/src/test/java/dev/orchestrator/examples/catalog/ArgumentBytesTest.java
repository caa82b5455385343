package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A folder whose name Java cannot say, given by somebody who can. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ArgumentBytesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"C.UTF-8", "C"})
    void it_is_catalogued_whatever_the_locale(String locale) throws Exception {
        makeStrangeFolder();

        assertThat(run(locale, "cd \"$0\"; \"$@\" \"$(printf 'x\\377')\"")
                        .get("files")
                        .intValue())
                .isEqualTo(1);
        assertThat(run(locale, "\"$@\" \"$0/$(printf 'x\\377')\"").get("files").intValue())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C.UTF-8", "C"})
    void it_may_be_the_working_folder(String locale) throws Exception {
        makeStrangeFolder();

        var report = run(locale, "cd \"$0/$(printf 'x\\377')\"; \"$@\" .");

        assertThat(report.get("files").intValue()).isEqualTo(1);
        assertThat(report.get("folder").stringValue()).endsWith("/x\\xFF");
    }

    @Test
    void another_one_that_only_looks_alike_is_not_taken_for_it() throws Exception {
        makeStrangeFolder();

        assertThat(run("C.UTF-8", "cd \"$0\"; \"$@\" \"$(printf 'x\\376')\"; test $? = 2 && echo '{\"refused\": true}'")
                        .get("refused")
                        .booleanValue())
                .isTrue();
    }

    /** Runs a shell script, with the folder as $0 and the program as $@. */
    private JsonNode run(String locale, String script) throws Exception {
        var command = new ArrayList<>(List.of("sh", "-c", script, folder.toString()));
        command.addAll(Program.command());
        command.addAll(List.of("--quiet", "--json"));
        var shell = new ProcessBuilder(command);
        shell.environment().put("LC_ALL", locale);
        var process = shell.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        return JsonMapper.shared().readTree(process.getInputStream());
    }

    private void makeStrangeFolder() throws IOException {
        assumeTrue(Files.isReadable(Path.of("/proc/self/cmdline")), "only Linux tells the bytes of an argument");
        try {
            var strange = Files.createDirectory(Path.of(URI.create(folder.toUri() + "x%FF")));
            Files.writeString(strange.resolve("file"), "content");
        } catch (IOException refused) {
            assumeTrue(false, "this file system takes Unicode only");
        }
    }
}
