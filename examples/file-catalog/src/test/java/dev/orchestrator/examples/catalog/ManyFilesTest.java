package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The number of files changes nothing but the numbers. */
class ManyFilesTest {
    private static final int FOLDERS = 10;
    private static final int FILES = 500;

    @TempDir
    private Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        for (int i = 0; i < FOLDERS; i++) {
            var sub = Files.createDirectories(folder.resolve("sub" + i % 3 + "/sub" + i));
            for (int j = 0; j < FILES; j++) Files.writeString(sub.resolve("file" + j), "content " + j + "\n");
        }
    }

    @Test
    void five_thousand_files_are_all_found() throws IOException {
        var report = Program.reportOn(folder);

        assertThat(report.get("files").intValue()).isEqualTo(FOLDERS * FILES);
        assertThat(report.get("folders").intValue()).isEqualTo(1 + 3 + FOLDERS);
        var groups = Program.list(report.get("duplicates"));
        assertThat(groups).hasSize(FILES).allMatch(group -> group.get("files").size() == FOLDERS);
        assertThat(report.get("wastedBytes").longValue())
                .isEqualTo(report.get("bytes").longValue() * (FOLDERS - 1) / FOLDERS);
    }

    @Test
    void a_survey_tells_how_many_there_are_whenever_it_is_asked_for() {
        try (var catalog = new Catalog(folder, Patience.usual())) {
            catalog.survey();
            var report = catalog.make(state -> {});

            assertThat(report.findings().files().files()).isEqualTo(FOLDERS * FILES);
            assertThat(report.catalog().expected()).isEqualTo(report.catalog().done());
        }
    }
}
