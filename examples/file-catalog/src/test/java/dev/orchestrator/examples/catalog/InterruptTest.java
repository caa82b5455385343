package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orchestrator.JobExecutor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Whoever stops it gets the report so far. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptTest {
    private static final long TERABYTE = 1L << 40;

    @TempDir
    private Path folder;

    @Test
    void the_report_has_what_was_read_before() throws IOException {
        Files.writeString(folder.resolve("a"), "content");
        Files.writeString(folder.resolve("b"), "content");
        Files.writeString(folder.resolve("endless"), "never read to its end");
        var reader = new FingerprintExecutor(new MediaTypes());
        JobExecutor<FingerprintFile, Fingerprint> hanging = (job, context) -> {
            if (job.name().endsWith("endless")) new CountDownLatch(1).await();
            return reader.execute(job, context);
        };
        try (var catalog = new Catalog(folder, Patience.usual(), hanging)) {
            var report = catalog.make(state -> {
                if (state.findings().files().files() == 2) catalog.stop();
            });

            assertThat(report.isInterrupted()).isTrue();
            assertThat(report.findings().files()).isEqualTo(new Amount(2, 14));
            assertThat(report.findings().failures().toList()).isEmpty();
            assertThat(report.duplicates().wasted()).isEqualTo(7);
        }
    }

    @Test
    void one_that_is_stopped_before_it_begins_reports_nothing() {
        try (var catalog = new Catalog(folder, Patience.usual())) {
            catalog.stop();

            var report = catalog.make(state -> {});

            assertThat(report.isInterrupted()).isTrue();
            assertThat(report.findings()).isEqualTo(Findings.NONE);
        }
    }

    @Test
    void stopping_in_the_middle_of_a_huge_tree_leaves_nothing_under_way() throws IOException {
        for (int i = 0; i < 20; i++) {
            var sub = Files.createDirectories(folder.resolve("sub" + i));
            for (int j = 0; j < 300; j++) Files.writeString(sub.resolve("file" + j), "content " + i + " " + j);
        }
        try (var catalog = new Catalog(folder, Patience.usual())) {
            var report = catalog.make(state -> {
                if (state.findings().files().files() >= 1000) catalog.stop();
            });

            assertThat(report.isInterrupted()).isTrue();
            assertThat(report.findings().files().files()).isBetween(1000L, 6000L);
            assertThat(report.findings().failures().toList()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 2, 130", "TERM, 15, 143"})
    void a_signal_ends_the_program_with_valid_json_and_its_exit_code(String signal, int number, int exitCode)
            throws Exception {
        var program = startOnHugeFile(number);
        try (var progress = program.errorReader()) {
            awaitLine(progress, " 2 files");
            kill(program, signal);
            var report = JsonMapper.shared().readTree(program.getInputStream());

            assertThat(program.waitFor()).isEqualTo(exitCode);
            assertThat(report.get("interrupted").booleanValue()).isTrue();
            assertThat(report.get("files").intValue()).isEqualTo(2);
            assertThat(report.get("wastedBytes").intValue()).isEqualTo(7);
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void a_second_signal_ends_it_although_nobody_takes_the_report() throws Exception {
        // More of them than a pipe holds.
        for (int i = 0; i < 2000; i++) Files.createSymbolicLink(folder.resolve("link" + i), Path.of("a"));
        var program = startOnHugeFile(2);
        try (var progress = program.errorReader()) {
            awaitLine(progress, " 2 files");
            kill(program, "INT");
            awaitLine(progress, "once more ends at once");
            kill(program, "INT");

            assertThat(program.waitFor()).isEqualTo(ExitCode.INTERRUPTED);
        } finally {
            program.destroyForcibly();
        }
    }

    /** Two files, and one that it reads until it is stopped. */
    private Process startOnHugeFile(int signal) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")), "this system has no kill");
        assumeTrue(!isIgnored(signal), "a shell that runs something in the background makes it ignore Ctrl-C");
        Files.writeString(folder.resolve("a"), "content");
        Files.writeString(folder.resolve("b"), "content");
        makeHugeFile(folder.resolve("huge"));
        var command = new ArrayList<>(Program.command());
        command.addAll(List.of("--json", folder.toString()));
        return new ProcessBuilder(command).start();
    }

    private static void awaitLine(BufferedReader progress, String part) throws IOException {
        while (!progress.readLine().contains(part)) {}
    }

    private static void kill(Process program, String signal) throws Exception {
        new ProcessBuilder("/bin/kill", "-" + signal, Long.toString(program.pid()))
                .start()
                .waitFor();
    }

    /** A program inherits which signals it ignores, and so will the one that is started here. */
    private static boolean isIgnored(int signal) throws IOException {
        var status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) return false;
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1L << signal - 1) != 0);
        }
    }

    /** Huge to read, and nearly nothing on the disk. */
    private static void makeHugeFile(Path path) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(TERABYTE);
        } catch (IOException refused) {
            assumeTrue(false, "this file system has no room for a file of holes: " + refused);
        }
    }
}
