package dev.orchestrator.examples.mailroom;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL of this program's own, from the programs on its class path; all of it is gone when it is closed. */
final class Postgres implements AutoCloseable {
    private static final List<String> ARCHIVES = List.of(
            "postgres-linux-x86_64.txz",
            "postgres-linux-arm_64.txz",
            "postgres-darwin-x86_64.txz",
            "postgres-darwin-arm_64.txz");
    private static final long PATIENCE_SECONDS = 30;

    private final Path folder;
    private final int port;
    private @Nullable Process server; // null until it is started

    private Postgres(Path folder) throws IOException {
        this.folder = folder;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    /** Unpacks and starts one; returns when it is ready. */
    static Postgres start() throws IOException, InterruptedException {
        var postgres = new Postgres(Files.createTempDirectory("mail-room"));
        try {
            postgres.unpack();
            postgres.begin();
            return postgres;
        } catch (Throwable trouble) {
            postgres.close();
            throw trouble;
        }
    }

    private void begin() throws IOException, InterruptedException {
        run(program("initdb", "-D", data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"));
        server = new ProcessBuilder(program(
                        "postgres",
                        "-D",
                        data(),
                        "-p",
                        Integer.toString(port),
                        "-k",
                        "",
                        "-c",
                        "listen_addresses=localhost"))
                .redirectErrorStream(true)
                .start();
        awaitReady(server);
    }

    String url() {
        return "jdbc:postgresql://localhost:" + port + "/postgres";
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private void unpack() throws IOException, InterruptedException {
        Path archive = folder.resolve("programs.txz");
        try (var packed = ARCHIVES.stream()
                .map(Postgres.class.getClassLoader()::getResourceAsStream)
                .filter(found -> found != null)
                .findFirst()
                .orElseThrow(() -> new IOException("there is no PostgreSQL for this kind of machine"))) {
            Files.copy(packed, archive);
        }
        run(List.of("tar", "-xJf", archive.toString(), "-C", folder.toString()));
    }

    /** PostgreSQL refuses to run as root; in a user namespace of its own it is not. */
    private List<String> program(String name, String... arguments) {
        var command = new ArrayList<String>();
        if (System.getProperty("user.name").equals("root")) command.addAll(List.of("unshare", "--user"));
        command.add(folder.resolve("bin").resolve(name).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) throw new IOException(String.join(" ", command) + " failed: " + output);
    }

    /** The server says so, and from then on somebody has to read what it says. */
    private static void awaitReady(Process server) throws IOException {
        var lines = server.inputReader();
        String line;
        do {
            line = lines.readLine();
            if (line == null) throw new IOException("PostgreSQL ended before it was ready");
        } while (!line.contains("ready to accept connections"));
        Thread.ofVirtual().start(() -> lines.lines().forEach(ignored -> {}));
    }

    @Override
    public void close() throws IOException {
        if (server != null) end(server);
        try (var all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
        }
    }

    private static void end(Process server) {
        server.toHandle().destroy(); // by its handle: its last words are still read
        try {
            if (!server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) server.destroyForcibly();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
