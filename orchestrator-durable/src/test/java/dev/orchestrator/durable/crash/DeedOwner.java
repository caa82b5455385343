package dev.orchestrator.durable.crash;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Durable;
import dev.orchestrator.durable.DurableStoreException;
import dev.orchestrator.durable.crash.Deeds.Deed;
import dev.orchestrator.durable.crash.Deeds.DeedOne;
import dev.orchestrator.durable.crash.Deeds.DeedTwo;
import dev.orchestrator.durable.crash.Deeds.Done;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Owns deeds; writes each ending into a table of its own, in the transaction that acknowledges it. */
final class DeedOwner extends BaseOrchestrator<Integer> {
    static final String NAME = "deed-owner";

    private static final long PAUSE_NANOS = 20_000_000;

    private final Durable durable;
    private final Consumer<String> say;

    DeedOwner(Dispatcher dispatcher, SignalBus bus, Durable durable, Consumer<String> say) {
        super(0, dispatcher, bus);
        this.durable = durable;
        this.say = say;
        on(DeedOne.class).ended(this::handle);
        on(DeedTwo.class).ended(this::handle);
    }

    @Override
    public String name() {
        return NAME;
    }

    /** Dispatches it until the answer is certain. */
    void accept(Deed deed) {
        while (true) {
            try {
                dispatch(deed, JobOptions.builder().id(deed.id()).build());
                break;
            } catch (DurableStoreException uncertain) {
                say.accept("trouble dispatch " + uncertain.getMessage());
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (IllegalStateException underWay) {
                break; // it was stored in an earlier life, and taken up again
            }
        }
        say.accept("accepted " + deed.id());
    }

    private void handle(Deed deed, JobResult<Done> result) {
        String outcome = result instanceof JobResult.Success<Done>(Done done)
                ? "SUCCEEDED " + done.run()
                : result.getClass().getSimpleName();
        while (true) {
            try {
                if (handled(deed.id(), outcome)) say.accept("handled " + deed.id());
                return;
            } catch (SQLException
                    | RuntimeException trouble) { // the database is away; an ending must not be lost by that
                say.accept("trouble handle " + trouble.getMessage());
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private boolean handled(String id, String outcome) throws SQLException {
        try (var connection = durable.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            try (var insert = connection.prepareStatement("insert into crash_handled (id, outcome) values (?, ?)")) {
                if (!durable.acknowledge(connection, id)) {
                    connection.rollback();
                    return false;
                }
                insert.setString(1, id);
                insert.setString(2, outcome);
                insert.executeUpdate();
                connection.commit();
                return true;
            } catch (Throwable trouble) {
                connection.rollback();
                throw trouble;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }
}
