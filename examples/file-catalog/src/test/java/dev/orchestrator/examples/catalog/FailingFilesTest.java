package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orchestrator.JobExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that cannot be read as it was listed is one failure in the report, not the end of the run. */
class FailingFilesTest {
    private interface Change {
        void make(Path file) throws IOException;
    }

    @TempDir
    private Path folder;

    private Path victim;

    @BeforeEach
    void makeFiles() throws IOException {
        victim = Files.writeString(folder.resolve("victim"), "content");
        Files.writeString(folder.resolve("b"), "content");
        Files.writeString(folder.resolve("c"), "content");
    }

    @Test
    void a_file_that_vanishes() {
        assertThat(reasonAfter(Files::delete)).isEqualTo("it vanished during the run");
    }

    @Test
    void a_file_that_grows() {
        assertThat(reasonAfter(file -> Files.writeString(file, " and more", StandardOpenOption.APPEND)))
                .isEqualTo("it changed during the run");
    }

    @Test
    void a_file_that_shrinks() {
        assertThat(reasonAfter(file -> Files.writeString(file, "less"))).isEqualTo("it holds only 4 of its 7 bytes");
    }

    @Test
    void a_file_that_is_empty_in_the_end() {
        assertThat(reasonAfter(file -> Files.writeString(file, ""))).isEqualTo("it holds only 0 of its 7 bytes");
    }

    @Test
    void a_file_that_is_another_one_of_the_same_size() {
        assertThat(reasonAfter(file -> {
                    var modified = Files.getLastModifiedTime(file);
                    Files.move(
                            Files.writeString(folder.resolveSibling("other"), "CONTENT"),
                            file,
                            StandardCopyOption.REPLACE_EXISTING);
                    Files.setLastModifiedTime(file, modified);
                }))
                .isEqualTo("it changed during the run");
    }

    @Test
    void a_file_that_becomes_a_folder() {
        assertThat(reasonAfter(file -> {
                    Files.delete(file);
                    Files.createDirectory(file);
                }))
                .isNotEmpty();
    }

    @Test
    void a_file_whose_reading_throws_what_nobody_expects() {
        assertThat(reasonAfter(file -> {
                    throw new AssertionError("nobody expects this");
                }))
                .isEqualTo("nobody expects this");
    }

    @Test
    void a_file_without_the_size_that_it_has() throws IOException {
        var made = Path.of("/proc/self");
        assumeTrue(Files.isDirectory(made), "only Linux has such files");

        var failures = Program.remarks(
                Program.run("--json", "--attempts=1", made).json().get("failures"), "reason");

        assertThat(failures).contains("status: it holds more than its size of 0 bytes");
    }

    @Test
    void a_mistake_in_a_handler_is_no_report_and_no_waiting_for_ever() {
        try (var catalog = new Catalog(folder, Patience.usual())) {
            var mistake = new IllegalStateException("a mistake");
            assertThatThrownBy(() -> catalog.make(state -> {
                        throw mistake;
                    }))
                    .hasCause(mistake);
        }
    }

    /** What the report says of the victim if that happens to it between its listing and its reading. */
    private String reasonAfter(Change change) {
        var reader = new FingerprintExecutor(new MediaTypes());
        JobExecutor<FingerprintFile, Fingerprint> meddling = (job, context) -> {
            if (job.path().equals(victim)) change.make(victim);
            return reader.execute(job, context);
        };
        try (var catalog = new Catalog(folder, Patience.usual(), meddling)) {
            var report = catalog.make(state -> {});
            assertThat(report.isInterrupted()).isFalse();
            assertThat(report.findings().files()).isEqualTo(new Amount(2, 14));
            assertThat(report.catalog().done()).isEqualTo(new Amount(3, 21));
            assertThat(report.duplicates().wasted()).isEqualTo(7);
            var failures = report.lines(report.findings().failures());
            assertThat(failures)
                    .hasSize(1)
                    .first()
                    .extracting(Report.Line::path)
                    .isEqualTo("victim");
            return failures.getFirst().text();
        }
    }
}
