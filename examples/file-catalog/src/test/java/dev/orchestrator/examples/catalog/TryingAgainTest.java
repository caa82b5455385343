package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orchestrator.JobExecutor;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An error that may pass is no failure until it has come as often as was allowed; others are at once. */
class TryingAgainTest {
    private static final IOException MAY_PASS = new IOException("Input/output error");

    @TempDir
    private Path folder;

    @Test
    void a_file_that_can_be_read_the_second_time_is_no_failure() throws IOException {
        var report = report(3, 1, MAY_PASS);

        assertThat(report.findings().files().files()).isEqualTo(1);
        assertThat(report.findings().failures().toList()).isEmpty();
        assertThat(report.lines(report.findings().retried()))
                .containsExactly(new Report.Line("file", "Input/output error"));
        assertThat(new Estimate(0).filesAndTime(report.catalog(), 1)).isEqualTo("1 files, 1 tried again");
    }

    @Test
    void one_that_fails_every_time_is_one_failure() throws IOException {
        var report = report(3, 3, MAY_PASS);

        assertThat(report.lines(report.findings().failures()))
                .containsExactly(new Report.Line("file", "Input/output error"));
        assertThat(report.findings().retried().size()).isEqualTo(2);
    }

    @Test
    void one_attempt_is_one() throws IOException {
        assertThat(report(1, 1, MAY_PASS).findings().retried().size()).isZero();
    }

    @Test
    void what_stays_wrong_is_not_tried_again() throws IOException {
        var report = report(3, 1, new AccessDeniedException("file"));

        assertThat(report.findings().retried().size()).isZero();
        assertThat(report.findings().failures().size()).isEqualTo(1);
    }

    @Test
    void only_errors_of_the_system_without_a_more_exact_type_may_pass() throws IOException {
        assertThat(Reasons.mayPass(MAY_PASS)).isTrue();
        assertThat(Reasons.mayPass(new FileSystemException("file", null, "Too many open files")))
                .isTrue();
        assertThat(Reasons.mayPass(new NoSuchFileException("file"))).isFalse();
        assertThat(Reasons.mayPass(new TimeoutException())).isFalse();
        assertThat(Reasons.mayPass(new IllegalStateException())).isFalse();
        var loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        assertThat(Reasons.mayPass(errorOfOpening(loop))).isFalse();
        assertThat(Reasons.mayPass(errorOfOpening(loop, LinkOption.NOFOLLOW_LINKS)))
                .isFalse();
    }

    @Test
    void an_error_of_the_real_system() throws IOException {
        var made = Path.of("/proc/self/mem");
        assumeTrue(Files.isReadable(made), "only Linux has such a file");
        var job = new FingerprintFile(made.getParent(), made.getFileName(), FileVersion.of(made));
        Files.createFile(folder.resolve("file"));
        var reader = new FingerprintExecutor(new MediaTypes());
        try (var catalog =
                new Catalog(folder, new Patience(60, 2, 1), (ignored, context) -> reader.execute(job, context))) {
            var report = catalog.make(state -> {});

            assertThat(report.lines(report.findings().failures()))
                    .isEqualTo(report.lines(report.findings().retried()))
                    .hasSize(1);
        }
    }

    /** A report on one file that cannot be read the first times. */
    private Report report(int attempts, int failing, IOException error) throws IOException {
        Files.writeString(folder.resolve("file"), "content");
        var reader = new FingerprintExecutor(new MediaTypes());
        JobExecutor<FingerprintFile, Fingerprint> failingReader = (job, context) -> {
            if (context.attempt() <= failing) throw error;
            return reader.execute(job, context);
        };
        try (var catalog = new Catalog(folder, new Patience(60, attempts, 1), failingReader)) {
            return catalog.make(state -> {});
        }
    }

    private static IOException errorOfOpening(Path path, LinkOption... options) {
        try {
            Files.newByteChannel(path, options).close();
        } catch (IOException error) {
            return error;
        }
        throw new AssertionError("it could be opened");
    }
}
