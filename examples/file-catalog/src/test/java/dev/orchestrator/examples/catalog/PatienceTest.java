package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the options of the program mean for its jobs. */
class PatienceTest {
    @TempDir
    private Path folder;

    @Test
    void a_large_file_has_more_time() {
        var patience = new Patience(60, 3, 2);

        assertThat(patience.of(file(999_999))).isEqualTo(JobOptions.none());
        assertThat(patience.of(file(3_500_000)))
                .isEqualTo(JobOptions.builder()
                        .attemptTimeout(Duration.ofSeconds(63))
                        .build());
    }

    @Test
    void zero_seconds_are_no_limit() {
        var patience = new Patience(0, 3, 2);

        assertThat(patience.ofType(1).toString()).doesNotContain("imeout");
        assertThat(patience.of(file(Long.MAX_VALUE))).isEqualTo(JobOptions.none());
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void as_many_files_are_read_at_the_same_time_as_was_said() throws IOException {
        for (int i = 0; i < 60; i++) Files.createFile(folder.resolve("file" + i));
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var three = new CyclicBarrier(3);
        var reader = new FingerprintExecutor(new MediaTypes());
        JobExecutor<FingerprintFile, Fingerprint> meeting = (job, context) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            three.await();
            inside.decrementAndGet();
            return reader.execute(job, context);
        };
        try (var catalog = new Catalog(folder, new Patience(0, 1, 3), meeting)) {
            var report = catalog.make(state -> {});

            assertThat(report.findings().files().files()).isEqualTo(60);
            assertThat(most).hasValue(3);
        }
    }

    private static FingerprintFile file(long size) {
        return new FingerprintFile(Path.of(""), Path.of("file"), new FileVersion(size, 0, null));
    }
}
