package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobContext;
import dev.orchestrator.JobExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a durable catalogue reads that has a file of an earlier run: what has changed, and what was not read then. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadBeforeTest {
    private static final Report.Line BROKEN = new Report.Line("b", "broken");

    @TempDir
    private Path folder;

    @TempDir
    private Path elsewhere;

    private final JobExecutor<FingerprintFile, Fingerprint> reader = new FingerprintExecutor(new MediaTypes());
    private final Queue<String> read = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void makeFiles() throws IOException {
        for (String name : List.of("a", "b", "c")) Files.writeString(folder.resolve(name), "content");
    }

    @Test
    void what_was_read_is_not_read_again_until_it_changes() throws IOException {
        assertWhole(run(this::readNormally));
        assertRead("a", "b", "c");

        assertWhole(run(this::readNormally));
        assertRead();

        Files.writeString(folder.resolve("b"), "another");
        Files.setLastModifiedTime(folder.resolve("b"), FileTime.fromMillis(1));
        var changed = run(this::readNormally);
        assertRead("b");
        assertThat(changed.findings().files()).isEqualTo(new Amount(3, 21));
        assertThat(changed.duplicates().wasted()).isEqualTo(7);
    }

    @Test
    void another_file_at_the_same_place_is_read() throws IOException {
        var time = Files.getLastModifiedTime(folder.resolve("b"));
        assertWhole(run(this::readNormally));
        read.clear();

        var other = Files.writeString(elsewhere.resolve("b"), "another");
        Files.setLastModifiedTime(other, time);
        Files.delete(folder.resolve("b"));
        Files.createLink(folder.resolve("b"), other); // the number of the deleted one is not this one's

        assertThat(run(this::readNormally).duplicates().wasted()).isEqualTo(7);
        assertRead("b");
    }

    @Test
    void what_failed_is_tried_again_in_each_run() {
        for (int life = 1; life <= 3; life++) {
            var report = run((job, context) -> {
                if (job.name().endsWith("b")) throw new IllegalStateException("broken");
                return readNormally(job, context);
            });
            assertThat(report.lines(report.findings().failures())).containsExactly(BROKEN);
            assertThat(report.findings().files()).isEqualTo(new Amount(2, 14));
        }
        assertRead("a", "c");

        assertWhole(run(this::readNormally));
        assertRead("b");

        assertWhole(run(this::readNormally));
        assertRead();
    }

    @Test
    void what_was_not_read_when_somebody_stopped_it_is_read_in_the_next_run() {
        try (var catalog = catalog((job, context) -> {
            if (!job.name().endsWith("a")) new CountDownLatch(1).await();
            return readNormally(job, context);
        })) {
            var report = catalog.make(state -> {
                if (state.findings().files().files() == 1) catalog.stop();
            });
            assertThat(report.isInterrupted()).isTrue();
            assertThat(report.findings().files()).isEqualTo(new Amount(1, 7));
            assertThat(report.findings().failures().toList()).isEmpty();
        }
        assertRead("a");

        assertWhole(run(this::readNormally));
        assertRead("b", "c");
    }

    private Catalog catalog(JobExecutor<FingerprintFile, Fingerprint> how) {
        return new Catalog(folder, new Patience(60, 3, 3), how, elsewhere.resolve("read.db"));
    }

    private Report run(JobExecutor<FingerprintFile, Fingerprint> how) {
        try (var catalog = catalog(how)) {
            return catalog.make(state -> {});
        }
    }

    private Fingerprint readNormally(FingerprintFile job, JobContext context) throws Exception {
        read.add(job.name().toString());
        return reader.execute(job, context);
    }

    private void assertRead(String... names) {
        assertThat(read).containsExactlyInAnyOrder(names);
        read.clear();
    }

    private static void assertWhole(Report report) {
        assertThat(report.isInterrupted()).isFalse();
        assertThat(report.findings().failures().toList()).isEmpty();
        assertThat(report.findings().files()).isEqualTo(new Amount(3, 21));
        assertThat(report.duplicates().wasted()).isEqualTo(14);
    }
}
