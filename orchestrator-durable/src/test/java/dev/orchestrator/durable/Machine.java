package dev.orchestrator.durable;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Invoices.InvoicePrinted;
import dev.orchestrator.durable.Invoices.SendInvoice;
import java.time.Duration;

/** One process that uses a database of durable jobs, as far as a test within one process can have several. */
final class Machine implements AutoCloseable {
    final SignalBus bus = SignalBus.scoped();
    final Dispatcher dispatcher = Dispatcher.create(bus);
    final Durable durable;

    private Machine(DurableStore store, int workers) {
        durable = Durable.builder(dispatcher)
                .store(store)
                .workers(workers)
                .poll(Duration.ofMillis(50))
                .lease(Duration.ofSeconds(2))
                .closeGrace(Duration.ofMillis(100))
                .build();
        durable.registerEvent(InvoicePrinted.class, "invoice-printed", 1);
    }

    /** Does invoices in that way. */
    static Machine worker(DurableStore store, JobExecutor<SendInvoice, String> executor) {
        return worker(store, executor, Handling.standard());
    }

    static Machine worker(DurableStore store, JobExecutor<SendInvoice, String> executor, Handling handling) {
        var machine = new Machine(store, 4);
        machine.durable.register(SendInvoice.class, "send-invoice", 1, executor, handling);
        machine.durable.start();
        return machine;
    }

    /** Dispatches invoices and does none. */
    static Machine front(DurableStore store) {
        return front(store, Handling.standard());
    }

    static Machine front(DurableStore store, Handling handling) {
        var machine = new Machine(store, 0);
        machine.durable.registerElsewhere(SendInvoice.class, "send-invoice", 1, handling);
        return machine;
    }

    Invoices invoices() {
        return new Invoices(dispatcher, bus);
    }

    @Override
    public void close() {
        durable.close();
        dispatcher.close();
        bus.close();
    }
}
