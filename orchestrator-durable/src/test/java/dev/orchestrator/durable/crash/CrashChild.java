package dev.orchestrator.durable.crash;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Durable;
import dev.orchestrator.durable.DurableStore;
import dev.orchestrator.durable.Handling;
import dev.orchestrator.durable.JobFilter;
import dev.orchestrator.durable.JobState;
import dev.orchestrator.durable.crash.Deeds.Deed;
import dev.orchestrator.durable.crash.Deeds.DeedOne;
import dev.orchestrator.durable.crash.Deeds.DeedTwo;
import dev.orchestrator.durable.crash.Deeds.Done;
import dev.orchestrator.durable.crash.Deeds.DoomedException;
import dev.orchestrator.durable.crash.Deeds.Kind;
import dev.orchestrator.durable.crash.Deeds.Step;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A process that a test kills: it owns deeds, does deeds, or both. It says what it does, a line each, and obeys commands on
 * standard input; it ends with that, so that no child outlives its test.
 */
final class CrashChild {
    private static final long RUN_MILLIS = 4;

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final Map<String, String> options;
    private final int version;
    private final JumpingTime time = new JumpingTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final Durable durable;
    private final OrderWatch watch = new OrderWatch(bus, text -> say("violation " + text));
    private final CountDownLatch go = new CountDownLatch(1);

    private CrashChild(Map<String, String> options) throws SQLException {
        this.options = options;
        if (options.containsKey("table")) makeTable(Path.of(options.get("db")));
        version = number("version", 1);
        int workers = number("workers", 0);
        durable = Durable.builder(dispatcher)
                .store(store(options.get("db")))
                .workers(workers)
                .poll(Duration.ofMillis(number("poll", 50)))
                .lease(Duration.ofMillis(number("lease", 1_000)))
                .closeGrace(Duration.ofMillis(200))
                .mostCrashes(1_000) // a deed may be in a killed process again and again; that is no ending of it
                .build();
        durable.registerEvent(Step.class, "step", 1);
        register(workers > 0);
        durable.start();
    }

    /** Arguments are {@code name=value}. */
    public static void main(String[] arguments) throws Exception {
        var child = new CrashChild(Stream.of(arguments)
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> each[1])));
        Thread.ofPlatform().name("commands").start(child::obey);
        try {
            child.work();
        } catch (Throwable trouble) {
            trouble.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private int number(String name, int otherwise) {
        String value = options.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    private static DurableStore store(String database) {
        return database.startsWith("jdbc:postgresql:")
                ? DurableStore.postgres(database, "postgres", "")
                : DurableStore.sqlite(Path.of(database));
    }

    private void register(boolean doesThem) {
        var retry = JobOptions.builder()
                .retry(RetryPolicy.fixed(3, Duration.ofMillis(20)))
                .build();
        Handling handling = Handling.standard().options(retry);
        if (version == 1) {
            if (doesThem) durable.register(DeedOne.class, Deeds.NAME, 1, this::perform, handling);
            else durable.registerElsewhere(DeedOne.class, Deeds.NAME, 1, handling);
        } else {
            Handling upcasting = handling.upcast(1, json -> json.put("note", "from version 1"));
            if (doesThem) durable.register(DeedTwo.class, Deeds.NAME, 2, this::perform, upcasting);
            else durable.registerElsewhere(DeedTwo.class, Deeds.NAME, 2, upcasting);
        }
    }

    /** Takes up what there is, and dispatches the deeds that it is asked for. */
    private void work() throws Exception {
        if (number("owns", 0) == 0) {
            say("ready");
            return;
        }
        var owner = new DeedOwner(dispatcher, bus, durable, this::say);
        durable.takeUp(owner);
        say("ready");
        int from = number("from", 1);
        int to = number("to", 0);
        String kind = options.get("kind");
        watch.isUncertain("deed-" + from);
        for (int number = from; number <= to; number++) {
            Kind what = kind == null ? Kind.of(number) : Kind.valueOf(kind);
            owner.accept(version == 1 ? new DeedOne(number, what) : new DeedTwo(number, what, "new"));
        }
        say("dispatched");
    }

    private Done perform(Deed deed, JobContext context) throws Exception {
        String run = UUID.randomUUID().toString().substring(0, 8);
        say("began " + deed.id() + " " + run);
        context.emit(new Step(deed.id(), run, 1));
        if (deed.kind() == Kind.HELD) hold(deed, run);
        else go.await(RUN_MILLIS, TimeUnit.MILLISECONDS);
        context.emit(new Step(deed.id(), run, 2));
        if (deed.kind() == Kind.DOOMED) throw new DoomedException();
        if (deed.kind() == Kind.FLAKY && context.attempt() == 1) throw new IOException("flaky");
        say("did " + deed.id() + " " + run);
        return new Done(run, version);
    }

    private void hold(Deed deed, String run) throws InterruptedException {
        say("held " + deed.id() + " " + run);
        try {
            go.await();
        } finally {
            say("left " + deed.id() + " " + run);
        }
    }

    private void say(String line) {
        out.print(line.replace('\n', ' ') + "\n");
        out.flush();
    }

    /** What the test makes where it can see the database. */
    private static void makeTable(Path file) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            statement.execute("create table crash_handled (id text not null, outcome text not null)");
        }
    }

    // ---- commands ----

    private void obey() {
        try (var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line; (line = commands.readLine()) != null; ) obey(line.split(" "));
        } catch (IOException gone) {
            // as if the test had closed it
        }
        Runtime.getRuntime().halt(0);
    }

    private void obey(String[] command) throws IOException {
        switch (command[0]) {
            case "go" -> go.countDown();
            case "jump" -> time.jump(Duration.ofMinutes(Long.parseLong(command[1])));
            case "fill" -> fill(Path.of(command[1]));
            case "free" -> Files.delete(Path.of(command[1]));
            case "count" -> say("states " + states());
            case "close" -> {
                durable.close();
                say("closed");
            }
            default -> throw new IllegalArgumentException(command[0]);
        }
        say("done " + command[0]);
    }

    /** How many are in each state that has some. */
    private Map<JobState, Long> states() {
        var counts = new EnumMap<>(durable.jobs().counts(JobFilter.all()));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    /** Writes until the disk is full. */
    private static void fill(Path file) {
        try (var stream = new FileOutputStream(file.toFile())) {
            byte[] page = new byte[4096];
            while (true) stream.write(page);
        } catch (IOException full) {
            // that is what it was for
        }
    }
}
