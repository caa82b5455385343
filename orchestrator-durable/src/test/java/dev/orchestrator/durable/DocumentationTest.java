package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Snippets.InvoicesOrchestrator;
import dev.orchestrator.durable.Snippets.Order;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the pages show is compiled and does what they say; section 7 of the usage, as it stands. */
class DocumentationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "use, docs/durable.md",
        "upcast, docs/durable.md",
        "transaction, docs/durable.md",
        "dead-letters, docs/durable.md",
        "online, docs/durable.md",
        "recurring, docs/durable.md",
        "use, README.md"
    })
    void the_pages_show_the_compiled_examples(String region, String page) throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/orchestrator/durable/Snippets.java"));
        int begin = source.indexOf('\n', source.indexOf("@start region=\"" + region + "\"")) + 1;
        String example = source.substring(begin, source.lastIndexOf('\n', source.indexOf("// @end", begin)));
        assertThat(Files.readString(Path.of("../" + page))).contains(example.stripIndent());
    }

    @Test
    void section_seven_of_the_usage() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var durable = Snippets.open(dispatcher, folder.resolve("jobs.db"));
                var invoices = new InvoicesOrchestrator(dispatcher, bus)) {
            Snippets.use(durable, invoices, 4711);
            invoices.awaitIdle(PATIENCE);
            assertThat(invoices.state()).isEqualTo("invoice 4711 was sent");
        }
    }

    @Test
    void the_examples_run() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var durable = Snippets.open(dispatcher, folder.resolve("jobs.db"));
                var invoices = new InvoicesOrchestrator(dispatcher, bus)) {
            Snippets.upcast(durable);
            durable.registerElsewhere(Snippets.NightlyReport.class, "nightly-report", 1, Handling.standard());
            Snippets.recurring(durable, ZoneId.of("Europe/Berlin"));
            durable.takeUp(invoices);
            try (var connection = durable.dataSource().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("create table orders (id integer primary key)");
            }
            Snippets.transaction(durable, invoices, new Order(7));
            assertThat(invoices.state()).isIn("nothing sent", "invoice 7 was sent");
            invoices.onState(state -> {});
            while (!invoices.state().equals("invoice 7 was sent")) invoices.awaitIdle(PATIENCE);
            for (var options : Snippets.options(1)) {
                assertThat(durable.jobs()
                                .find(durable.dispatch(new Snippets.SendInvoice(1), options)
                                        .id()))
                        .isPresent();
            }
            Snippets.deadLetters(durable, "unknown", JobFilter.all());
        }
    }

    @Test
    void a_job_that_needs_the_net_waits_for_it() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var durable = Snippets.open(dispatcher, folder.resolve("jobs.db"))) {
            Snippets.online(durable);
            assertThat(durable.jobs().counts(JobFilter.all())).containsEntry(JobState.WAITING, 0L);
        }
    }
}
