package dev.orchestrator.examples.mailroom;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Durable;

/**
 * The mail room: it takes letters in, and books what became of each.
 *
 * <p>Its state is in memory, and is made again from the books when it is started again. Its letters are durable jobs: those
 * that were under way when it died are its own again, and it is told the endings that it missed.
 */
final class MailRoom extends BaseOrchestrator<MailRoomState> {
    static final String NAME = "mail-room";

    private final Durable durable;
    private final Books books;

    MailRoom(MailRoomState initial, Dispatcher dispatcher, SignalBus bus, Durable durable, Books books) {
        super(initial, dispatcher, bus);
        this.durable = durable;
        this.books = books;
        on(DeliverLetter.class).ended(this::book);
    }

    /** The same in each life: by that its jobs are found again. */
    @Override
    public String name() {
        return NAME;
    }

    /** Takes a letter in: on disk when this returns. */
    void accept(DeliverLetter letter) {
        dispatch(letter, JobOptions.builder().id(letter.id()).build());
        update(MailRoomState::withAccepted);
    }

    /** Acknowledges the ending and books it, both in one transaction: so it is booked once, whenever this process dies. */
    private void book(DeliverLetter letter, JobResult<Receipt> result) {
        boolean isFirst = books.inTransaction(connection -> {
            if (!durable.acknowledge(connection, letter.id())) return false;
            books.enter(connection, letter, outcome(result));
            return true;
        });
        if (isFirst) update(state -> after(state, result));
    }

    private static MailRoomState after(MailRoomState state, JobResult<Receipt> result) {
        return result instanceof JobResult.Success<Receipt>(Receipt receipt)
                ? state.withSent(receipt.worker())
                : state.withFailed();
    }

    /** Who delivered it; {@link Books#FAILED} if nobody could. */
    private static String outcome(JobResult<Receipt> result) {
        return result instanceof JobResult.Success<Receipt>(Receipt receipt) ? receipt.worker() : Books.FAILED;
    }
}
