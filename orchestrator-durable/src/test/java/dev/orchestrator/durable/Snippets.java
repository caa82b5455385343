package dev.orchestrator.durable;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneId;

/** The examples of the pages, compiled. */
final class Snippets {
    record SendInvoice(long orderId) implements Job<String> {}

    record NightlyReport() implements Job<String> {}

    record Order(long id) {}

    static final class SendInvoiceExecutor implements JobExecutor<SendInvoice, String> {
        @Override
        public String execute(SendInvoice job, JobContext context) {
            return "invoice " + job.orderId();
        }
    }

    static final class InvoicesOrchestrator extends BaseOrchestrator<String> {
        InvoicesOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super("nothing sent", dispatcher, bus);
            on(SendInvoice.class).success((job, invoice) -> emit(invoice + " was sent"));
        }

        @Override
        public String name() {
            return "invoices";
        }
    }

    private Snippets() {}

    static Durable open(Dispatcher dispatcher, Path file) {
        return Durable.open(dispatcher, DurableStore.sqlite(file));
    }

    static void use(Durable durable, InvoicesOrchestrator invoices, long orderId) {
        // @start region="use"
        durable.register(SendInvoice.class, "send-invoice", 1, new SendInvoiceExecutor());
        durable.takeUp(invoices); // its jobs from before a restart, and the endings that it missed
        invoices.dispatch(new SendInvoice(orderId)); // survives a crash; its events come back to its owner
        // @end
    }

    static void upcast(Durable durable) {
        // @start region="upcast"
        durable.register(
                SendInvoice.class,
                "send-invoice",
                2,
                new SendInvoiceExecutor(),
                Handling.standard().upcast(1, json -> json.put("currency", "EUR")));
        // @end
    }

    static JobOptions[] options(long customer) {
        return new JobOptions[] {
            JobOptions.builder()
                    .extra(
                            DurableOptions.class,
                            DurableOptions.delayed(Duration.ofHours(1)).withPriority(5))
                    .build(),
            JobOptions.builder().id("invoice-4711").build(), // twice is once
            JobOptions.builder().queueIfRunning("customer " + customer, 100).build() // one at a time on all machines
        };
    }

    static void transaction(Durable durable, InvoicesOrchestrator invoices, Order order) throws SQLException {
        // @start region="transaction"
        try (Connection connection = durable.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            saveOrder(connection, order);
            durable.dispatchIn(connection, invoices, new SendInvoice(order.id()), JobOptions.none());
            connection.commit(); // both, or neither
        }
        // @end
    }

    private static void saveOrder(Connection connection, Order order) throws SQLException {
        try (var insert = connection.prepareStatement("insert into orders values (?)")) {
            insert.setLong(1, order.id());
            insert.executeUpdate();
        }
    }

    static void deadLetters(Durable durable, String id, JobFilter filter) {
        // @start region="dead-letters"
        DeadLetters letters = durable.deadLetters();
        letters.list(JobFilter.all().ofType("send-invoice").withErrorText("no such customer"), 0, 100);
        letters.edit(id, 1, "{\"orderId\":4712}", "anna");
        letters.retry(id, "anna"); // another job, for the same owner; the dead letter stays as it is
        letters.retryAll(filter, "anna", 10); // at most ten a second
        letters.discard(id, "anna", "the customer is gone");
        // @end
    }

    static void online(Durable durable) {
        // @start region="online"
        Condition online = Conditions.reachable("mail.example.org", 25, Duration.ofSeconds(1));
        durable.register(
                SendInvoice.class,
                "send-invoice",
                1,
                new SendInvoiceExecutor(),
                Handling.standard().runningWhen(online));
        // @end
    }

    static void recurring(Durable durable, ZoneId zone) {
        // @start region="recurring"
        durable.recurring("nightly", Recurrence.cron("0 0 3 * * *", zone), NightlyReport::new);
        // @end
    }
}
