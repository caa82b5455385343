package dev.orchestrator.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A PostgreSQL server of this process that waits for the disk, as it does where it is installed. */
final class PostgresServer implements AutoCloseable {
    static final String USER = "postgres";

    private final EmbeddedPostgres server;
    private final Path data;
    private int databases;

    PostgresServer(Path folder) throws IOException {
        data = folder.resolve("postgres");
        Files.createDirectories(folder);
        server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(true)
                // The artifact's own defaults are for tests, which need not survive anything.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "256MB")
                .setServerConfig("max_wal_size", "4GB")
                .setPGStartupWait(Duration.ofMinutes(1))
                .start();
    }

    /** An empty database. */
    Place make() {
        String name = "jobs" + ++databases;
        place(USER).run("create database " + name);
        return place(name);
    }

    /** Its pages are on disk, so that nobody pays for what others wrote. */
    void checkpoint() {
        place(USER).run("checkpoint");
    }

    String version() {
        return "PostgreSQL " + place(USER).count("select current_setting('server_version_num')::int / 10000") + "."
                + place(USER).count("select current_setting('server_version_num')::int % 10000");
    }

    /** Of the server's first process. */
    long pid() throws IOException {
        return Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
    }

    private Place place(String name) {
        return new Place("jdbc:postgresql://localhost:" + server.getPort() + "/" + name);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
