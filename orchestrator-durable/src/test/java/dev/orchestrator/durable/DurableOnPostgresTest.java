package dev.orchestrator.durable;

/** {@link DurableBehaviour} on PostgreSQL. */
class DurableOnPostgresTest extends DurableBehaviour {
    private final DurableStore store = PostgresServer.shared().newStore();

    @Override
    DurableStore store() {
        return store;
    }
}
