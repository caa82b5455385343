package dev.orchestrator.durable;

import dev.orchestrator.BaseEvent;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Engines on one real database, each with a dispatcher and kinds of its own, as in as many processes. */
final class EngineWorld implements AutoCloseable {
    static final Settings SETTINGS = new Settings(
            4, Duration.ofMillis(20), Duration.ofSeconds(20), Duration.ofDays(7), Duration.ofSeconds(5), 3);

    static Settings withLease(Duration lease) {
        return new Settings(4, SETTINGS.poll(), lease, SETTINGS.keep(), SETTINGS.grace(), SETTINGS.mostCrashes());
    }

    static Settings withGrace(Duration grace) {
        return new Settings(4, SETTINGS.poll(), SETTINGS.lease(), SETTINGS.keep(), grace, SETTINGS.mostCrashes());
    }

    /** An event that is registered. */
    static final class Printed extends BaseEvent {
        final String text;

        Printed(String id, String text) {
            super(id);
            this.text = text;
        }
    }

    /** An event that is not. */
    record Unknown() implements Event {}

    /** One process. */
    final class Process implements AutoCloseable {
        final String node;
        final WhatWasTold told = new WhatWasTold();
        final SpyStore spy = new SpyStore(store);
        final SignalBus bus = SignalBus.scoped();
        final List<TextKind> kinds = new CopyOnWriteArrayList<>();
        final Engine engine;

        Process(String node, Settings settings) {
            this.node = node;
            engine = new Engine(
                    spy.store,
                    settings,
                    new Store.Node(node, "here", numbers.incrementAndGet(), 1),
                    () -> kinds,
                    new TextPayloads(),
                    EngineWorld::encoded,
                    bus,
                    told);
        }

        /** Registers a kind at a dispatcher of its own. */
        TextKind add(String name, JobOptions options, JobExecutor<TextKind.Text, String> executor) {
            var kind = new TextKind(name, Dispatcher.create(bus), options, executor);
            kinds.add(kind);
            engine.kindsChanged();
            return kind;
        }

        Process start() {
            engine.start();
            return this;
        }

        /** Dispatches a job whose reader this process is. */
        void dispatch(String type, String id, String payload) {
            dispatch(job(type, id, payload, node));
        }

        void dispatch(Store.NewJob job) {
            store.dispatch(job);
            engine.wake();
        }

        @Override
        public void close() {
            engine.close();
            kinds.forEach(kind -> kind.dispatcher.close());
        }
    }

    final Store store;
    private final List<Process> processes = new ArrayList<>();
    private final AtomicInteger numbers = new AtomicInteger();

    EngineWorld(DurableStore where) {
        store = JdbcStore.open(where, SETTINGS);
    }

    /**
     * On a database of its own: in memory, or a new schema of the PostgreSQL database whose JDBC address is the system property
     * {@code orchestrator.test.postgres}.
     */
    static EngineWorld create() {
        String url = System.getProperty("orchestrator.test.postgres");
        return new EngineWorld(url == null ? DurableStore.inMemory() : schemaOf(url));
    }

    private static DurableStore schemaOf(String url) {
        String schema = "test_" + Long.toString(System.nanoTime(), 36);
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement create = connection.prepareStatement("create schema " + schema)) {
            create.execute();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        String separator = url.contains("?") ? "&" : "?";
        return DurableStore.postgres(url + separator + "currentSchema=" + schema, "postgres", "");
    }

    Process process(String node) {
        return process(node, SETTINGS);
    }

    Process process(String node, Settings settings) {
        var process = new Process(node, settings);
        processes.add(process);
        return process;
    }

    static EncodedEvent encoded(Event event) {
        if (event instanceof Printed printed) return new EncodedEvent("printed", 1, printed.text);
        throw new IllegalArgumentException("events of " + event.getClass() + " are not registered");
    }

    static Store.NewJob job(String type, String id, String payload, String reader) {
        return job(type, id, payload, reader, null, null);
    }

    static Store.NewJob job(String type, String id, String payload, String reader, Duration timeout, Store.Key key) {
        return job(type, id, payload, reader, timeout, key, 0);
    }

    static Store.NewJob urgent(String type, String id, String payload, String reader, int priority) {
        return job(type, id, payload, reader, null, null, priority);
    }

    private static Store.NewJob job(
            String type, String id, String payload, String reader, Duration timeout, Store.Key key, int priority) {
        return new Store.NewJob(
                id,
                type,
                1,
                payload,
                "{}",
                priority,
                Duration.ZERO,
                null,
                timeout,
                key,
                null,
                reader,
                true,
                false,
                null,
                List.of());
    }

    DurableJob find(String id) {
        return store.find(id).orElseThrow();
    }

    /** Waits until that changes a row. */
    void awaitRow(String sql) throws SQLException {
        long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (change(sql) == 0) {
            if (System.nanoTime() - limit > 0) throw new AssertionError("there is no row");
            Thread.onSpinWait();
        }
    }

    /** Changes rows behind the engine's back; the queue's times are written as {@code TIME(?)}. */
    int change(String sql, Object... values) throws SQLException {
        String time = store.isPostgres() ? "to_timestamp(cast(? as bigint) / 1000.0)" : "?";
        try (Connection connection = store.queue().getConnection();
                PreparedStatement statement = connection.prepareStatement(sql.replace("TIME(?)", time))) {
            for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
            return statement.executeUpdate();
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::close);
        store.close();
    }
}
