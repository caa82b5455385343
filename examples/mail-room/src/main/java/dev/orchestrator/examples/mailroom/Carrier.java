package dev.orchestrator.examples.mailroom;

import dev.orchestrator.JobContext;
import dev.orchestrator.JobExecutor;
import java.io.IOException;
import java.time.Duration;

/**
 * Delivers letters: the executor, in the worker processes.
 *
 * <p>It may be killed at any point, and then another one does the same letter again. So what it does has to be harmless the
 * second time, as {@link Books#deliver} is.
 */
final class Carrier implements JobExecutor<DeliverLetter, Receipt> {
    private final String name;
    private final Books books;
    private final Duration walk;

    Carrier(String name, Books books, Duration walk) {
        this.name = name;
        this.books = books;
        this.walk = walk;
    }

    @Override
    public Receipt execute(DeliverLetter letter, JobContext context) throws Exception {
        books.noteRun(letter, name);
        Thread.sleep(walk);
        if (letter.isUndeliverable()) throw new UnknownAddressException();
        if (letter.isSmudged() && context.attempt() == 1) throw new IOException("the address is hard to read");
        books.deliver(letter, name);
        return new Receipt(name);
    }
}
