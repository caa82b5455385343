package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the progress says. */
class EstimateTest {
    private final Estimate estimate = new Estimate(0);
    private final CatalogState tenFiles = CatalogState.NOTHING_YET.plusDone(10, 10_000_000);
    private final long twoSeconds = TimeUnit.SECONDS.toNanos(2);

    @Test
    void files_bytes_and_rate_are_always_known() {
        assertThat(estimate.text(tenFiles, twoSeconds)).isEqualTo("10.0 MB, 5.0 MB/s, 10 files");
    }

    @Test
    void the_time_left_is_known_once_the_tree_was_surveyed() {
        var surveyed = tenFiles.expecting(new Amount(20_010, 10_010_000_000L));

        assertThat(estimate.text(surveyed, twoSeconds))
                .isEqualTo("10.0 MB of 10.0 GB, 5.0 MB/s, 10 of 20,010 files, 0:34:23 left");
    }

    @Test
    void what_came_after_the_survey_takes_no_negative_time() {
        var grown = tenFiles.expecting(new Amount(5, 5_000_000));

        assertThat(estimate.text(grown, twoSeconds)).endsWith("10 of 5 files, 0:00:00 left");
    }

    @Test
    void at_the_end_no_time_is_left() {
        var over = tenFiles.expecting(tenFiles.done()).over();

        assertThat(estimate.text(over, twoSeconds)).isEqualTo("10.0 MB of 10.0 MB, 5.0 MB/s, 10 of 10 files");
    }
}
