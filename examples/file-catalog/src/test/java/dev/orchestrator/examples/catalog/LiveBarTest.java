package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The bar of a terminal. */
class LiveBarTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicInteger surveys = new AtomicInteger();
    private final LiveBar bar =
            new LiveBar(new PrintStream(out, true, StandardCharsets.UTF_8), surveys::incrementAndGet);

    @Test
    void its_last_look_shows_what_was_done() {
        var done = CatalogState.NOTHING_YET.plusDone(10, 20_000_000);
        bar.show(done.expecting(new Amount(10, 20_000_000)).over());
        bar.close();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("\r")
                .contains("100%", "20/20 MB", " 10 of 10 files")
                .endsWith("\n");
        assertThat(surveys).hasValue(1);
    }

    @Test
    void its_line_ends_however_soon_it_is_closed() {
        for (int round = 0; round < 200; round++) {
            out.reset();
            new LiveBar(new PrintStream(out, true, StandardCharsets.UTF_8), surveys::incrementAndGet).close();
            assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("\n").doesNotEndWith("\n\n");
        }
    }

    @Test
    void without_a_survey_it_shows_what_it_knows() {
        bar.show(CatalogState.NOTHING_YET.plusDone(10, 20_000_000).stopping().over());
        bar.close();

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("20/? MB", " 10 files");
    }
}
