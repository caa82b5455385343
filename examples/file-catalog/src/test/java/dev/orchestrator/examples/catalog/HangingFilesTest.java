package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orchestrator.JobExecutor;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that hangs is one failure in the report, durable or not, and neither the rest nor the end waits for it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HangingFilesTest {
    private static final Patience IMPATIENT = new Patience(1, 3, 1);
    private static final Patience ANY_TIME = new Patience(0, 3, 2);

    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch left = new CountDownLatch(1);

    @TempDir
    private Path folder;

    @TempDir
    private Path elsewhere;

    private Path pipe;

    @BeforeEach
    void makeFiles() throws Exception {
        Files.writeString(folder.resolve("a"), "content");
        Files.writeString(folder.resolve("hanging"), "content");
        Files.writeString(folder.resolve("z"), "content");
        pipe = folder.resolveSibling(folder.getFileName() + ".pipe");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "this system has no mkfifo");
        new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void one_whose_opening_hears_nothing_is_left_behind(boolean isDurable) throws Exception {
        try (var catalog = new Catalog(folder, IMPATIENT, readerOfPipe(), file(isDurable))) {
            assertTimedOut(catalog.make(state -> {}));

            assertThat(left.getCount()).as("the thread is still in there").isEqualTo(1);
            letReaderIn();
        } finally {
            Files.delete(pipe);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void one_whose_reading_hangs_is_closed(boolean isDurable) throws Exception {
        try (var silent = new RandomAccessFile(pipe.toFile(), "rw");
                var catalog = new Catalog(folder, IMPATIENT, readerOfPipe(), file(isDurable))) {
            assertThat(silent.getFD().valid()).isTrue();

            assertTimedOut(catalog.make(state -> {}));

            left.await();
        } finally {
            Files.delete(pipe);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stopping_does_not_wait_for_one(boolean isDurable) throws Exception {
        try (var catalog = new Catalog(folder, ANY_TIME, readerOfPipe(), file(isDurable))) {
            var report = catalog.make(state -> {
                if (state.findings().files().files() < 2) return;
                await(inside);
                catalog.stop();
            });

            assertThat(report.isInterrupted()).isTrue();
            assertThat(report.findings().failures().toList()).isEmpty();
            assertThat(left.getCount()).isEqualTo(1);
            letReaderIn();
        } finally {
            Files.delete(pipe);
        }
    }

    private @Nullable Path file(boolean isDurable) {
        return isDurable ? elsewhere.resolve("read.db") : null;
    }

    /** Reads the pipe in the place of the file that hangs. */
    private JobExecutor<FingerprintFile, Fingerprint> readerOfPipe() {
        var reader = new FingerprintExecutor(new MediaTypes());
        return (job, context) -> {
            if (!job.name().endsWith("hanging")) return reader.execute(job, context);
            inside.countDown();
            try {
                return reader.execute(
                        new FingerprintFile(pipe.getParent(), pipe.getFileName(), job.version()), context);
            } finally {
                left.countDown();
            }
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Opens both ends: the reader gets in, whenever it comes, and what it has opened is closed at once. */
    private void letReaderIn() throws Exception {
        try (var bothEnds = new RandomAccessFile(pipe.toFile(), "rw")) {
            assertThat(bothEnds.getFD().valid()).isTrue();
            left.await();
        }
    }

    private void assertTimedOut(Report report) {
        assertThat(report.isInterrupted()).isFalse();
        assertThat(report.findings().files()).isEqualTo(new Amount(2, 14));
        assertThat(report.catalog().done()).isEqualTo(new Amount(3, 21));
        assertThat(report.duplicates().wasted()).isEqualTo(7);
        assertThat(report.lines(report.findings().failures()))
                .containsExactly(new Report.Line("hanging", "timed out; --timeout gives it longer"));
        assertThat(report.findings().retried().toList()).isEmpty();
    }
}
