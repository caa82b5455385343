package dev.orchestrator.examples.mailroom;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Durable;
import dev.orchestrator.durable.Handling;
import java.time.Duration;

/** What each process has: a bus, a dispatcher, the durable jobs in the database and the books beside them. */
final class Office implements AutoCloseable {
    /** The stable name of the jobs: it stays when the class is renamed. */
    private static final String DELIVER_LETTER = "deliver-letter";

    private static final int VERSION = 1;

    final SignalBus bus = SignalBus.scoped();
    final Dispatcher dispatcher = Dispatcher.create(bus);
    final Durable durable;
    final Books books;

    private final Pace pace;

    /** Opens it; {@code atOnce} is how many letters it delivers at the same time. */
    Office(SharedOptions options, int atOnce) {
        pace = options.pace();
        durable = Durable.builder(dispatcher)
                .store(options.store())
                .workers(atOnce)
                .poll(pace.poll())
                .lease(pace.lease())
                .build();
        books = new Books(durable.dataSource());
        books.open();
    }

    /** Begins to deliver letters. */
    void deliver(String worker) {
        var retry = RetryPolicy.exponential(3, pace.walk());
        var handling =
                Handling.standard().options(JobOptions.builder().retry(retry).build());
        durable.register(
                DeliverLetter.class, DELIVER_LETTER, VERSION, new Carrier(worker, books, pace.walk()), handling);
        durable.start();
    }

    /** Letters are only taken in here, and delivered by others. */
    void deliverElsewhere() {
        durable.registerElsewhere(DeliverLetter.class, DELIVER_LETTER, VERSION, Handling.standard());
    }

    Duration tick() {
        return pace.tick();
    }

    int lettersPerTick() {
        return pace.lettersPerTick();
    }

    @Override
    public void close() {
        durable.close();
        dispatcher.close();
        bus.close();
    }
}
