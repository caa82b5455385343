package dev.orchestrator.examples.mailroom;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Starts all processes, and kills a worker and then the front in the middle. Whoever is killed is started again. */
final class Show implements AutoCloseable {
    private static final int KILLED = 128 + 9;

    private final Screen screen;
    private final int letters;
    private final List<String> pace;
    private final Children children = new Children();
    private final ConcurrentHashMap<String, Process> workers = new ConcurrentHashMap<>();
    private final AtomicBoolean isOver = new AtomicBoolean();

    Show(Screen screen, int letters, boolean isFast) {
        this.screen = screen;
        this.letters = letters;
        this.pace = isFast ? List.of("--fast") : List.of();
    }

    /** Plays it; gives the exit code of the front, which reports at the end. */
    int play(int workerCount, boolean kills) throws IOException, InterruptedException {
        screen.status("A PostgreSQL is made ready ...");
        String url = startDatabase();
        for (int number = 1; number <= workerCount; number++) startWorker(url, "worker-" + number);
        screen.line("A PostgreSQL, %d workers and a front, each a process of its own; kill any worker or the front."
                .formatted(workerCount));
        var kill = kills ? new Kills(books(url)) : null;
        int exitCode = runFront(url, kill);
        while (exitCode == KILLED) {
            screen.line("Front: killed; another one takes its place.");
            exitCode = runFront(url, kill);
        }
        return exitCode;
    }

    private String startDatabase() throws IOException {
        String url = children.start("database").inputReader().readLine();
        if (url == null) throw new IOException("no PostgreSQL could be started, see above");
        return url;
    }

    private static Books books(String url) {
        var database = new PGSimpleDataSource();
        database.setUrl(url);
        database.setUser("postgres");
        return new Books(database);
    }

    private void startWorker(String url, String name) throws IOException {
        Process worker = children.start("worker", "--database", url, "--name", name, pace);
        workers.put(name, worker);
        worker.onExit().thenAccept(dead -> {
            if (dead.exitValue() != KILLED || isOver.get()) return;
            screen.line(name + ": killed; another one takes its place.");
            try {
                startWorker(url, name);
            } catch (IOException trouble) {
                throw new UncheckedIOException(trouble);
            }
        });
    }

    /** Shows what a front says; gives its exit code. */
    private int runFront(String url, @Nullable Kills kills) throws IOException, InterruptedException {
        Process front = children.start("front", "--plain", "--database", url, "--letters", letters, pace);
        Thread relay = Thread.ofVirtual()
                .start(() -> front.inputReader().lines().forEach(line -> {
                    if (line.startsWith("accepted")) screen.status(line);
                    else screen.line(line);
                    if (kills != null && !OnInterrupt.happened()) kills.look(front);
                }));
        int exitCode = front.waitFor();
        relay.join();
        return exitCode;
    }

    /** Kills whose turn has come; used by one thread after the other. */
    private final class Kills {
        private final Books books;
        private boolean hasKilledWorker;
        private boolean hasKilledFront;

        Kills(Books books) {
            this.books = books;
        }

        void look(Process front) {
            int booked = books.endings();
            if (!hasKilledWorker && booked > letters / 5) {
                hasKilledWorker = true;
                screen.line("kill -9 worker-1, with letters in its hands");
                kill(workers.get("worker-1"));
            }
            if (!hasKilledFront && booked > letters / 2) {
                hasKilledFront = true;
                screen.line("kill -9 front, while endings come in");
                kill(front);
            }
        }
    }

    /** By its handle: what it said until then can still be read. */
    private static void kill(Process process) {
        process.toHandle().destroyForcibly();
    }

    @Override
    public void close() {
        isOver.set(true);
        children.close();
    }
}
